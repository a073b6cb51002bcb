"""T-cell receptor excision circles: made in the thymus, never in the periphery."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, Transition, covariate, needs, parameter, state


class Trec(Model):
    r"""sjTREC copies in naive and memory cells.

    $$ \dot U_j = c_T \theta_j - \ell_j U_j, \qquad \dot U^M_j = a_j U_j - m_j U^M_j $$

    Division neither makes nor destroys TREC; $\ell_j$ holds every way out of the naive pool, $a_j$ the part
    of it that turns memory. All origins share these rates, so that one pool per lineage is exact.
    Reference: `ribeiro2008`.
    """

    LINEAGES = ("CD4", "CD8")
    in_naive = state("copy", "sjTREC in naive cells, whole body", over=(LINEAGES,))
    in_memory = state("copy", "sjTREC in memory cells, whole body", over=(LINEAGES,))
    export = needs("cell/day", "T cells exported by the thymus", over=(("H", "I", "R"), LINEAGES))
    naive_leaving = needs("1/day", "rate at which naive cells leave the pool", over=(LINEAGES,))
    turning_memory = needs("1/day", "rate at which naive cells turn memory", over=(LINEAGES,))
    memory_leaving = needs("1/day", "rate at which memory cells leave", over=(LINEAGES,))
    per_cell_in_blood = needs("1/uL", "count in blood of one cell in the body")
    healthy = covariate("", "1 for a person who was never transplanted, else 0")
    capacity = needs("cell/day", "T cells the thymus exports in health")
    naive_loss = needs("1/day", "loss of naive cells", over=(LINEAGES,))
    cd4_of_export = needs("", "CD4 share of exported T cells")
    activation = needs("1/day", "naive cells that become memory", over=(LINEAGES,))
    memory_loss = needs("1/day", "loss of memory cells", over=(LINEAGES,))
    naive_growth = needs("1/day", "growth rate of that naive pool", over=(LINEAGES,))
    memory_growth = needs("1/day", "growth rate of that memory pool", over=(LINEAGES,))
    mature_start = needs("cell", "mature cells on the day of transplant", over=(LINEAGES,))
    per_emigrant = parameter("copy/cell", "sjTREC per exported T cell")
    per_mature = parameter("copy/cell", "sjTREC per mature T cell of the graft or the host")

    def starts(self, x: Any, p: Any, env: Any) -> Iterable[tuple[Any, Any]]:
        share = {"CD4": env.cd4_of_export, "CD8": 1 - env.cd4_of_export}
        for j in self.LINEAGES:
            steady = p.per_emigrant * share[j] * env.capacity / (env.naive_loss[j] + env.naive_growth[j])
            carried = env.activation[j] * steady / (env.memory_loss[j] + env.memory_growth[j])
            yield x.in_naive[j], env.mature_start[j] * p.per_mature + p.healthy * steady
            yield x.in_memory[j], p.healthy * carried

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        for j in self.LINEAGES:
            exported = sum(env.export[s, j] for s in ("H", "I", "R"))
            u, um = x.in_naive[j], x.in_memory[j]
            yield Transition(f"{j} TREC made", p.per_emigrant * exported, {u: +1})
            yield Transition(f"{j} TREC lost with naive cells", env.naive_leaving[j] * u, {u: -1})
            yield Transition(f"{j} TREC carried into memory", env.turning_memory[j] * u, {um: +1})
            yield Transition(f"{j} TREC lost with memory cells", env.memory_leaving[j] * um, {um: -1})

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        copies = sum(x.in_naive[j] + x.in_memory[j] for j in self.LINEAGES)
        yield Output("trec", "copy/uL", env.per_cell_in_blood * copies, "sjTREC in blood", observe=True)
