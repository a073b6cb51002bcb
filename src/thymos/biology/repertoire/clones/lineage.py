r"""From a settled progenitor to the T cells it exports: lineages, TRB clones within them, and their receptors.

A progenitor divides before its descendants rearrange TRB at DN3; each of these divides before its descendants
rearrange TRA as DP cells; few of those are selected, divide as SP cells, and leave. Three levels are counted: the
*lineage* of one progenitor, the *TRB* clones within it, and the *TCR*, one TRB with one TRA. With few founders many TRB
clones can be seen although most T cells come from two or three progenitors: a diverse spectratype does not tell.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.clones.clones import Clones
from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.lang import Model, parameter
from thymos.lang.errors import RunError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

LEVELS = ("lineage", "trb", "tcr")


class ThymicLineage(Model):
    r"""How the descendants of one progenitor multiply between the rearrangement of TRB and that of TRA.

    $$ A = G\, K\, \pi\, \sigma $$

    A, the T cells exported for one progenitor that settles, $\pi$, the share selected, and $\sigma$, the burst of SP
    cells, are those of the thymus. K is `dp_burst`; G, the burst up to DN3, is what is left. A cell dies `dn_loss` or
    `dp_loss` times for each division. All divisions are taken as memoryless, so that clones vary more in size than they
    would if all cells of one divided in step. References: `arstila1999`, `porritt2003`.
    """

    dp_burst = parameter("", "DP cells that rearrange TRA for one DN3 cell that has rearranged TRB")
    dn_loss = parameter("", "deaths for each division, from the settled progenitor to DN3")
    dp_loss = parameter("", "deaths for each division, from DN3 to DP")


@dataclass(frozen=True)
class Lineage:
    """Laws of three stages, arrays of any shape that broadcast.

    dn : DN3 cells with a TRB chain, of one settled progenitor
    dp : selected DP cells, each with a TRA chain of its own, of one DN3 cell
    sp : exported cells of one selected cell
    """

    dn: Kendall
    dp: Kendall
    sp: Kendall

    @classmethod
    def of(
        cls,
        cells_per_seeding: ArrayLike,
        dp_burst: ArrayLike,
        selection: ArrayLike,
        sp_burst: ArrayLike = 1.0,
        dn_loss: ArrayLike = 0.0,
        dp_loss: ArrayLike = 0.0,
    ) -> Lineage:
        """Stages whose bursts make `cells_per_seeding` exported cells of one progenitor, on average.

        selection : share of DP cells that passes, above 0 up to 1
        Raises `RunError` for a number that is not above 0, or a selection above 1.
        """
        total, K, passed, last = (
            np.asarray(x, dtype=np.float64) for x in (cells_per_seeding, dp_burst, selection, sp_burst)
        )
        if not all((x > 0).all() for x in (total, K, passed, last)) or (passed > 1).any():
            got = f"{total}, {K}, {passed}, {last}"
            raise RunError("clones, lineage", "bursts above 0 and a selection above 0, up to 1", got)
        dn = Kendall.burst(total / (K * passed * last), dn_loss)
        return cls(dn, Kendall.burst(K, dp_loss).thinned(passed), Kendall.burst(last))

    def founders(self, level: str) -> Floats:
        """Clones of a level that one settled progenitor founds, on average, whether or not any cell is exported."""
        return np.asarray(math.prod((s.m for s in self._before(level)), start=Kendall.founder().m))

    def law(self, level: str) -> Kendall:
        """Exported cells of one clone of a level."""
        after = (self.dn, self.dp, self.sp)[len(self._before(level)) :]
        law = after[0]
        for stage in after[1:]:
            law = law.then(stage)
        return law

    def clones(self, level: str, progenitors: ArrayLike) -> Clones:
        """Clones of a level from progenitors (...) that have settled, one class (..., 1)."""
        number = np.asarray(progenitors, dtype=np.float64) * self.founders(level)
        return Clones(number[..., None], self.law(level).take((..., None)))

    def behind(self, exported: ArrayLike, level: str) -> tuple[Floats, Kendall]:
        """Founders of a level per day, and their law at export, behind T cells exported per day."""
        law = self.law(level)
        return np.asarray(np.asarray(exported, dtype=np.float64) / law.m), law

    @property
    def alphas_per_beta(self) -> Floats:
        """TRA chains that leave with one TRB, of those TRB that leave at all; E[K pi]/P(K pi > 0)."""
        law = self.dp.then(Kendall.founder().thinned(self.sp.survival))
        return law.W

    def _before(self, level: str) -> tuple[Kendall, ...]:
        if level not in LEVELS:
            raise RunError("clones, level", " or ".join(LEVELS), level)
        return (self.dn, self.dp)[: LEVELS.index(level)]
