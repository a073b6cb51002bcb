"""Rates of loss, division and activation that keep a healthy pool at its reference, at every age."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, exp, maximum, needs, parameter, sqrt


class Turnover(Model):
    r"""Closure of the periphery: health is a steady state whatever the thymic output.

    $$ l_j = \max\{d_{N,j},\, (1 + \rho)\theta_j/N_j^* - g_N\}, \qquad p_j = l_j + g_N - \theta_j/N_j^* $$
    $$ \alpha_j = \min\left\{\iota \frac{(d_{M,j} + g_M) M_j^*}{b N_j^*},\, l_j\right\}, \qquad
       q_j = d_{M,j} + g_M - b \alpha_j \frac{N_j^*}{M_j^*} $$

    $\rho = \rho_0 e^{a/\tau_\rho}$ is peripheral division over thymic influx. Free rates instead would let
    memory settle far below its share. References: `vrisekoop2008`, `bains2009blood`.
    """

    LINEAGES = ("CD4", "CD8")
    age_now = needs("year", "age")
    capacity = needs("cell/day", "T cells the thymus exports in health")
    cd4_of_export = needs("", "CD4 share of exported T cells")
    naive_reference = needs("cell", "naive cells of a healthy person", over=(LINEAGES,))
    memory_reference = needs("cell", "memory cells of a healthy person", over=(LINEAGES,))
    naive_growth = needs("1/day", "growth rate of that naive pool", over=(LINEAGES,))
    memory_growth = needs("1/day", "growth rate of that memory pool", over=(LINEAGES,))
    fast_pair = needs("", "1 where output is large and naive loss fast, else 0")
    naive_cd4_loss = parameter("1/day", "loss rate of naive CD4 cells, slow pair")
    naive_cd8_loss = parameter("1/day", "loss rate of naive CD8 cells, slow pair")
    naive_loss_fast = parameter("1/day", "loss rate of naive cells, fast pair")
    memory_cd4_loss = parameter("1/day", "loss rate of memory CD4 cells")
    memory_cd8_loss = parameter("1/day", "loss rate of memory CD8 cells")
    division_at_birth = parameter("", "peripheral division over thymic influx, at birth")
    division_ageing = parameter("year", "time constant of the growth of that ratio with age")
    from_naive = parameter("", "share of memory made from naive cells in health")
    burst = parameter("", "memory cells made of one naive cell that is activated")

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        ratio = p.division_at_birth * exp(env.age_now / p.division_ageing)
        slow = {"CD4": p.naive_cd4_loss, "CD8": p.naive_cd8_loss}
        memory = {"CD4": p.memory_cd4_loss, "CD8": p.memory_cd8_loss}
        share = {"CD4": env.cd4_of_export, "CD8": 1 - env.cd4_of_export}
        for j in self.LINEAGES:
            influx = share[j] * env.capacity / env.naive_reference[j]
            least = slow[j] + env.fast_pair * (p.naive_loss_fast - slow[j])
            needed = (1 + ratio) * influx - env.naive_growth[j]
            loss = maximum(needed, least, within=least / 100)
            renewal = memory[j] + env.memory_growth[j]
            ratio_of_pools = env.memory_reference[j] / (p.burst * env.naive_reference[j])
            # Activation is part of the loss; where a draw asks for more, memory renews itself instead. This
            # form of the smaller one is 0 where no activation is asked for.
            asked = p.from_naive * renewal * ratio_of_pools
            made = asked / sqrt(sqrt(1 + (asked / loss) ** 4))
            itself = renewal - made / ratio_of_pools
            yield Output("naive_loss", "1/day", loss, f"loss of naive {j} cells, activation included", (j,))
            yield Output(
                "naive_division", "1/day", loss + env.naive_growth[j] - influx, f"division of naive {j}", (j,)
            )
            yield Output("activation", "1/day", made, f"naive {j} cells that become memory", (j,))
            yield Output("memory_loss", "1/day", memory[j], f"loss of memory {j} cells", (j,))
            yield Output("memory_division", "1/day", itself, f"division of memory {j}", (j,))
        yield Output("burst", "", p.burst, "memory cells made of one activated naive cell")
