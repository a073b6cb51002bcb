"""What cytokines do to growth and specification."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.biology.culture.medium import CYTOKINES
from thymos.lang import Model, Output, needs, parameter, switch

# Receptors decide who answers: the IL-7 receptor comes with CD7, MPL goes with the stem-cell state.
ANSWERS = {"stem": ("scf", "tpo", "flt3l", "il3"), "neg": ("scf", "il7", "flt3l", "il3")}
ANSWERS["pos"] = ANSWERS["neg"]
LOSERS = {"stem": "CD34+CD7-", "neg": "CD7+CD5-", "pos": "CD7+CD5+"}


class Cytokines(Model):
    r"""A missing cytokine slows growth by a rate; missing cytokines add in rate, so they multiply in yield.

    $$ s = \sum_i y_i \frac{K_i}{K_i + c_i}, \qquad \tau_k = \frac{c_T}{K_{T,k} + c_T}, \qquad
       h = \frac{c_{15}}{K_{15} + c_{15}} $$

    The published grids give yields of CD7+CD5- and CD7+CD5+ cells relative to the plateau (floors). y_i is the
    rate that makes the simulated yield without cytokine i equal its floor, K_i the constant that puts the
    simulated half-yield at the observed dose: neither is read off the grid. SCF, IL-7 and IL-3 have a y_i of
    their own for CD5+ cells. The clinical recipe is not known to hold IL-3, so its absence costs nothing unless
    the IL-3 grid itself is simulated. TNF acts through TNFR2 (specification, survival) at low dose and through
    TNFR1 (pace of differentiation) at a higher one; the switch `tnf_receptors` puts both at the former.
    References: `unmasc2025`, `moirangthem2021`, `liang2023`.
    """

    concentration = needs("ng/mL", "concentration of each cytokine", over=(CYTOKINES,))
    il3_context = switch("absent_by_design", "assay", "whether the want of IL-3 costs growth")
    tnf_receptors = switch("two", "one", "whether TNFR1 needs more TNF than TNFR2 does")
    tnf_falling = switch("off", "on", "whether TNF far above its optimum loses its effect, as in iPSC cells")
    scf_lack = parameter("1/day", "growth rate lost without SCF")
    il7_lack = parameter("1/day", "growth rate lost without IL-7, CD7+ cells")
    tpo_lack = parameter("1/day", "growth rate lost without TPO, CD34+CD7- cells")
    flt3l_lack = parameter("1/day", "growth rate lost without Flt3 ligand")
    il3_lack = parameter("1/day", "growth rate lost without IL-3 in the IL-3 grid")
    scf_lack_cd5 = parameter("1/day", "growth rate lost without SCF, CD7+CD5+ cells")
    il7_lack_cd5 = parameter("1/day", "growth rate lost without IL-7, CD7+CD5+ cells")
    il3_lack_cd5 = parameter("1/day", "growth rate lost without IL-3 in the IL-3 grid, CD7+CD5+ cells")
    scf_half = parameter("ng/mL", "SCF at which half of the loss is averted")
    il7_half = parameter("ng/mL", "IL-7 at which half of the loss is averted")
    tpo_half = parameter("ng/mL", "TPO at which half of the loss is averted")
    flt3l_half = parameter("ng/mL", "Flt3 ligand at which half of the loss is averted")
    il3_half = parameter("ng/mL", "IL-3 at which half of the loss is averted")
    tnfr2_half = parameter("ng/mL", "TNF at half of its effect through TNFR2")
    tnfr1_half = parameter("ng/mL", "TNF at half of its effect through TNFR1")
    tnf_falling_half = parameter("ng/mL", "TNF at which its effect has fallen to half")
    il15_half = parameter("ng/mL", "IL-15 at half of its effect")
    bystander_need = parameter("", "share of myeloid and B-cell growth that needs SCF or Flt3 ligand")

    def losses(self, p: Any, env: Any, cells: str) -> dict[str, Any]:
        """Growth rate that `cells` (a key of ANSWERS) lose to the want of each cytokine [1/day]."""
        c, cd5 = env.concentration, cells == "pos"
        il3_lack = p.il3_lack_cd5 if cd5 else p.il3_lack
        il3 = il3_lack * p.il3_half / (p.il3_half + c["IL3"])
        return {
            "scf": (p.scf_lack_cd5 if cd5 else p.scf_lack) * p.scf_half / (p.scf_half + c["SCF"]),
            "il7": (p.il7_lack_cd5 if cd5 else p.il7_lack) * p.il7_half / (p.il7_half + c["IL7"]),
            "tpo": p.tpo_lack * p.tpo_half / (p.tpo_half + c["TPO"]),
            "flt3l": p.flt3l_lack * p.flt3l_half / (p.flt3l_half + c["Flt3L"]),
            "il3": p.il3_context.choose(absent_by_design=0, assay=il3),
        }

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        yield from self._tnf(p, env)
        for cells, names in ANSWERS.items():
            losses = self.losses(p, env, cells)
            lost = sum(losses[name] for name in names)
            text = f"growth rate lost to hunger, {LOSERS[cells]} cells"
            yield Output("shortfall", "1/day", lost, text, (cells,))
        c = env.concentration
        il15 = c["IL15"] / (p.il15_half + c["IL15"])
        yield Output("il15_effect", "", il15, "effect of IL-15, 0 to 1", observe=True)
        either = (c["SCF"] + c["Flt3L"]) / (p.scf_half + c["SCF"] + c["Flt3L"])
        support = 1 - p.bystander_need * (1 - either)
        text = "share of myeloid and B-cell growth that the cytokines support"
        yield Output("bystander_support", "", support, text)

    def _tnf(self, p: Any, env: Any) -> Iterable[Output]:
        tnf = env.concentration["TNF"]
        falling = p.tnf_falling_half / (p.tnf_falling_half + tnf)
        left = p.tnf_falling.choose(off=1, on=falling)
        low = tnf / (p.tnfr2_half + tnf)
        high = p.tnf_receptors.choose(two=tnf / (p.tnfr1_half + tnf), one=low)
        for receptor, rising in {"TNFR1": high, "TNFR2": low}.items():
            text = f"effect of TNF through {receptor}, 0 to 1"
            yield Output("tnf_effect", "", rising * left, text, (receptor,), observe=True)
