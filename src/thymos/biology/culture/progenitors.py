"""Cells of the DL4 culture: from seeded CD34+ to CD34-CD7+ T progenitors and their competitors."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from thymos.biology.culture.commitment import AGES, STEPS
from thymos.lang import Model, Output, Transition, covariate, needs, parameter, state

EXIT = ("1", "2", "3")
CLOCK = ("open", *(f"on{k}" for k in range(1, STEPS + 1)), "locked")


class Progenitors(Model):
    r"""CD34+ cells leave G0, then choose T under Notch or myeloid (and B) without it; T cells lose CD34.

    $$ \dot Q_j = 3 k_q (Q_{j-1} - Q_j), \qquad S \to P: f_T N \frac{1 + a_1 \tau}{1 + a_1}, \qquad
       S \to M: \omega f_T \frac{N_c}{1 - N_c} (1 - N), \qquad P \to L: m \frac{1 + a_2 \tau}{1 + a_2} $$
    $$ \text{division: } \frac{r^2}{r + s} \, room, \qquad
       \text{death: } \frac{d}{1 + g \tau} + \frac{s^2}{r + s} + e_N N H $$

    Only S, P and L are protected by TNF, hurt by Notch and hungry for cytokines: hunger s slows division and
    kills, together exactly r - s, and neither rate is ever negative. Rates are stated as the clinical recipe
    shows them (full TNF, plentiful cytokines, Notch $N_c$): r is net growth plus the death that TNF leaves,
    and $\omega$ is the myeloid over the T branch. So what the recipe does not tell apart, death from division
    and Notch activity from the myeloid rate, may be uncertain without moving the yield.
    References: `htlp_abstract`, `shin2020`, `moirangthem2021`, `mohtashami2010`.
    """

    quiescent = state("cell", "CD34+ cells in G0, three steps of exit", over=(EXIT,))
    stem = state("cell", "cycling CD34+CD7- cells")
    early = state("cell", "CD34+CD7+ cells by commitment", over=(CLOCK,))
    late = state("cell", "CD34-CD7+ cells by commitment", over=(CLOCK,))
    myeloid = state("cell", "myeloid cells")
    b_cells = state("cell", "B-lymphoid cells")
    carried_t = state("cell", "mature CD3+ cells carried over from the graft")
    dead = state("cell", "dead cells still in the vessel")
    seeded_cd34 = covariate("cell", "viable CD34+ cells seeded")
    quiescent_share = needs("", "share of seeded CD34+ cells in G0")
    quiescence_time = needs("day", "mean time to leave G0")
    tnf_need = needs("", "gain of T specification under TNF")
    cd3_per_cd34 = needs("", "CD3+ cells carried over for one CD34+ cell")
    seeded_viability = needs("", "viable share of the seeded cells")
    notch = needs("", "Notch activity, 0 to 1")
    notch_on_b = needs("", "block of the B branch by Notch, 0 to 1")
    notch_death = needs("1/day", "death rate caused by long Notch exposure")
    clinical_notch_odds = needs("", "odds N/(1 - N) of Notch activity in the clinical process")
    tnf_effect = needs("", "effect of TNF, 0 to 1")
    shortfall = needs("1/day", "growth rate lost to missing cytokines", over=(("stem", "cd7"),))
    room = needs("", "share of full division speed left by crowding")
    allele_opening = needs("1/day", "first of two BCL11B alleles opens")
    lock_step = needs("1/day", "one step to the lock", over=(AGES,))
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
    cd3_division = parameter("1/day", "division rate of carried-over T cells")
    cd3_death = parameter("1/day", "death rate of carried-over T cells")
    clearance = parameter("1/day", "disappearance of dead cells")

    def starts(self, x: Any, p: Any, env: Any) -> Iterable[tuple[Any, Any]]:
        yield x.quiescent["1"], p.seeded_cd34 * env.quiescent_share
        yield x.stem, p.seeded_cd34 * (1 - env.quiescent_share)
        yield x.carried_t, p.seeded_cd34 * env.cd3_per_cd34
        yield x.dead, p.seeded_cd34 * (1 - env.seeded_viability) / env.seeded_viability

    def division_and_hunger(self, p: Any, env: Any) -> dict[str, tuple[Any, Any]]:
        """Division rate without crowding and death rate by hunger [1/day] of S, P and L."""
        shielded = p.death / (1 + p.protection)
        late = p.growth * p.late_growth
        rates = {"stem": (p.growth, "stem"), "early": (p.growth, "cd7"), "late": (late, "cd7")}
        found = {}
        for cells, (net, answers) in rates.items():
            r, s = net + shielded, env.shortfall[answers]
            found[cells] = (r * r / (r + s), s * s / (r + s))
        return found

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        yield from self._fate(x, p, env)
        yield from self._clock(x, env)
        for name, cells, division, death in self._growing(x, p, env):
            yield Transition(f"{name} division", division * env.room * cells, {cells: +1})
            yield Transition(f"{name} death", death * cells, {cells: -1, x.dead: +1})
        yield Transition("CD3+ division", p.cd3_division * x.carried_t, {x.carried_t: +1})
        yield Transition("CD3+ death", p.cd3_death * x.carried_t, {x.carried_t: -1, x.dead: +1})
        yield Transition("clearance of dead cells", p.clearance * x.dead, {x.dead: -1})

    def _growing(self, x: Any, p: Any, env: Any) -> Iterable[tuple[str, Any, Any, Any]]:
        """Name, cells, division rate without crowding and death rate [1/day] of all classes that grow."""
        lasting = p.death / (1 + p.protection * env.tnf_effect) + env.notch_death
        classes = {
            "stem": {"": x.stem},
            "early": {k: x.early[k] for k in CLOCK},
            "late": {k: x.late[k] for k in CLOCK},
        }
        for name, (division, hunger) in self.division_and_hunger(p, env).items():
            for k, cells in classes[name].items():
                yield f"{name} {k}".strip(), cells, division, lasting + hunger
        yield "myeloid", x.myeloid, p.growth * p.myeloid_growth + p.death, p.death
        yield "B-lymphoid", x.b_cells, p.growth + p.death, p.death

    def _fate(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        after = {"1": x.quiescent["2"], "2": x.quiescent["3"], "3": x.stem}
        for j in EXIT:
            leaving = len(EXIT) * x.quiescent[j] / env.quiescence_time
            yield Transition(f"G0 exit {j}", leaving, {x.quiescent[j]: -1, after[j]: +1})
        without = 1 - env.notch
        to_t = p.specification * env.notch * (1 + env.tnf_need * env.tnf_effect) / (1 + env.tnf_need)
        to_m = p.myeloid_odds * p.specification * env.clinical_notch_odds * without
        to_b = p.b_branch * without * (1 - env.notch_on_b)
        lose = p.cd34_loss * (1 + p.cd34_loss_gain * env.tnf_effect) / (1 + p.cd34_loss_gain)
        yield Transition("T specification", to_t * x.stem, {x.stem: -1, x.early["open"]: +1})
        yield Transition("myeloid branch", to_m * x.stem, {x.stem: -1, x.myeloid: +1})
        yield Transition("B branch", to_b * x.stem, {x.stem: -1, x.b_cells: +1})
        for k in CLOCK:
            yield Transition(f"CD34 loss {k}", lose * x.early[k], {x.early[k]: -1, x.late[k]: +1})

    def _clock(self, x: Any, env: Any) -> Iterable[Transition]:
        for age, cells in (("early", x.early), ("late", x.late)):
            for now, then in pairwise(CLOCK):
                rate = env.allele_opening if now == "open" else env.lock_step[age]
                yield Transition(
                    f"{age} {now} to {then}", rate * cells[now], {cells[now]: -1, cells[then]: +1}
                )

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        classes = {
            "quiescent": (x.quiescent.total(), "CD34+ cells in G0"),
            "stem": (x.stem, "cycling CD34+CD7- cells"),
            "early": (x.early.total(), "CD34+CD7+ cells"),
            "late": (x.late.total(), "CD34-CD7+ cells"),
            "myeloid": (x.myeloid, "myeloid cells"),
            "b_cells": (x.b_cells, "B-lymphoid cells"),
            "carried_t": (x.carried_t, "CD3+ cells carried over"),
        }
        for name, (cells, text) in classes.items():
            yield Output("cells", "cell", cells, text, (name,))
        live = sum(cells for cells, _ in classes.values())
        on = sum(x.early[k] + x.late[k] for k in CLOCK[1:])
        yield Output("live_cells", "cell", live, "live cells in the vessel", observe=True)
        yield Output("dead_cells", "cell", x.dead, "dead cells in the vessel")
        yield Output("bcl11b_cells", "cell", on, "CD7+ cells that express BCL11B")
        locked = x.early["locked"] + x.late["locked"]
        yield Output("locked_cells", "cell", locked, "CD7+ cells locked to the T fate")
        divisions = self.division_and_hunger(p, env)
        for age in AGES:
            rate = divisions[age][0] * env.room
            yield Output("division", "1/day", rate, f"division rate of {age} CD7+ cells", (age,))
