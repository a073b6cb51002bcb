"""Posterior draws of a culture fit, as changes that simulated lots take.

draws = Draws.read(path)
lots = typical_lots(protocol, "cord-blood", draws.typical(200))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.io.columns import Column
from thymos.io.draws_file import DrawsFile, read_draws, write_draws
from thymos.lang.errors import DataError
from thymos.lang.streams import stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from thymos.evidence.values import Value

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Draws:
    """Equally weighted draws.

    values  : typical donor, by full name in the unit of the parameter (draw,)
    factors : of each donor and parameter, over the typical donor (draw,); key (donor, full name)
    between : standard deviation between donors of the logarithm of what is named (draw,)
    other   : standard deviations of logarithms: donors' scales, plates, wells, readings (draw,)
    moved   : names that share one factor, by the first of them
    """

    values: Mapping[str, Floats]
    factors: Mapping[tuple[str, str], Floats]
    between: Mapping[str, Floats]
    other: Mapping[str, Floats]
    moved: Mapping[str, tuple[str, ...]]

    @property
    def count(self) -> int:
        """Number of draws."""
        return len(next(iter(self.values.values())))

    @property
    def donors(self) -> tuple[str, ...]:
        """Donors whose factors are known."""
        return tuple(dict.fromkeys(donor for donor, _ in self.factors))

    def typical(self, n: int | None = None) -> dict[str, Floats]:
        """Changes for `n` lots of the typical donor, draws spread evenly; all draws without `n`."""
        at = self._at(n)
        return {name: x[at] for name, x in self.values.items()}

    def of_donor(self, donor: str, n: int | None = None) -> dict[str, Floats]:
        """Changes for `n` lots of a donor that was measured."""
        if donor not in self.donors:
            raise DataError("donor", f"one of {', '.join(self.donors)}", donor)
        at = self._at(n)
        return self._changed({first: self.factors[donor, first][at] for first in self.moved}, at)

    def new_donor(self, seed: int, n: int | None = None) -> dict[str, Floats]:
        """Changes for `n` lots, each of a donor who was never measured."""
        at = self._at(n)
        z = {first: stream(seed, f"fit.new-donor.{first}").standard_normal(len(at)) for first in self.moved}
        return self._changed({first: np.exp(self.between[first][at] * z[first]) for first in self.moved}, at)

    def _at(self, n: int | None) -> NDArray[np.int64]:
        count = self.count if n is None else n
        return (np.arange(count) * self.count // count).astype(np.int64)

    def _changed(self, factors: Mapping[str, Floats], at: NDArray[np.int64]) -> dict[str, Floats]:
        found = {name: x[at] for name, x in self.values.items()}
        for first, factor in factors.items():
            for name in self.moved[first]:
                found[name] = found[name] * factor
        return found

    def write(self, path: Path, rows: Mapping[str, Value]) -> None:
        """One Parquet file; unit and meaning of a parameter are those of its row."""
        columns = [Column(n, "float", rows[n].unit, rows[n].text) for n in self.values]
        data: dict[str, Floats] = dict(self.values)
        for (donor, first), x in self.factors.items():
            text = f"factor of donor {donor} on {', '.join(self.moved[first])}"
            columns.append(Column(f"{first}@{donor}", "float", "", text))
            data[f"{first}@{donor}"] = x
        for first, x in self.between.items():
            text = f"SD between donors of ln of {', '.join(self.moved[first])}"
            columns.append(Column(f"between.{first}", "float", "", text))
            data[f"between.{first}"] = x
        for name, x in self.other.items():
            columns.append(Column(name, "float", "", f"SD of ln: {name}"))
            data[name] = x
        write_draws(path, DrawsFile(tuple(columns), data))

    @staticmethod
    def read(path: Path) -> Draws:
        """What `write` wrote; raises `StoreError` for another file."""
        file = read_draws(path)
        text = {c.name: c.text for c in file.columns}
        between = {n.removeprefix("between."): x for n, x in file.data.items() if n.startswith("between.")}
        moved = {n: _named(text[f"between.{n}"]) for n in between}
        factors = {(n.partition("@")[2], n.partition("@")[0]): x for n, x in file.data.items() if "@" in n}
        plain = {n: x for n, x in file.data.items() if "@" not in n and not n.startswith("between.")}
        other = {n: x for n, x in plain.items() if text[n].startswith("SD of ln")}
        return Draws({n: x for n, x in plain.items() if n not in other}, factors, between, other, moved)


def _named(text: str) -> tuple[str, ...]:
    return tuple(text.removeprefix("SD between donors of ln of ").split(", "))


def draws_of(
    x: Floats, names: Sequence[str], effects: Sequence[tuple[tuple[str, ...], float | str]]
) -> Draws:
    """From the vectors of a fit (draw, size) with the name of each place.

    effects : parameters that share a factor, and the standard deviation of its logarithm or the place of it
    """
    columns = {name: x[:, i] for i, name in enumerate(names)}
    sd = {m[0]: np.exp(columns[s]) if isinstance(s, str) else np.full(len(x), s) for m, s in effects}
    donors = dict.fromkeys(name.partition("@")[2] for name in names if "@" in name)
    spreads = [n for n in names if "@" not in n and (n.endswith("_sd") or n.startswith("noise_sd."))]
    return Draws(
        {n: np.exp(columns[n]) for n in names if "@" not in n and n not in spreads},
        {(d, m[0]): np.exp(sd[m[0]] * columns[f"{m[0]}@{d}"]) for d in donors for m, _ in effects},
        sd,
        {n: np.exp(columns[n]) for n in spreads},
        {m[0]: m for m, _ in effects},
    )
