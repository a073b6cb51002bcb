"""Naive and memory T cells in a body that is refilling, by lineage and origin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, Transition, covariate, needs, parameter, positive, state, switch


class Periphery(Model):
    r"""Thymic export, division that rises in lymphopenia, loss, activation and serotherapy.

    $$ \dot N_{js} = \theta_{js} + [p_j \varphi_N(L_j) - l_j - v_j - \kappa_A - \kappa_P y_N] N_{js} $$
    $$ \dot M_{js} = (b \alpha_j + b_v v_j) N_{js}
       + [q_j \varphi_M(L_j) + \rho_V \frac{2}{1 + L^2} 1_{CD8} - d_{M,j} - \kappa_A - \kappa_P y_M] M_{js} $$
    $$ \varphi(L) = \frac{F}{1 + (F - 1) L^2}, \quad L_j = (1 - \chi) \frac{T_j}{T_j^*} + \chi \frac{T}{T^*},
       \quad v_j = c_v p_j (\varphi_N - 1)^+ $$

    Regulation uses the sum over origins: H graft stem cells, I infused progenitors, G mature cells of the
    graft, R host. Health has L = 1 at any age. Naive cells that turn memory for want of T cells do so in a
    burst of divisions, $b_v$, and not one by one: the spontaneous proliferation of an empty body, which is not
    there in health ($v_j = 0$). T cells of the newborn may make more of it than those of adults.
    References: `dumontgirard1998`, `vrisekoop2008`, `ribeiro2008`, `min2005`, `politikos2020`.
    """

    SOURCES = ("H", "I", "R", "G")
    LINEAGES = ("CD4", "CD8")
    naive = state("cell", "naive T cells, whole body", over=(SOURCES, LINEAGES))
    memory = state("cell", "memory T cells, whole body", over=(SOURCES, LINEAGES))
    export = needs("cell/day", "T cells exported by the thymus", over=(("H", "I", "R"), LINEAGES))
    naive_loss = needs("1/day", "loss of naive cells", over=(LINEAGES,))
    naive_division = needs("1/day", "division of naive cells in health", over=(LINEAGES,))
    activation = needs("1/day", "naive cells that become memory", over=(LINEAGES,))
    memory_loss = needs("1/day", "loss of memory cells", over=(LINEAGES,))
    memory_division = needs("1/day", "division of memory cells in health", over=(LINEAGES,))
    burst = needs("", "memory cells made of one activated naive cell")
    naive_reference = needs("cell", "naive cells of a healthy person", over=(LINEAGES,))
    memory_reference = needs("cell", "memory cells of a healthy person", over=(LINEAGES,))
    atg_kill = needs("1/day", "loss rate of T-lineage cells to serotherapy")
    cy_rate = needs("1/day", "loss rate of dividing cells to cyclophosphamide")
    blood_volume = needs("uL", "blood volume")
    blood_share = needs("", "share of all lymphocytes that is in blood")
    healthy = covariate("", "1 for a person who was never transplanted, else 0")
    weight = covariate("kg", "body weight at transplant")
    graft_t_cells = covariate("cell/kg", "mature T cells given with the graft")
    residual_t_cells = covariate("cell/kg", "host T cells that survive conditioning")
    graft_naive_share = covariate("", "naive share of the mature T cells of the graft")
    graft_cd4_share = covariate("", "CD4 share of the mature T cells of the graft")
    graft_burst = covariate(
        "", "burst of naive graft cells that turn memory, relative to the recipient's own"
    )
    cmv = covariate("", "1 where recipient or donor is CMV seropositive, else 0")
    blood_model = switch(
        "constant", "lymphopenic", "whether a larger share of lymphocytes is in blood in lymphopenia"
    )
    allo_thymic = switch("no", "yes", "whether thymus-selected donor cells attack the host")
    naive_drive = parameter("", "division of naive cells in an empty body, relative to health")
    memory_cd4_drive = parameter("", "division of memory CD4 cells in an empty body, relative to health")
    memory_cd8_drive = parameter("", "division of memory CD8 cells in an empty body, relative to health")
    conversion = parameter("", "naive cells that turn memory for each lymphopenic division")
    conversion_burst = parameter("", "memory cells made of one naive cell that turns memory in lymphopenia")
    cross_talk = parameter("", "weight of all T cells, against the own lineage, in sensing space")
    cmv_drive = parameter("1/day", "additional division of memory CD8 cells under CMV, at a healthy count")
    residual_naive_share = parameter("", "naive share of host T cells that survive conditioning")
    residual_cd4_share = parameter("", "CD4 share of host T cells that survive conditioning")
    engrafting_share = parameter("", "share of infused mature T cells that survives")
    dividing_half = parameter("1/day", "division rate at which half of the cells are caught dividing")
    other_t_share = parameter("", "CD3+ cells that are neither CD4 nor CD8, relative to those that are")
    blood_shift = parameter("", "how much larger the blood share is in an empty body, if it is")

    # ---- what regulation senses

    def fullness(self, x: Any, p: Any, env: Any) -> dict[str, Any]:
        """L_j: 1 in health, 0 in an empty body."""
        have = {j: sum(x.naive[s, j] + x.memory[s, j] for s in self.SOURCES) for j in self.LINEAGES}
        want = {j: env.naive_reference[j] + env.memory_reference[j] for j in self.LINEAGES}
        overall = sum(have.values()) / sum(want.values())
        return {j: (1 - p.cross_talk) * have[j] / want[j] + p.cross_talk * overall for j in self.LINEAGES}

    @staticmethod
    def drive(most: Any, fullness: Any) -> Any:
        """phi(L): `most` in an empty body, 1 in health, less than 1 above."""
        return most / (1 + (most - 1) * fullness**2)

    def rates(self, x: Any, p: Any, env: Any, j: str) -> dict[str, Any]:
        """Rates per cell of lineage j [1/day]."""
        full = self.fullness(x, p, env)[j]
        phi = self.drive(p.naive_drive, full)
        most = {"CD4": p.memory_cd4_drive, "CD8": p.memory_cd8_drive}[j]
        naive = env.naive_division[j] * phi
        memory = env.memory_division[j] * self.drive(most, full)
        if j == "CD8":
            # A constant drive above the loss rate would let the pool grow without end.
            memory = memory + p.cmv * p.cmv_drive * self.drive(2, full)
        return {
            "naive division": naive,
            "naive loss": env.naive_loss[j],
            "conversion": p.conversion * env.naive_division[j] * positive(phi - 1, within=1e-3),
            "naive serotherapy": env.atg_kill + env.cy_rate * naive / (naive + p.dividing_half),
            "memory division": memory,
            "memory loss": env.memory_loss[j],
            "memory serotherapy": env.atg_kill + env.cy_rate * memory / (memory + p.dividing_half),
        }

    # ---- what happens

    def mature(self, p: Any) -> dict[tuple[str, str], Any]:
        """Mature T cells on the day of transplant, by origin and lineage [cell]."""
        per_kg = {"G": p.graft_t_cells * p.engrafting_share, "R": p.residual_t_cells}
        cd4 = {"G": p.graft_cd4_share, "R": p.residual_cd4_share}
        shares = {(s, j): cd4[s] if j == "CD4" else 1 - cd4[s] for s in per_kg for j in self.LINEAGES}
        return {(s, j): per_kg[s] * p.weight * share for (s, j), share in shares.items()}

    def starts(self, x: Any, p: Any, env: Any) -> Iterable[tuple[Any, Any]]:
        naive = {"G": p.graft_naive_share, "R": p.residual_naive_share}
        for (s, j), cells in self.mature(p).items():
            yield x.naive[s, j], cells * naive[s]
            yield x.memory[s, j], cells * (1 - naive[s])
        for j in self.LINEAGES:
            yield x.naive["H", j], p.healthy * env.naive_reference[j]
            yield x.memory["H", j], p.healthy * env.memory_reference[j]

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        for j in self.LINEAGES:
            rates = self.rates(x, p, env, j)
            for s in self.SOURCES:
                if s != "G":
                    yield Transition(f"{s} {j} export", env.export[s, j], {x.naive[s, j]: +1})
                yield from self._cells(x, p, env, rates, s, j)

    def _cells(self, x: Any, p: Any, env: Any, r: dict[str, Any], s: str, j: str) -> Iterable[Transition]:
        n, m = x.naive[s, j], x.memory[s, j]
        burst = p.conversion_burst * (p.graft_burst if s == "G" else 1)
        yield Transition(f"{s} {j} naive division", r["naive division"] * n, {n: +1})
        yield Transition(f"{s} {j} naive loss", r["naive loss"] * n, {n: -1})
        yield Transition(f"{s} {j} naive serotherapy", r["naive serotherapy"] * n, {n: -1})
        yield Transition(f"{s} {j} conversion", r["conversion"] * n, {n: -1, m: burst})
        # The loss of activated naive cells is part of naive_loss; here are their daughters only.
        yield Transition(f"{s} {j} activation", env.activation[j] * n, {m: env.burst})
        yield Transition(f"{s} {j} memory division", r["memory division"] * m, {m: +1})
        yield Transition(f"{s} {j} memory loss", r["memory loss"] * m, {m: -1})
        yield Transition(f"{s} {j} memory serotherapy", r["memory serotherapy"] * m, {m: -1})

    # ---- what others read

    def _in_blood(self, x: Any, p: Any, env: Any) -> Any:
        """Count in blood of one cell in the body [1/uL]."""
        full = self.fullness(x, p, env)
        empty = positive(1 - (full["CD4"] + full["CD8"]) / 2, within=0.01)
        share = env.blood_share * p.blood_model.choose(constant=1, lymphopenic=1 + p.blood_shift * empty)
        return share / env.blood_volume

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        blood = self._in_blood(x, p, env)
        cells = {(s, j): x.naive[s, j] + x.memory[s, j] for s in self.SOURCES for j in self.LINEAGES}
        count = {j: blood * sum(cells[s, j] for s in self.SOURCES) for j in self.LINEAGES}
        total = sum(cells.values())
        naive = {j: blood * sum(x.naive[s, j] for s in self.SOURCES) for j in self.LINEAGES}
        infused = sum(cells["I", j] for j in self.LINEAGES)
        graft = cells["G", "CD4"]
        thymic = cells["H", "CD4"] + cells["I", "CD4"]
        allo = graft + p.allo_thymic.choose(no=0, yes=thymic)
        full = self.fullness(x, p, env)
        yield Output("cd3", "cell/uL", blood * total * (1 + p.other_t_share), "CD3+ T cells", observe=True)
        yield Output("cd4", "cell/uL", count["CD4"], "CD4+ T cells", observe=True)
        yield Output("cd8", "cell/uL", count["CD8"], "CD8+ T cells", observe=True)
        yield Output("cd4_naive", "cell/uL", naive["CD4"], "naive CD4+ T cells", observe=True)
        yield Output("naive_t", "cell/uL", sum(naive.values()), "naive CD4+ and CD8+ T cells", observe=True)
        yield Output(
            "cd4_allo", "cell/uL", blood * allo, "CD4+ T cells that may attack the host", observe=True
        )
        yield Output("infused_t", "cell/uL", blood * infused, "T cells of infused origin", observe=True)
        yield Output("per_cell_in_blood", "1/uL", blood, "count in blood of one cell in the body")
        yield Output(
            "lymphopenia", "", positive(1 - (full["CD4"] + full["CD8"]) / 2, within=0.01), "lack of T cells"
        )
        for j in self.LINEAGES:
            start = sum(cells for (_, lineage), cells in self.mature(p).items() if lineage == j)
            yield Output("mature_start", "cell", start, f"mature {j} cells on the day of transplant", (j,))
            r = self.rates(x, p, env, j)
            leaving = r["naive loss"] + r["conversion"] + r["naive serotherapy"]
            yield Output(
                "naive_leaving", "1/day", leaving, f"rate at which naive {j} cells leave the pool", (j,)
            )
            yield Output(
                "turning_memory", "1/day", env.activation[j] + r["conversion"], f"naive {j} to memory", (j,)
            )
            gone = r["memory loss"] + r["memory serotherapy"]
            yield Output("memory_leaving", "1/day", gone, f"rate at which memory {j} cells leave", (j,))
            yield from self._clonal(x, r, j)

    def _clonal(self, x: Any, r: dict[str, Any], j: str) -> Iterable[Output]:
        """What the sizes of clones follow from, beside export and the rates of leaving."""
        yield Output("naive_dividing", "1/day", r["naive division"], f"division of naive {j} cells", (j,))
        yield Output("memory_dividing", "1/day", r["memory division"], f"division of memory {j} cells", (j,))
        yield Output("converting", "1/day", r["conversion"], f"naive {j} to memory in lymphopenia", (j,))
        for s in self.SOURCES:
            yield Output("naive_cells", "cell", x.naive[s, j], f"naive {j} cells of origin {s}", (s, j))
            yield Output("memory_cells", "cell", x.memory[s, j], f"memory {j} cells of origin {s}", (s, j))
