"""Measured cultures and the mechanistic culture joined: which lots to simulate, and what each reading is compared with.

Donors that were given the same share a condition; what a table does not state stands as in the protocol.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.evidence.distributions import LogNormal
from thymos.io.culture_table import CONDITIONS, CultureTable, Reading
from thymos.lang.errors import DataError, StudyError
from thymos.therapy.culture import SOURCES, culture_program, lot_models
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.sampling import fill, nominal, values_of
from thymos.therapy.switches import indicators
from thymos.therapy.targets.prior import Prior, of_ranges

if TYPE_CHECKING:
    from thymos.engine import Program
    from thymos.evidence.values import Value

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
# Counts scatter by a tenth or more: a relative error of 1e-6 (measured on the grids) is none.
RTOL, ATOL = 1e-4, 1e-6

# What the answer to each condition rests on: free where a table varies it.
ANSWERS = {
    "scf": ("cytokines.scf_lack", "cytokines.scf_half"),
    "il7": ("cytokines.il7_lack", "cytokines.il7_half"),
    "il3": ("cytokines.il3_lack", "cytokines.il3_half"),
    "flt3l": ("cytokines.flt3l_lack", "cytokines.flt3l_half"),
    "tnf": ("cytokines.tnfr2_half", "cytokines.tnfr1_half", "progenitors.protection"),
    "il15": ("cytokines.il15_half",),
    "dl4": ("notch.clinical_activity", "notch.steepness", "progenitors.myeloid_odds"),
    "day": ("progenitors.specification", "progenitors.cd34_loss"),
}
GROWTH = "progenitors.growth"
CD5 = "_cd5"  # ends the names of parameters of CD7+CD5+ cells alone
ASSAY = "cytokines.il3_context=assay"


def readout_units() -> dict[str, str]:
    """Unit of everything that a culture is read for, by name."""
    return {o.name: o.unit for o in culture_program("cord-blood").outputs}


@dataclass(frozen=True)
class MeasuredCulture:
    """Readings of one table with the lots that predict them.

    readings   : what is compared, in the order of the table
    conditions : what each lot is given, by name in the protocol's units
    days       : days on which anything was read (day,)
    graft      : source of the cells, all donors
    """

    readings: tuple[Reading, ...]
    protocol: CultureProtocol
    conditions: tuple[Mapping[str, float], ...]
    days: Floats
    graft: str
    switches: Mapping[str, float]

    @property
    def donors(self) -> tuple[str, ...]:
        """Names, each once."""
        return tuple(dict.fromkeys(r.donor for r in self.readings))

    @property
    def readouts(self) -> tuple[str, ...]:
        """Kinds of reading, each once."""
        return tuple(dict.fromkeys(r.readout for r in self.readings))

    @property
    def scaled(self) -> bool:
        """Whether the table says how many cells were seeded: else yields are relative."""
        return all("seeded_cd34" in given for given in self.conditions)

    @cached_property
    def program(self) -> Program:
        """The compiled culture."""
        return culture_program(self.graft)

    def day(self, r: Reading) -> float:
        """Day of a reading; that of the harvest where the table does not say."""
        return r.conditions.get("day", self.protocol.days)

    @cached_property
    def cells(self) -> Whole:
        """Place of each reading's prediction among those of all lots, days and readouts (reading,)."""
        lots = [self.conditions.index(_given(r)) for r in self.readings]
        days = np.searchsorted(self.days, [self.day(r) for r in self.readings])
        kinds = [self.readouts.index(r.readout) for r in self.readings]
        shape = (len(self.conditions), len(self.days), len(self.readouts))
        return np.asarray(np.ravel_multi_index((lots, days, kinds), shape), dtype=np.int64)

    def parameters(self, values: Mapping[str, Floats]) -> Floats:
        """The engine's table (parameter, lot of every vector) with values by full name (vector,)."""
        n = max((np.size(x) for x in values.values()), default=1)
        lots = len(self.conditions)
        standing = self.protocol.covariates()
        given = {
            name: np.tile([c.get(name, standing[name]) for c in self.conditions], n)
            for name in CONDITIONS
            if name in standing
        }
        il3 = {ASSAY: np.tile([float("il3" in c) for c in self.conditions], n)}
        spread = {name: np.repeat(np.broadcast_to(x, n), lots) for name, x in values.items()}
        models = nominal(lot_models(self.graft), n * lots)
        return fill(self.program, n * lots, models, standing, given, il3, self.switches, spread)


