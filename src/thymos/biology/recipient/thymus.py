"""Thymopoiesis: from a settled progenitor to exported T cells, by origin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, Transition, covariate, exp, needs, parameter, positive, state

LN2 = 0.6931471805599453  # a division doubles


class Thymus(Model):
    r"""Niches, and the chain ETP, DN (4 steps), early DP (2), late DP, SP (2), for each origin.

    $$ J_s = \frac{o^*}{\tau_E (1 - o^*)} n_{max} S (1 - o)^+ P_s, \qquad o = \frac{\sum_s E_s}{n_{max} S}, \qquad
       \dot X_k = \gamma_{k-1} \frac{X_{k-1}}{\tau_{k-1}} - \frac{X_k}{\tau_k} - \mu_k X_k $$

    Export is the flux out of the last step times $\eta + (1 - \eta) S$. Only the product A of all gains is
    identifiable, so the gain at ETP exit is A over the others. Infused cells occupy niches for
    $\omega \tau_E$ and may have missed n divisions.
    References: `thomasvaslin2008`, `krueger2018`, `porritt2003`, `zlotoff2011`.
    """

    SOURCES = ("H", "I", "R")
    STEPS = ("DN1", "DN2", "DN3", "DN4", "eDP1", "eDP2", "lDP", "SP1", "SP2")
    etp = state("cell", "settled early thymic progenitors by origin", over=(SOURCES,))
    thymocytes = state("cell", "thymocytes by origin and stage", over=(SOURCES, STEPS))
    niches = needs("cell", "niches in intact stroma")
    stroma = needs("", "intact share of stroma")
    healthy_occupancy = needs("", "share of niches occupied in health")
    supply = needs("", "thymus-seeding progenitors of health at this age")
    etp_residence = needs("day", "residence in the niche")
    cells_per_seeding = needs("", "T cells exported for one that settles")
    human_clock = needs("", "factor from mouse to human residence times")
    seeding_progenitors = needs("", "progenitors able to seed the thymus", over=(("H", "R"),))
    infused_seeding = needs("cell/day", "infused cells that settle")
    healthy = covariate("", "1 for a person who was never transplanted, else 0")
    host_progenitors = covariate("", "host progenitors able to seed the thymus, fraction of normal")
    chimerism = covariate("", "donor share of marrow, 0 to 1")
    conditioning_injury = covariate("", "share of thymic stroma lost to conditioning")
    host_block = covariate("", "share of host thymocytes that fails between DN and DP, by genotype")
    dn_residence = parameter("day", "residence in each of four DN steps, mouse")
    early_dp_residence = parameter("day", "residence in each of two early DP steps, mouse")
    late_dp_residence = parameter("day", "residence of late DP cells, mouse")
    sp_residence = parameter("day", "residence of SP cells before division, mouse")
    sp_late_residence = parameter("day", "residence of SP cells before export, mouse")
    dn_gain = parameter("", "cells leaving each DN step for one entering")
    early_dp_gain = parameter("", "cells leaving each early DP step for one entering")
    selection = parameter("", "share of late DP cells that passes selection")
    sp_gain = parameter("", "cells leaving the first SP step for one entering")
    sp_late_gain = parameter("", "cells exported for one entering the last SP step")
    cd4_share = parameter("", "CD4 share of exported T cells")
    yield_without_stroma = parameter("", "export per mature thymocyte as stroma vanishes, relative to intact")
    infused_niche_time = parameter("", "residence of infused cells in the niche relative to ETP")
    missed_divisions = parameter("", "divisions that infused cells no longer make in the thymus")

    def _chain(self, p: Any, env: Any) -> dict[str, tuple[Any, Any]]:
        """Residence [day] and gain at exit of each step after ETP."""
        mouse = {
            **{f"DN{k}": (p.dn_residence, p.dn_gain) for k in range(1, 5)},
            **{f"eDP{k}": (p.early_dp_residence, p.early_dp_gain) for k in (1, 2)},
            "lDP": (p.late_dp_residence, p.selection),
            "SP1": (p.sp_residence, p.sp_gain),
            "SP2": (p.sp_late_residence, p.sp_late_gain),
        }
        return {step: (env.human_clock * tau, gain) for step, (tau, gain) in mouse.items()}

    def occupancy(self, x: Any, env: Any) -> Any:
        """o: settled cells of all origins over niches in intact stroma."""
        return x.etp.total() / (env.niches * env.stroma)

    def openness(self, x: Any, env: Any) -> Any:
        """Free share of niches; none when stroma has shrunk below those who sit in it."""
        return positive(1 - self.occupancy(x, env), within=1e-6)

    def _settling(self, x: Any, p: Any, env: Any, s: str) -> Any:
        if s == "I":
            return env.infused_seeding
        drive = env.healthy_occupancy / (env.etp_residence * (1 - env.healthy_occupancy))
        free = env.niches * env.stroma * self.openness(x, env)
        return drive * free * env.seeding_progenitors[s]

    def _etp_exit(self, x: Any, p: Any, env: Any, s: str) -> Any:
        return x.etp[s] / (env.etp_residence * (p.infused_niche_time if s == "I" else 1))

    def _etp_gain(self, p: Any, env: Any, s: str) -> Any:
        later = p.dn_gain**4 * p.early_dp_gain**2 * p.selection * p.sp_gain * p.sp_late_gain
        missed = exp(-p.missed_divisions * LN2) if s == "I" else 1
        return env.cells_per_seeding / later * missed

    def starts(self, x: Any, p: Any, env: Any) -> Iterable[tuple[Any, Any]]:
        full = env.healthy_occupancy / (1 - env.healthy_occupancy) * env.supply
        odds = full * p.host_progenitors * (1 - p.chimerism)
        yield x.etp["R"], env.niches * (1 - p.conditioning_injury) * odds / (1 + odds)
        settled = p.healthy * env.niches * full / (1 + full)
        yield x.etp["H"], settled
        flux = settled / env.etp_residence * self._etp_gain(p, env, "H")
        for step, (residence, gain) in self._chain(p, env).items():
            yield x.thymocytes["H", step], flux * residence
            flux = flux * gain

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        chain = self._chain(p, env)
        for s in self.SOURCES:
            out = self._etp_exit(x, p, env, s)
            yield Transition(f"{s} settling", self._settling(x, p, env, s), {x.etp[s]: +1})
            yield Transition(
                f"{s} ETP exit", out, {x.etp[s]: -1, x.thymocytes[s, "DN1"]: self._etp_gain(p, env, s)}
            )
            for step, after in zip(self.STEPS, (*self.STEPS[1:], None), strict=True):
                tau, gain = chain[step]
                passes = 1 - p.host_block if (s, step) == ("R", "DN4") else 1
                changes = {x.thymocytes[s, step]: -1}
                if after is not None:
                    changes[x.thymocytes[s, after]] = gain * passes
                yield Transition(f"{s} {step} exit", x.thymocytes[s, step] / tau, changes)

    def export(self, x: Any, p: Any, env: Any, s: str) -> Any:
        """T cells of origin s leaving the thymus [cell/day]."""
        tau, gain = self._chain(p, env)["SP2"]
        damaged = p.yield_without_stroma + (1 - p.yield_without_stroma) * env.stroma
        return gain * x.thymocytes[s, "SP2"] / tau * damaged

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        yield Output(
            "occupancy", "", self.occupancy(x, env), "share of niches that is occupied", observe=True
        )
        yield Output("open_niches", "", self.openness(x, env), "share of niches that is free")
        yield Output("infused_share", "", x.etp["I"] / env.niches, "niches occupied by infused cells")
        yield Output("cd4_of_export", "", p.cd4_share, "CD4 share of exported T cells")
        for s in self.SOURCES:
            out = self.export(x, p, env, s)
            for j, share in (("CD4", p.cd4_share), ("CD8", 1 - p.cd4_share)):
                yield Output("export", "cell/day", share * out, f"{j} cells of origin {s} exported", (s, j))
        total = sum(self.export(x, p, env, s) for s in self.SOURCES)
        yield Output("thymic_export", "cell/day", total, "T cells exported by the thymus", observe=True)
        yield Output(
            "infused_export",
            "cell/day",
            self.export(x, p, env, "I"),
            "exported T cells of infused origin",
            observe=True,
        )
