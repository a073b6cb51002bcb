"""What CD34+ cells of any source are like once they are selected."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, parameter


class SelectedCd34(Model):
    r"""Purity, viability, rest and carry-over of selected CD34+ cells; each source has its own values.

    $$ x_0 = f_{CD3} / f_{CD34} $$

    x_0 counts the T cells carried over for each CD34+ cell that is seeded; they are the only T cells of the
    culture.
    """

    recovery = parameter("", "share of CD34+ cells left after selection")
    purity = parameter("", "CD34+ share of the selected cells")
    viability = parameter("", "viable share of the selected cells")
    cd3_share = parameter("", "CD3+ share of the selected cells")
    quiescent_share = parameter("", "share of CD34+ cells in G0 when seeded")
    quiescence_time = parameter("day", "mean time to leave G0 in culture")
    tnf_need = parameter("", "rise of T specification from no TNF to saturating TNF, less 1")

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        yield Output("seeded_viability", "", p.viability, "viable share of the seeded cells")
        yield Output("cd3_per_cd34", "", p.cd3_share / p.purity, "CD3+ cells carried over for one CD34+ cell")
        yield Output("quiescent_share", "", p.quiescent_share, "share of seeded CD34+ cells in G0")
        yield Output("quiescence_time", "day", p.quiescence_time, "mean time to leave G0")
        yield Output("tnf_need", "", p.tnf_need, "gain of T specification under TNF")
