"""Cells of the DL4 culture: from seeded CD34+ to CD34-CD7+ T progenitors, their competitors and NK cells."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.biology.culture.lineage import AGES, CD5, CD7, CLOCK, EXIT, KINDS, NK, STEPS, Lineage
from thymos.lang import Output, Scheduled, Transition, covariate, needs, parameter, state

NK_STEPS = tuple(step for step in STEPS if step.startswith("nk_"))


class Progenitors(Lineage):
    r"""CD34+ cells leave G0, then choose T under Notch or myeloid (and B) without it; T cells lose CD34 and gain CD5.

    $$ \dot Q_j = 3 k_q (Q_{j-1} - Q_j), \qquad S \to P: f_T N \frac{1 + a_1 \tau_2}{1 + a_1}, \qquad
       S \to M: \omega f_T \frac{N_c}{1 - N_c} (1 - N), \qquad P \to L: m \frac{1 + a_2 \tau_1}{1 + a_2} $$
    $$ \text{division: } \frac{r^2}{r + s} \, room, \qquad
       \text{death: } \frac{d}{1 + g \tau_2} + \frac{s^2}{r + s} + e_N N H $$

    $\tau_1$ and $\tau_2$ are the effects of TNF through its two receptors. CD5 is gained at $k_5$ with the same
    answer to TNF as the loss of CD34, CD1a by locked cells at $k_1$. Only S, P and L are protected by TNF, hurt
    by Notch and hungry for cytokines: hunger s slows division and kills, together exactly r - s, and neither
    rate is ever negative. A cell locked to T needs Notch: without it the share $N (1 + K) / (N + K)$ of its
    division is left and it starves at $d_l (1 - \cdot)$; myeloid and B cells need SCF or Flt3L for a share of theirs.
    Rates are stated as the clinical recipe shows them (full TNF, plentiful cytokines, Notch $N_c$): r is net
    growth plus the death that TNF leaves, and $\omega$ is the myeloid over the T branch. So what the recipe does
    not tell apart, death from division and Notch activity from the myeloid rate, may be uncertain without
    moving the yield. References: `htlp_abstract`, `shin2020`, `moirangthem2021`, `liang2023`, `mohtashami2010`.
    """

    carried_t = state("cell", "mature CD3+ cells carried over from the graft")
    dead = state("cell", "dead cells still in the vessel")
    seeded_cd34 = covariate("cell", "viable CD34+ cells seeded")
    nk_day = covariate("day", "day on which the cells go into the medium of the NK stage; nan: never")
    vector_day = covariate("day", "day of the culture on which the vector is added; inf: never")
    vector_kill = covariate("", "share of cells, alike in every class, that dies of the vector")
    quiescent_share = needs("", "share of seeded CD34+ cells in G0")
    quiescence_time = needs("day", "mean time to leave G0")
    tnf_need = needs("", "gain of T specification under TNF")
    cd3_per_cd34 = needs("", "CD3+ cells carried over for one CD34+ cell")
    seeded_viability = needs("", "viable share of the seeded cells")
    notch = needs("", "Notch activity, 0 to 1")
    notch_on_b = needs("", "block of the B branch by Notch, 0 to 1")
    notch_death = needs("1/day", "death rate caused by long Notch exposure")
    clinical_notch_odds = needs("", "odds N/(1 - N) of Notch activity in the clinical process")
    tnf_effect = needs("", "effect of TNF, 0 to 1", over=(("TNFR1", "TNFR2"),))
    shortfall = needs("1/day", "growth rate lost to missing cytokines", over=(("stem", *CD5),))
    bystander_support = needs("", "share of myeloid and B-cell growth that the cytokines support")
    room = needs("", "share of full division speed left by crowding")
    allele_opening = needs("1/day", "first of two BCL11B alleles opens")
    lock_step = needs("1/day", "one step to the lock", over=(CD7,))
    nk_step = needs("1/day", "commitment to NK and NK maturation", over=(NK_STEPS,))
    nk_division = needs("1/day", "division rate of NK cells without crowding")
    nk_death = needs("1/day", "death rate of NK cells")
    growth = parameter("1/day", "net growth rate of cycling CD34+ cells in the clinical recipe")
    late_growth = parameter("", "growth of CD34-CD7+ cells over that of CD34+ cells")
    myeloid_growth = parameter("", "growth of myeloid cells over that of CD34+ cells")
    death = parameter("1/day", "death rate without TNF")
    protection = parameter("", "death rate without TNF over that under TNF, less 1")
    specification = parameter("1/day", "T specification at full Notch activity under TNF")
    myeloid_odds = parameter("", "myeloid over T branch in the clinical recipe")
    b_branch = parameter("1/day", "B branch without Notch")
    cd34_loss = parameter("1/day", "loss of CD34 by CD7+ cells under TNF")
    cd34_loss_gain = parameter("", "rise of CD34 loss from no TNF to saturating TNF, less 1")
    cd5_gain = parameter("1/day", "gain of CD5 by CD7+ cells under TNF")
    cd1a_gain = parameter("1/day", "gain of CD1a by locked CD34-CD7+CD5+ cells")
    locked_need = parameter("", "Notch activity at which a locked cell keeps half of its division")
    locked_starvation = parameter("1/day", "death rate of locked cells without Notch")
    cd3_division = parameter("1/day", "division rate of carried-over T cells")
    cd3_death = parameter("1/day", "death rate of carried-over T cells")
    clearance = parameter("1/day", "disappearance of dead cells")
    wash_recovery = parameter("", "share of cells left after the wash before the NK stage")

    def starts(self, x: Any, p: Any, env: Any) -> Iterable[tuple[Any, Any]]:
        yield x.quiescent["1"], p.seeded_cd34 * env.quiescent_share
        yield x.stem, p.seeded_cd34 * (1 - env.quiescent_share)
        yield x.carried_t, p.seeded_cd34 * env.cd3_per_cd34
        yield x.dead, p.seeded_cd34 * (1 - env.seeded_viability) / env.seeded_viability

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        yield from self.passages(x, self.step(p, env))
        division, death = self.division(p, env), self.mortality(p, env)
        support = self.support(p, env)
        yield from self.turnover(x, division, death, support, p.locked_starvation * (1 - support), x.dead)
        yield Transition("CD3+ division", p.cd3_division * x.carried_t, {x.carried_t: +1})
        yield Transition("CD3+ death", p.cd3_death * x.carried_t, {x.carried_t: -1, x.dead: +1})
        yield Transition("clearance of dead cells", p.clearance * x.dead, {x.dead: -1})

    def events(self, x: Any, p: Any, env: Any) -> Iterable[Scheduled]:
        washed = (*self.everyone(x), x.carried_t, x.dead)
        left = {cells: (p.wash_recovery - 1) * cells for cells in washed}
        yield Scheduled("wash before the NK stage", at=p.nk_day, changes=left)
        lost = {cells: -p.vector_kill * cells for cells in (*self.everyone(x), x.carried_t)}
        yield Scheduled("vector toxicity", at=p.vector_day, changes={**lost, x.dead: -sum(lost.values())})

    def step(self, p: Any, env: Any) -> dict[str, Any]:
        """Rate per cell of each passage [1/day]."""
        without, tau = 1 - env.notch, env.tnf_effect
        faster = (1 + p.cd34_loss_gain * tau["TNFR1"]) / (1 + p.cd34_loss_gain)
        specified = (1 + env.tnf_need * tau["TNFR2"]) / (1 + env.tnf_need)
        return {
            "exit": len(EXIT) / env.quiescence_time,
            "specification": p.specification * env.notch * specified,
            "myeloid": p.myeloid_odds * p.specification * env.clinical_notch_odds * without,
            "b_cells": p.b_branch * without * (1 - env.notch_on_b),
            "cd34_loss": p.cd34_loss * faster,
            "cd5_gain": p.cd5_gain * faster,
            "cd1a_gain": p.cd1a_gain,
            "opening": env.allele_opening,
            **{f"lock_{kind}": env.lock_step[kind] for kind in CD7},
            **{name: env.nk_step[name] for name in NK_STEPS},
        }

    def _growth_and_hunger(self, p: Any, env: Any) -> dict[str, tuple[Any, Any]]:
        """Division without hunger and growth lost to it [1/day] of the classes that answer to cytokines."""
        shielded = p.death / (1 + p.protection)
        net = {"early": p.growth, "late": p.growth * p.late_growth}
        found = {"stem": (p.growth + shielded, env.shortfall["stem"])}
        for age in AGES:
            for cd5 in CD5:
                found[f"{age}_{cd5}"] = net[age] + shielded, env.shortfall[cd5]
        return found

    def division(self, p: Any, env: Any) -> dict[str, Any]:
        """Division rate of each kind [1/day], crowding included."""
        rates = {kind: r * r / (r + s) for kind, (r, s) in self._growth_and_hunger(p, env).items()}
        rates["myeloid"] = (p.growth * p.myeloid_growth + p.death) * env.bystander_support
        rates["b_cells"] = (p.growth + p.death) * env.bystander_support
        rates["nk"] = env.nk_division
        return {kind: rate * env.room for kind, rate in rates.items()}

    def mortality(self, p: Any, env: Any) -> dict[str, Any]:
        """Death rate of each kind [1/day]; what a locked cell suffers without Notch comes on top."""
        lasting = p.death / (1 + p.protection * env.tnf_effect["TNFR2"]) + env.notch_death
        rates = {kind: lasting + s * s / (r + s) for kind, (r, s) in self._growth_and_hunger(p, env).items()}
        return {**rates, "myeloid": p.death, "b_cells": p.death, "nk": env.nk_death}

    def support(self, p: Any, env: Any) -> Any:
        """Share of its division that a locked cell keeps at the present Notch activity."""
        return env.notch * (1 + p.locked_need) / (env.notch + p.locked_need)

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        yield from self._counts(x)
        division, death, step = self.division(p, env), self.mortality(p, env), self.step(p, env)
        for kind in KINDS:
            yield Output("division", "1/day", division[kind], f"division rate of {kind} cells", (kind,))
            yield Output("death_rate", "1/day", death[kind], f"death rate of {kind} cells", (kind,))
        for name in STEPS:
            yield Output("step", "1/day", step[name], f"rate of the passage {name}", (name,))
        support = self.support(p, env)
        starved = p.locked_starvation * (1 - support)
        made = (
            division[kind] * (support if locked else 1) * cells for kind, _, cells, locked in self._growing(x)
        )
        text = "share of cells left after the wash before the NK stage"
        yield Output("wash_recovery", "", p.wash_recovery, text)
        yield Output("divisions", "cell/day", sum(made), "divisions in the vessel in one day")
        yield Output("locked_support", "", support, "share of their division that locked cells keep")
        yield Output("locked_starvation", "1/day", starved, "death rate of locked cells for want of Notch")

    def _counts(self, x: Any) -> Iterable[Output]:
        for name, (cells, text) in self._classes(x).items():
            yield Output("cells", "cell", cells, text, (name,))
        live = sum(cells for cells, _ in self._classes(x).values())
        on = sum(cells for _, _, k, cells in self.cd7(x) if k != "open") + x.cd1a
        locked = sum(cells for _, _, k, cells in self.cd7(x) if k == "locked") + x.cd1a
        for j in EXIT:
            yield Output("resting", "cell", x.quiescent[j], f"CD34+ cells in G0, step {j} of exit", (j,))
        yield Output("live_cells", "cell", live, "live cells in the vessel", observe=True)
        yield Output("dead_cells", "cell", x.dead, "dead cells in the vessel")
        yield Output("bcl11b_cells", "cell", on, "CD7+ cells that express BCL11B")
        yield Output("locked_cells", "cell", locked, "CD7+ cells locked to the T fate")

    def _classes(self, x: Any) -> dict[str, tuple[Any, str]]:
        def cd7(age: str, cd5: str) -> Any:
            return sum(getattr(x, age)[cd5, k] for k in CLOCK)

        return {
            "quiescent": (x.quiescent.total(), "CD34+ cells in G0"),
            "stem": (x.stem, "cycling CD34+CD7- cells"),
            "early_neg": (cd7("early", "neg"), "CD34+CD7+CD5- cells"),
            "early_pos": (cd7("early", "pos"), "CD34+CD7+CD5+ cells"),
            "late_neg": (cd7("late", "neg"), "CD34-CD7+CD5- cells"),
            "late_pos": (cd7("late", "pos"), "CD34-CD7+CD5+CD1a- cells"),
            "cd1a": (x.cd1a, "CD34-CD7+CD5+CD1a+ cells"),
            "myeloid": (x.myeloid, "myeloid cells"),
            "b_cells": (x.b_cells, "B-lymphoid cells"),
            "carried_t": (x.carried_t, "CD3+ cells carried over"),
            **{f"nk_{k}": (x.nk[k], f"NK cells, {k}") for k in NK},
        }
