"""What a cytometer and a cell counter would find in the vessel, without their errors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, constant, covariate, needs

CLASSES = ("quiescent", "stem", "early", "late", "myeloid", "b_cells", "carried_t")


class Phenotype(Model):
    r"""Shares of live cells by surface marker, and growth relative to what was seeded.

    $$ fold = X / X_0, \qquad \%CD7^+CD3^- = 100 (P + L) / X $$

    X counts all live cells, X_0 the viable CD34+ cells seeded (the denominator of the published fold is taken
    to be the same). Reference: `htlp_abstract`.
    """

    seeded_cd34 = covariate("cell", "viable CD34+ cells seeded")
    cells = needs("cell", "live cells by class", over=(CLASSES,))
    live_cells = needs("cell", "live cells in the vessel")
    dead_cells = needs("cell", "dead cells in the vessel")
    bcl11b_cells = needs("cell", "CD7+ cells that express BCL11B")
    locked_cells = needs("cell", "CD7+ cells locked to the T fate")

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        n, live = env.cells, env.live_cells
        # A share of nothing is 0, not undefined: before the first CD7+ cell there is one billionth of one.
        nothing, percent = constant(1e-9, "cell"), constant(100.0, "percent")
        cd7 = n["early"] + n["late"]
        cd34 = n["quiescent"] + n["stem"] + n["early"]
        shares = {
            "cd7_percent": (cd7, "CD7+CD3- share of live cells"),
            "cd34_cd7neg_percent": (n["quiescent"] + n["stem"], "CD34+CD7- share of live cells"),
            "cd34_cd7_percent": (n["early"], "CD34+CD7+ share of live cells"),
            "cd34neg_cd7_percent": (n["late"], "CD34-CD7+ share of live cells"),
            "myeloid_percent": (n["myeloid"], "myeloid share of live cells"),
            "b_percent": (n["b_cells"], "B-lymphoid share of live cells"),
            "cd3_percent": (n["carried_t"], "CD3+ share of live cells"),
            "bcl11b_percent": (env.bcl11b_cells, "BCL11B+ share of live cells"),
            "locked_percent": (env.locked_cells, "share of live cells locked to the T fate"),
        }
        percents = {name: (counted / live, text) for name, (counted, text) in shares.items()}
        percents["g0_percent"] = (n["quiescent"] / (cd34 + nothing), "G0 share of CD34+ cells")
        percents["viability"] = (live / (live + env.dead_cells), "live share of all cells")
        for name, (share, text) in percents.items():
            yield Output(name, "percent", share * percent, text, observe=True)
        yield Output("fold", "", live / p.seeded_cd34, "live cells for one CD34+ seeded", observe=True)
        gain, late = cd7 / p.seeded_cd34, n["late"] / (cd7 + nothing)
        yield Output("cd7_per_cd34", "", gain, "CD7+CD3- cells for one CD34+ seeded", observe=True)
        yield Output("cd34neg_cd7_share", "", late, "CD34- share of CD7+ cells", observe=True)
        yield Output("cd7_cells", "cell", cd7, "CD7+CD3- cells in the vessel", observe=True)
        yield Output("cd3_cells", "cell", n["carried_t"], "CD3+ cells in the vessel", observe=True)
