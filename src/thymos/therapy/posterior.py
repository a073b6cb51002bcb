"""What data have taught of typical values and of switches: joint draws, from which every simulation takes its own.

The draws come from published patients without product (`thymos fit recipient`). What the product itself does, such
as homing, is in none of those data and stays as uncertain as its row says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.io.columns import Column
from thymos.io.draws_file import DrawsFile, read_draws, write_draws
from thymos.lang.streams import stream

if TYPE_CHECKING:
    from thymos.evidence.values import Value
    from thymos.lang.declare import SwitchDeclaration
    from thymos.lang.model import Model

Floats = NDArray[np.float64]
FILE = Path(__file__).with_name("recipient_posterior.parquet")


@dataclass(frozen=True)
class Posterior:
    """Equally weighted joint draws.

    values : typical values in the unit of their row, and indicators of switches ("thymic_capacity.niche_number=fixed",
        0 or 1), by full name (draw,)
    """

    values: Mapping[str, Floats]

    @property
    def count(self) -> int:
        """Number of draws; 0 where nothing has been learnt."""
        return len(next(iter(self.values.values()))) if self.values else 0

    def about(self, models: Iterable[Model]) -> Posterior:
        """What concerns these models."""
        names = {model.named() for model in models}
        return Posterior({n: x for n, x in self.values.items() if n.rpartition(".")[0] in names})

    def interval(self, name: str) -> tuple[float, float]:
        """The 95 % interval of one value."""
        low, high = np.quantile(self.values[name], (0.025, 0.975))
        return float(low), float(high)

    def rows(self, seed: int, draws: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which joint draw each draw of a simulation believes in: all different until every one was taken."""
        order = stream(seed, "uncertainty.posterior").permutation(self.count)
        return np.asarray(order[draws % self.count], dtype=np.int64)

    def write(
        self, path: Path, known: Mapping[str, Value], switches: Mapping[str, SwitchDeclaration]
    ) -> None:
        """One Parquet file; unit and meaning of a value are those of its row."""
        columns = []
        for name in self.values:
            switch, _, choice = name.partition("=")
            if choice:
                columns.append(Column(name, "float", "", f"1 for {choice}: {switches[switch].text}"))
            else:
                columns.append(Column(name, "float", known[name].unit, known[name].text))
        write_draws(path, DrawsFile(tuple(columns), dict(self.values)))

    @staticmethod
    def read(path: Path) -> Posterior:
        """What `write` wrote; raises `StoreError` for another file."""
        return Posterior(dict(read_draws(path).data))


NOTHING = Posterior({})
"""Nothing was learnt: typical values are drawn from their rows alone, each for itself; switches stay as they are."""


@cache
def posterior() -> Posterior:
    """The draws that come with the package."""
    return Posterior.read(FILE) if FILE.exists() else NOTHING
