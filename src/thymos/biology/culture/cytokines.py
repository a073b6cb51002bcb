"""What cytokines do to growth and specification."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.biology.culture.medium import CYTOKINES
from thymos.lang import Model, Output, needs, parameter, switch

# Receptors decide who answers: the IL-7 receptor comes with CD7, MPL goes with the stem-cell state.
ANSWERS = {"stem": ("scf", "tpo", "flt3l", "il3"), "cd7": ("scf", "il7", "flt3l", "il3")}


class Cytokines(Model):
    r"""A missing cytokine slows growth by a rate; missing cytokines add in rate, so they multiply in yield.

    $$ s = \sum_i y_i \frac{K_i}{K_i + c_i}, \qquad \tau = \frac{c_T}{K_T + c_T} $$

    The published grid gives yields relative to the plateau (floors). y_i is the rate that makes the simulated
    CD7+ yield without cytokine i equal its floor, K_i the constant that puts the simulated half-yield at the
    observed dose: neither is read off the grid. The clinical recipe is not known to hold IL-3, so its absence
    costs nothing unless the IL-3 grid itself is simulated.
    References: `unmasc2025`, `moirangthem2021`, `liang2023`.
    """

    concentration = needs("ng/mL", "concentration of each cytokine", over=(CYTOKINES,))
    il3_context = switch("absent_by_design", "assay", "whether the want of IL-3 costs growth")
    tnf_falling = switch("off", "on", "whether TNF far above its optimum loses its effect, as in iPSC cells")
    scf_lack = parameter("1/day", "growth rate lost without SCF")
    il7_lack = parameter("1/day", "growth rate lost without IL-7, CD7+ cells")
    tpo_lack = parameter("1/day", "growth rate lost without TPO, CD34+CD7- cells")
    flt3l_lack = parameter("1/day", "growth rate lost without Flt3 ligand")
    il3_lack = parameter("1/day", "growth rate lost without IL-3 in the IL-3 grid")
    scf_half = parameter("ng/mL", "SCF at which half of the loss is averted")
    il7_half = parameter("ng/mL", "IL-7 at which half of the loss is averted")
    tpo_half = parameter("ng/mL", "TPO at which half of the loss is averted")
    flt3l_half = parameter("ng/mL", "Flt3 ligand at which half of the loss is averted")
    il3_half = parameter("ng/mL", "IL-3 at which half of the loss is averted")
    tnf_half = parameter("ng/mL", "TNF at half of its effect")
    tnf_falling_half = parameter("ng/mL", "TNF at which its effect has fallen to half")

    def losses(self, p: Any, env: Any) -> dict[str, Any]:
        """Growth rate lost to the want of each cytokine [1/day]."""
        c = env.concentration
        il3 = p.il3_lack * p.il3_half / (p.il3_half + c["IL3"])
        return {
            "scf": p.scf_lack * p.scf_half / (p.scf_half + c["SCF"]),
            "il7": p.il7_lack * p.il7_half / (p.il7_half + c["IL7"]),
            "tpo": p.tpo_lack * p.tpo_half / (p.tpo_half + c["TPO"]),
            "flt3l": p.flt3l_lack * p.flt3l_half / (p.flt3l_half + c["Flt3L"]),
            "il3": p.il3_context.choose(absent_by_design=0, assay=il3),
        }

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        tnf = env.concentration["TNF"]
        rising = tnf / (p.tnf_half + tnf)
        falling = p.tnf_falling_half / (p.tnf_falling_half + tnf)
        losses = self.losses(p, env)
        tau = rising * p.tnf_falling.choose(off=1, on=falling)
        yield Output("tnf_effect", "", tau, "effect of TNF, 0 to 1", observe=True)
        for cells, names in ANSWERS.items():
            lost = sum(losses[name] for name in names)
            yield Output("shortfall", "1/day", lost, f"growth rate lost to hunger, {cells} cells", (cells,))