@dataclass(frozen=True)
class CulturePredictor:
    """Logarithms of the readouts of every lot, for logarithms of the free parameters."""

    measured: MeasuredCulture
    free: tuple[str, ...]
    workers: int = 1

    def values(self, logs: Floats) -> Floats:
        """(vector, parameter) to (vector, lot x day x readout); NaN for lots that fail."""
        m = self.measured
        s = m.program.solve(self._table(logs), m.days, rtol=RTOL, atol=ATOL, workers=self.workers)
        y = s.outputs[:, :, self._columns]
        y[s.status != 0] = np.nan
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.log(y).reshape(len(logs), -1))

    def slopes(self, logs: Floats) -> tuple[Floats, Floats]:
        """The values, and their slopes in the logarithms (vector, lot x day x readout, parameter)."""
        from thymos.engine.sensitivity import sensitivities

        m = self.measured
        table = self._table(logs)
        s = sensitivities(m.program, table, m.days, self.free, rtol=RTOL, atol=ATOL, workers=self.workers)
        y, slopes = s.outputs[:, :, self._columns], s.slopes[:, :, self._columns]
        own = np.repeat(np.exp(logs), len(m.conditions), axis=0)[:, None, None, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = slopes * own / y[..., None]
            return np.log(y).reshape(len(logs), -1), relative.reshape(len(logs), -1, len(self.free))

    @property
    def _columns(self) -> list[int]:
        return [self.measured.program.output_index(name) for name in self.measured.readouts]

    def _table(self, logs: Floats) -> Floats:
        with np.errstate(over="ignore"):
            values = np.exp(logs)
        return self.measured.parameters({name: values[:, i] for i, name in enumerate(self.free)})


def measured_culture(
    table: CultureTable,
    protocol: CultureProtocol,
    graft: str | None = None,
    switches: Mapping[str, str] | None = None,
) -> MeasuredCulture:
    """The readings of a table, with the lots that predict them.

    graft    : source of all donors where the table has none
    switches : choices by name
    """
    if not table.kept:
        raise DataError(table.name, "at least one reading that is not excluded", "none")
    for r in table.kept:
        if r.value == 0:
            raise DataError(
                f"{table.name}, row {r.row}, column value", "a value above 0, to stand on a log scale", "0",
                "give the detection limit, or a reason in the column exclude",
            )  # fmt: skip
    # What is excluded is predicted all the same, to be shown beside what was read.
    readings = tuple(r for r in table.readings if r.value > 0)
    source = _graft(table, readings, graft)
    conditions = list({tuple(sorted(_given(r).items())): _given(r) for r in readings}.values())
    _check_known(table, conditions, protocol)
    days = np.unique([r.conditions.get("day", protocol.days) for r in readings])
    chosen = indicators(lot_models(source), switches or {})
    return MeasuredCulture(readings, protocol, tuple(conditions), days, source, chosen)


def _given(r: Reading) -> dict[str, float]:
    return {name: x for name, x in r.conditions.items() if name != "day"}


def _check_known(
    table: CultureTable, conditions: Sequence[Mapping[str, float]], protocol: CultureProtocol
) -> None:
    """Refuse a condition that the culture's model does not have."""
    for name in dict.fromkeys(name for given in conditions for name in given):
        if name not in protocol.covariates():
            raise DataError(f"{table.name}, column {name}", "a condition that the culture's model has", name)


def _graft(table: CultureTable, readings: Sequence[Reading], graft: str | None) -> str:
    found = {r.graft: r for r in readings}
    names = {name or graft or "" for name in found}
    if len(names) > 1:
        r = list(found.values())[1]
        where = f"{table.name}, row {r.row}, column graft"
        raise DataError(where, "one graft in one fit", ", ".join(sorted(names)), "fit each source on its own")
    (source,) = names
    if source not in SOURCES:
        where = f"{table.name}, row {readings[0].row}, column graft"
        raise DataError(where, f"one of {', '.join(SOURCES)}", source or "an empty cell", "or give --graft")
    return source


def answering(measured: MeasuredCulture, names: Sequence[str] = ()) -> dict[str, Value]:
    """Rows of the free parameters: the named ones, or growth and what the varied conditions rest on.

    Raises `StudyError` for an unknown name.
    """
    rows = values_of(lot_models(measured.graft))
    if odd := [name for name in names if name not in rows]:
        raise StudyError(
            "option --free", f"parameters as `thymos explain` names them, {', '.join(rows)}", odd[0]
        )
    wanted = names or (GROWTH, *(p for name in _varied(measured) for p in ANSWERS.get(name, ())))
    found = {name: rows[name] for name in wanted if name in rows}
    if names or not any("cd5" in readout for readout in measured.readouts):
        return found
    return found | {name + CD5: rows[name + CD5] for name in found if name + CD5 in rows}


def _varied(measured: MeasuredCulture) -> list[str]:
    """Conditions of which a table has more than one value, in the order of `ANSWERS`."""
    found = [n for n in ANSWERS if len({given[n] for given in measured.conditions if n in given}) > 1]
    return [*found, "day"] if len(measured.days) > 1 else found


def priors(rows: Mapping[str, Value]) -> dict[str, Prior]:
    """Before the fit: what the rows say is plausible, nothing of the values in them."""
    return of_ranges(rows)


def donor_effects(rows: Mapping[str, Value]) -> dict[tuple[str, ...], float | str]:
    """What differs between donors, and the standard deviation of its logarithm.

    Growth and whatever else has a `variability` differs as its row says; cytokine losses differ by an unknown
    amount that all of them share. A donor whose CD5- cells need a cytokine more has CD5+ cells that do.
    """
    found: dict[tuple[str, ...], float | str] = {}
    for name, row in rows.items():
        if isinstance(row.variability, LogNormal):
            found[name,] = row.variability.sd
        elif name.endswith("_lack"):
            found[tuple(n for n in (name, name + CD5) if n in rows)] = "effect_sd"
    return found
