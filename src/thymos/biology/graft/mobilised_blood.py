"""CD34+ cells of a mobilised donor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.biology.graft.selected_cd34 import SelectedCd34
from thymos.lang import Output, parameter


class MobilisedBlood(SelectedCd34):
    """Apheresis of a mobilised adult donor, selected for CD34 and depleted of CD3+ cells.

    References: `scid_cd34_selection`, `shin2020`, `weekx2000`.
    """

    collected_cd34 = parameter("cell/kg", "CD34+ cells collected, per kg of the recipient")

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        yield from super().gives(x, p, env)
        yield Output("selected_cd34", "cell/kg", p.collected_cd34 * p.recovery, "CD34+ cells after selection")
