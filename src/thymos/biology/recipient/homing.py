"""Infused progenitors between vein and thymus."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, Scheduled, Transition, covariate, exp, needs, parameter, state, switch


class Homing(Model):
    r"""Infused progenitors seed free niches or are lost from blood.

    $$ \dot B = \sum_d Z_d W u\, \delta(t - t_d)
       - \left[\epsilon k_h r_v c (1 - o) + k_c + \kappa_A + \kappa_P\right] B, \qquad k_h = k_c \frac{h}{1 - h} $$

    h is the share that homes to an empty, uninjured thymus. Cells turned away by full niches stay in blood.
    The state is $b = B\, h/(1 - h)$, cells weighted by their odds of homing, so that
    $J = \epsilon k_c r_v c (1 - o)\, b$ and a product that cannot home leaves no trace at all, not even in
    the solver's steps.
    $r_v = 1 - (1 - r_{min}) e^{-t/\tau_v}$ is the recovery of entry after irradiation, c the effect of calcineurin
    inhibitors, steroids and GvHD. References: `zhang2014`, `zlotoff2011`, `htlp_abstract`.
    """

    blood = state("cell", "infused progenitors in blood, weighted by their odds of homing")
    open_niches = needs("", "share of niches that is free")
    organ_size = needs("", "niches relative to those at one year")
    atg_kill = needs("1/day", "loss rate of T-lineage cells to serotherapy")
    cy_kill = needs("1/day", "loss rate of dividing cells to cyclophosphamide")
    gvhd = needs("", "severity of acute GvHD, 0 to 1")
    steroids = needs("", "steroids, 1 as for full GvHD")
    dose = covariate("cell", "CD7+CD3- progenitors infused, first infusion")
    infusion_day = covariate("day", "day of the first infusion")
    second_dose = covariate("cell", "CD7+CD3- progenitors infused, second infusion")
    second_infusion_day = covariate("day", "day of the second infusion")
    irradiated = covariate("", "1 after conditioning that injures thymic entry, else 0")
    calcineurin_inhibitor = covariate("", "1 under a calcineurin inhibitor, else 0")
    homing_scale = switch(
        "constant", "proportional", "whether entry per cell scales with the size of the thymus"
    )
    homing_fraction = parameter("", "share of infused progenitors that settles in an empty thymus")
    competent = parameter("", "share of infused CD7+CD3- cells able to seed the thymus")
    clearance = parameter("1/day", "loss of progenitors from blood")
    entry_after_irradiation = parameter("", "thymic entry right after irradiation, share of normal")
    entry_recovery = parameter("day", "time constant of the recovery of entry")
    cni_block = parameter("", "share of thymic entry blocked by a calcineurin inhibitor")
    gvhd_entry_block = parameter("", "share of thymic entry blocked at full GvHD")
    steroid_block = parameter("", "share of thymic entry blocked by steroids")

    def openness(self, p: Any, env: Any) -> Any:
        """Entry into the thymus, relative to an empty and uninjured one."""
        lasting = p.irradiated * (1 - p.entry_after_irradiation) * exp(-env.t / p.entry_recovery)
        drugs = (1 - p.cni_block * p.calcineurin_inhibitor) * (1 - p.gvhd_entry_block * env.gvhd)
        drugs = drugs * (1 - p.steroid_block * env.steroids)
        scale = p.homing_scale.choose(constant=1, proportional=env.organ_size)
        return scale * (1 - lasting) * drugs * env.open_niches

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        settling = p.clearance * self.openness(p, env) * x.blood
        yield Output("infused_seeding", "cell/day", settling, "infused cells that settle")

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        odds = p.homing_fraction / (1 - p.homing_fraction)
        yield Transition("settling", p.clearance * odds * self.openness(p, env) * x.blood, {x.blood: -1})
        yield Transition("clearance", p.clearance * x.blood, {x.blood: -1})
        yield Transition("serotherapy", env.atg_kill * x.blood, {x.blood: -1})
        yield Transition("cyclophosphamide", env.cy_kill * x.blood, {x.blood: -1})

    def events(self, x: Any, p: Any, env: Any) -> Iterable[Scheduled]:
        weighted = p.competent * p.homing_fraction / (1 - p.homing_fraction)
        yield Scheduled("infusion", at=p.infusion_day, changes={x.blood: p.dose * weighted})
        yield Scheduled(
            "second infusion", at=p.second_infusion_day, changes={x.blood: p.second_dose * weighted}
        )
