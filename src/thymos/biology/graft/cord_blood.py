"""CD34+ cells of a cord-blood unit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.biology.graft.selected_cd34 import SelectedCd34
from thymos.lang import Output, parameter


class CordBlood(SelectedCd34):
    """One cord-blood unit, selected for CD34.

    Cord-blood cells specify to T without TNF more readily than those of adults do.
    References: `glycostem2025`, `glimm2000`, `weekx2000`.
    """

    collected_cd34 = parameter("cell", "CD34+ cells in the unit")

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        yield from super().gives(x, p, env)
        yield Output("selected_cd34", "cell", p.collected_cd34 * p.recovery, "CD34+ cells after selection")
