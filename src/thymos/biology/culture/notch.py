"""Notch activity of cells on a DL4 coating."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import (
    Model,
    Output,
    Scheduled,
    Transition,
    constant,
    covariate,
    exp,
    log,
    parameter,
    sigmoid,
    state,
    switch,
)


class Notch(Model):
    r"""Coated DL4 and an integrin ligand raise Notch activity; its sum over time wears on the cells.

    $$ N^* = \frac{z^h}{1 + z^h}, \quad z = \frac{(1 + a_v v) \phi D}{K_N}, \quad
       \dot N = k (N^* - N), \quad \dot w = N $$

    k is k_on while N rises and k_off while it falls: withdrawal is not instantaneous. D is what was offered
    to the surface, $\phi$ what another vessel makes of the same offer. K_N is stated through the activity $N_c$
    at the clinical coating $D_c$ with $v = 1$, $K_N = (1 + a_v) D_c (N_c^{-1} - 1)^{1/h}$, because what the
    recipe does is known better than the curve.
    The cost is $e_N N H(w - w_0)$. B cells are blocked at a lower coating, $K_B = K_N / b$.
    References: `shukla2017`, `mohtashami2010`, `dallas2005`, `groseil_delta4`.
    """

    offered = state("", "1 while cells lie on the coating, 0 after withdrawal")
    activity = state("", "Notch activity, 0 to 1")
    exposure = state("day", "Notch activity summed over time")
    dl4 = covariate("ug/mL", "DL4 offered to the surface")
    integrin_ligand = covariate("", "integrin ligand on the surface, 0 none to 1 RetroNectin or VCAM-1")
    ligand_access = covariate(
        "", "DL4 that cells meet in this vessel over that in a coated plate, same offer"
    )
    return_day = covariate("day", "day on which cells are put back on the coating; nan: never")
    withdrawal_day = covariate("day", "day on which cells leave the coating; nan: never")
    dl4_model = switch("hill", "threshold", "whether Notch rises gradually with the coating")
    notch_cost = switch("exposure", "none", "whether long Notch exposure costs cells")
    clinical_activity = parameter("", "Notch activity on the clinical coating with integrin ligand")
    clinical_coating = parameter("ug/mL", "DL4 offered in the clinical process")
    steepness = parameter("", "Hill power of the response to the coating")
    threshold_steepness = parameter("", "Hill power where the response is all at once")
    integrin_gain = parameter("", "gain of the effective coating under integrin ligand, less 1")
    rise = parameter("1/day", "rate at which Notch activity rises")
    fall = parameter("1/day", "rate at which Notch activity falls")
    turn = parameter("", "difference from the target over which the rate turns from rise to fall")
    cost = parameter("1/day", "death rate at full activity once the exposure is long")
    cost_exposure = parameter("day", "exposure from which the cost acts")
    cost_width = parameter("day", "width of the onset of the cost")
    b_block = parameter("", "coating that half-blocks T choice over the one that half-blocks B cells")

    def half_coating(self, p: Any) -> Any:
        """K_N: effective coating at half activity [ug/mL]."""
        odds = p.clinical_activity / (1 - p.clinical_activity)
        return (1 + p.integrin_gain) * p.clinical_coating * exp(-log(odds) / p.steepness)

    def target(self, p: Any) -> Any:
        """N*: activity at which cells on the coating settle."""
        bare = constant(1e-9, "ug/mL")  # no coating: far below any that acts, and a logarithm still exists
        met = p.ligand_access * p.dl4 + bare
        z = (1 + p.integrin_gain * p.integrin_ligand) * met / self.half_coating(p)
        power = p.dl4_model.choose(hill=p.steepness, threshold=p.threshold_steepness)
        return 1 - 1 / (1 + exp(power * log(z)))

    def starts(self, x: Any, p: Any, env: Any) -> Iterable[tuple[Any, Any]]:
        yield x.offered, 1

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        goal = self.target(p) * x.offered
        rate = p.fall + (p.rise - p.fall) * sigmoid((goal - x.activity) / p.turn)
        yield Transition("Notch activation", rate * goal, {x.activity: +1})
        yield Transition("Notch decay", rate * x.activity, {x.activity: -1})
        yield Transition("Notch exposure", x.activity, {x.exposure: +1})

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        worn = sigmoid((x.exposure - p.cost_exposure) / p.cost_width)
        cost = p.notch_cost.choose(exposure=p.cost * x.activity * worn, none=0)
        shift = exp(p.steepness * log(p.b_block))
        blocked = shift * x.activity / (1 - x.activity + shift * x.activity)
        odds = p.clinical_activity / (1 - p.clinical_activity)
        yield Output("notch", "", x.activity, "Notch activity, 0 to 1", observe=True)
        yield Output("notch_exposure", "day", x.exposure, "Notch activity summed over time", observe=True)
        yield Output("notch_on_b", "", blocked, "block of the B branch by Notch, 0 to 1")
        yield Output("notch_death", "1/day", cost, "death rate caused by long Notch exposure")
        yield Output("clinical_notch_odds", "", odds, "odds of Notch activity in the clinical process")
        yield Output("half_coating", "ug/mL", self.half_coating(p), "effective DL4 coating at half activity")

    def events(self, x: Any, p: Any, env: Any) -> Iterable[Scheduled]:
        yield Scheduled("DL4 withdrawal", at=p.withdrawal_day, sets={x.offered: 0})
        yield Scheduled("DL4 return", at=p.return_day, sets={x.offered: 1})
