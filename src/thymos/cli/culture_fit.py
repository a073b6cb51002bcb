"""Joins the hierarchical fit of `inference` with the measured cultures of `therapy`; no science of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.evidence.datasets import cytokine_grids
from thymos.inference.ensemble import Piece, Plan
from thymos.inference.grouped import EFFECT_SCALE, Grouped, readings_of
from thymos.inference.hierarchy import Effect, Hierarchy, shared_of
from thymos.inference.predictive import Predictive, predictive
from thymos.inference.profile import profile
from thymos.inference.sampled import Sampled, sample_posterior
from thymos.io.atomic import write_text
from thymos.io.chain_folder import ChainFolder
from thymos.io.culture_table import CultureTable, read_culture_table
from thymos.lang.errors import DataError
from thymos.therapy.culture_protocol import PROTOCOLS
from thymos.therapy.draws import Draws, draws_of
from thymos.therapy.measured_culture import (
    CulturePredictor,
    MeasuredCulture,
    answering,
    donor_effects,
    measured_culture,
    priors,
    readout_units,
)

if TYPE_CHECKING:
    from thymos.evidence.values import Value

Floats = NDArray[np.float64]
Tick = Callable[[int, int, str], None]
SHIPPED = "cytokine-grids"
# Of the logarithm. Nothing is known of a count's scale unless the number seeded is; harvest and gating leave a half.
UNKNOWN_SCALE, KNOWN_SCALE = 10.0, 0.5


@dataclass(frozen=True)
class Fit:
    """A measured culture, its free rows, and the posterior that joins them."""

    measured: MeasuredCulture
    rows: dict[str, Value]
    effects: tuple[Effect, ...]
    posterior: Grouped


def load(data: str, donors: tuple[str, ...] = ()) -> CultureTable:
    """The shipped grids or a file; of some donors, where they are named."""
    shipped = data == SHIPPED
    if shipped:
        cytokine_grids.CODEBOOK.read()
    table = read_culture_table(cytokine_grids.CODEBOOK.file if shipped else Path(data), readout_units())
    if odd := [name for name in donors if name not in table.donors]:
        raise DataError(f"{table.name}, option --donor", f"one of {', '.join(table.donors)}", odd[0])
    return replace(table, readings=tuple(r for r in table.readings if not donors or r.donor in donors))


def measure(
    table: CultureTable, graft: str | None = None, days: float = 7.0, depletion: bool = False
) -> MeasuredCulture:
    """The lots that predict the table under the clinical protocol, apart from what the table states."""
    switches = {} if depletion else {"cytokine_depletion": "off"}
    return measured_culture(table, replace(PROTOCOLS["dl4-7d"], days=days), graft, switches)


def prepare(
    measured: MeasuredCulture,
    free: tuple[str, ...] = (),
    workers: int = 1,
    seen: NDArray[np.bool_] | None = None,
) -> Fit:
    """The posterior; `seen` says which readings enter the fit, those that are not excluded unless given."""
    rows = answering(measured, free)
    effects = tuple(Effect(names, sd) for names, sd in donor_effects(rows).items())
    readings = measured.readings
    data, donors, scales = readings_of(
        np.log([r.value for r in readings]),
        [r.donor for r in readings],
        measured.cells,
        [r.readout for r in readings],
        [r.plate for r in readings],
        [r.well or str(sorted(r.conditions.items())) for r in readings],
        _levels(measured),
        np.array([not r.exclude for r in readings]) if seen is None else seen,
    )
    unknown = {"effect_sd": EFFECT_SCALE} if any(e.sd == "effect_sd" for e in effects) else {}
    hierarchy = Hierarchy(shared_of(priors(rows)), donors, effects, unknown | scales)
    predictor = CulturePredictor(measured, tuple(rows), workers)
    return Fit(measured, rows, effects, Grouped(hierarchy, data, predictor))


def _levels(measured: MeasuredCulture) -> dict[str, float]:
    """How far off all readings of a kind may be: counts by any factor, where nobody knows what was seeded."""
    free = {r.readout for r in measured.readings if r.unit == "cell"} if not measured.scaled else set()
    return {name: UNKNOWN_SCALE if name in free else KNOWN_SCALE for name in measured.readouts}


@dataclass(frozen=True)
class _Keeper:
    folder: ChainFolder

    def get(self, ensemble: int, number: int) -> Piece | None:
        kept = self.folder.read(ensemble, number)
        return None if kept is None else Piece(*kept)

    def put(self, ensemble: int, number: int, piece: Piece) -> None:
        self.folder.write(ensemble, number, piece.x, piece.log_density)


def run(
    fit: Fit, seed: int, draws: int, pieces: int, profiled: bool, out: Path | None, tick: Tick
) -> dict[str, Any]:
    """Sample, predict and, where asked, profile; files are written under `out`."""
    plan = Plan(pieces=pieces)
    keeper = _Keeper(ChainFolder.of(out / "chains", _digest(fit, seed, plan))) if out else None
    sampled = sample_posterior(fit.posterior, seed, plan, draws, keeper, tick)
    predicted = predictive(fit.posterior, sampled.x, seed)
    profiles = _profiles(fit, sampled, tick) if profiled else {}
    found = _summary(fit, sampled, predicted, profiles, seed)
    if out:
        draws_in(fit, sampled).write(out / "posterior.parquet", fit.rows)
        write_text(out / "summary.json", json.dumps(found, indent=1, allow_nan=False) + "\n")
    return found


def draws_in(fit: Fit, sampled: Sampled) -> Draws:
    """The draws as changes that simulated lots take."""
    return draws_of(sampled.x, sampled.names, [(e.names, e.sd) for e in fit.effects])


def _digest(fit: Fit, seed: int, plan: Plan) -> str:
    """Of all that decides the chains; a model or a value that changed shows in what it predicts."""
    d, h = fit.posterior.readings, fit.posterior.hierarchy
    asked = repr((d.value.tolist(), d.seen.tolist(), d.columns, h, seed, plan))
    return hashlib.sha256(asked.encode() + fit.posterior.predicted(h.start[None]).tobytes()).hexdigest()


def _profiles(fit: Fit, sampled: Sampled, tick: Tick) -> dict[str, dict[str, Any]]:
    found = {}
    for place, (name, prior) in enumerate(priors(fit.rows).items()):
        tick(place, len(fit.rows), "profiles")
        p = profile(fit.posterior, sampled.mode, place, prior.low, prior.high)
        found[name] = {
            "verdict": p.verdict,
            "low": p.low if np.isfinite(p.low) else None,
            "high": p.high if np.isfinite(p.high) else None,
            "value": p.value.tolist(),
            "drop": p.drop.tolist(),
        }
    tick(len(fit.rows), len(fit.rows), "profiles")
    return found


def _summary(
    fit: Fit, sampled: Sampled, predicted: Predictive, profiles: dict[str, dict[str, Any]], seed: int
) -> dict[str, Any]:
    m, known = fit.measured, priors(fit.rows)
    place = {name: i for i, name in enumerate(sampled.names)}

    def spread(x: Floats) -> dict[str, float]:
        low, median, high = np.quantile(x, [0.025, 0.5, 0.975])
        return {"median": float(median), "low": float(low), "high": float(high)}

    def checks(name: str) -> dict[str, float]:
        return {"rhat": sampled.rhat[name], "effective": sampled.effective[name]}

    parameters = {
        name: {
            "text": row.text,
            "unit": row.unit,
            **spread(np.exp(sampled.x[:, place[name]])),
            "mode": float(np.exp(sampled.mode.x[place[name]])),
            "prior_low": known[name].low,
            "prior_high": known[name].high,
            "stands": row.value,
            **checks(name),
            **({"profile": profiles[name]} if name in profiles else {}),
        }
        for name, row in fit.rows.items()
    }
    donors = {
        f"{e.name}@{d}": spread(factor)
        for d in m.donors
        for e in fit.effects
        for factor in [draws_in(fit, sampled).factors[d, e.name]]
    }
    spreads = {
        name: {**spread(np.exp(sampled.x[:, place[name]])), **checks(name)}
        for name in fit.posterior.hierarchy.spreads
    }
    return {
        "seed": seed,
        "graft": m.graft,
        "donors": list(m.donors),
        "readings": int(fit.posterior.readings.seen.sum()),
        "left_out": int((~fit.posterior.readings.seen).sum()),
        "relative": not m.scaled,
        "parameters": parameters,
        "donor_factors": donors,
        "spreads": spreads,
        "sampling": {
            "draws": len(sampled.x),
            "rhat": max(sampled.rhat.values()),
            "effective": min(sampled.effective.values()),
            "corrected": sampled.corrected,
            "stand_in_error": sampled.error,
            "rounds": sampled.rounds,
        },
        "wells": _wells(fit, predicted),
    }


def _wells(fit: Fit, predicted: Predictive) -> list[dict[str, Any]]:
    level = np.exp(np.quantile(predicted.level, [0.025, 0.5, 0.975], axis=0))
    again = np.exp(np.quantile(predicted.again, [0.025, 0.1, 0.9, 0.975], axis=0))
    return [
        {
            "row": r.row,
            "donor": r.donor,
            "plate": r.plate,
            "well": r.well,
            "day": fit.measured.day(r),
            "readout": r.readout,
            "unit": r.unit,
            "conditions": {k: v for k, v in r.conditions.items() if k != "day"},
            "value": r.value,
            "exclude": r.exclude,
            "level": dict(zip(("low", "median", "high"), level[:, i].tolist(), strict=True)),
            "reading": dict(zip(("low95", "low80", "high80", "high95"), again[:, i].tolist(), strict=True)),
        }
        for i, r in enumerate(fit.measured.readings)
    ]


def surfaces(fit: Fit, found: dict[str, Any]) -> list[dict[str, Any]]:
    """Yield of the typical donor over two doses, for each pair that a plate varies together, with what was read."""
    from thymos.therapy.dose_surface import dose_surfaces

    values = {name: p["median"] for name, p in found["parameters"].items()}
    return dose_surfaces(fit.measured, values)
