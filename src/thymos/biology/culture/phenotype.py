"""What a cytometer and a cell counter would find in the vessel, without their errors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.biology.culture.lineage import NK
from thymos.lang import Model, Output, constant, covariate, needs, parameter

CD34NEG_CD7 = ("late_neg", "late_pos", "cd1a")
CD34_CD7 = ("early_neg", "early_pos")
CD5NEG, CD5POS = ("early_neg", "late_neg"), ("early_pos", "late_pos", "cd1a")
NK_CLASSES = tuple(f"nk_{k}" for k in NK)
CD56 = NK_CLASSES[1:]
CLASSES = ("quiescent", "stem", *CD34_CD7, *CD34NEG_CD7, "myeloid", "b_cells", "carried_t", *NK_CLASSES)


class Phenotype(Model):
    r"""Shares of live cells by surface marker, and growth relative to what was seeded.

    $$ fold = X / X_0, \qquad \%CD7^+CD3^- = 100 (P + L) / X, \qquad \%CD56^+CD3^- = 100 (K_i + K_{16} + K_{KIR}) / X $$

    X counts all live cells, X_0 the viable CD34+ cells seeded (the denominator of the published fold is taken
    to be the same). NK progenitors, CD7+ and CD56-, count in neither share: they are no T progenitors any more.
    NKG2D is on every CD16+ cell and on a part of the CD56+CD16- ones. References: `htlp_abstract`, `beck2009`.
    """

    seeded_cd34 = covariate("cell", "viable CD34+ cells seeded")
    cells = needs("cell", "live cells by class", over=(CLASSES,))
    live_cells = needs("cell", "live cells in the vessel")
    dead_cells = needs("cell", "dead cells in the vessel")
    bcl11b_cells = needs("cell", "CD7+ cells that express BCL11B")
    locked_cells = needs("cell", "CD7+ cells locked to the T fate")
    immature_nkg2d = parameter("", "NKG2D+ share of CD56+CD16- cells")

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        yield from self._shares(env)
        yield from self._counts(p, env)
        yield from self._maturity(p, env)

    def _shares(self, env: Any) -> Iterable[Output]:
        n, live = env.cells, env.live_cells
        shares = {
            "cd7_percent": (self._cd7(n), "CD7+CD3- share of live cells"),
            "cd34_cd7neg_percent": (n["quiescent"] + n["stem"], "CD34+CD7- share of live cells"),
            "cd34_cd7_percent": (_sum(n, CD34_CD7), "CD34+CD7+ share of live cells"),
            "cd34neg_cd7_percent": (_sum(n, CD34NEG_CD7), "CD34-CD7+ share of live cells"),
            "myeloid_percent": (n["myeloid"], "myeloid share of live cells"),
            "b_percent": (n["b_cells"], "B-lymphoid share of live cells"),
            "cd3_percent": (n["carried_t"], "CD3+ share of live cells"),
            "nk_progenitor_percent": (n["nk_progenitor"], "CD7+CD56- NK progenitor share of live cells"),
            "nk_percent": (_sum(n, CD56), "CD56+CD3- share of live cells"),
            "bcl11b_percent": (env.bcl11b_cells, "BCL11B+ share of live cells"),
            "locked_percent": (env.locked_cells, "share of live cells locked to the T fate"),
        }
        for name, (counted, text) in shares.items():
            yield _percent(name, counted / live, text)

    def _counts(self, p: Any, env: Any) -> Iterable[Output]:
        n, live, cd7, nk = env.cells, env.live_cells, self._cd7(env.cells), _sum(env.cells, CD56)
        nothing = constant(1e-9, "cell")
        cd34 = n["quiescent"] + n["stem"] + _sum(n, CD34_CD7)
        yield _percent("g0_percent", n["quiescent"] / (cd34 + nothing), "G0 share of CD34+ cells")
        yield _percent("viability", live / (live + env.dead_cells), "live share of all cells")
        yield Output("fold", "", live / p.seeded_cd34, "live cells for one CD34+ seeded", observe=True)
        gain, late = cd7 / p.seeded_cd34, _sum(n, CD34NEG_CD7) / (cd7 + nothing)
        yield Output("cd7_per_cd34", "", gain, "CD7+CD3- cells for one CD34+ seeded", observe=True)
        yield Output("cd34neg_cd7_share", "", late, "CD34- share of CD7+ cells", observe=True)
        yield Output(
            "nk_per_cd34", "", nk / p.seeded_cd34, "CD56+CD3- cells for one CD34+ seeded", observe=True
        )
        counts = {
            "cd7_cells": (cd7, "CD7+CD3- cells in the vessel"),
            "cd7_cd5neg_cells": (_sum(n, CD5NEG), "CD7+CD5- cells in the vessel"),
            "cd7_cd5pos_cells": (_sum(n, CD5POS), "CD7+CD5+CD3- cells in the vessel"),
            "nk_cells": (nk, "CD56+CD3- cells in the vessel"),
            "cd3_cells": (n["carried_t"], "CD3+ cells in the vessel"),
        }
        for name, (counted, text) in counts.items():
            yield Output(name, "cell", counted, text, observe=True)

    def _maturity(self, p: Any, env: Any) -> Iterable[Output]:
        # A share of nothing is 0, not undefined: before the first cell of a kind there is one billionth of one.
        n, nothing = env.cells, constant(1e-9, "cell")
        cd7, nk = self._cd7(n) + nothing, _sum(n, CD56) + nothing
        cd16 = n["nk_cd16"] + n["nk_kir"]
        yield _percent("cd5_percent", _sum(n, CD5POS) / cd7, "CD5+ share of CD7+ cells")
        yield _percent("cd1a_percent", n["cd1a"] / cd7, "CD1a+ share of CD7+ cells")
        yield _percent("cd16_percent", cd16 / nk, "CD16+ share of CD56+ cells")
        yield _percent("kir_percent", n["nk_kir"] / nk, "KIR+ share of CD56+ cells")
        nkg2d = (cd16 + p.immature_nkg2d * n["nk_immature"]) / nk
        yield _percent("nkg2d_percent", nkg2d, "NKG2D+ share of CD56+ cells")

    @staticmethod
    def _cd7(n: Any) -> Any:
        return _sum(n, (*CD34_CD7, *CD34NEG_CD7))


def _sum(n: Any, classes: tuple[str, ...]) -> Any:
    return sum(n[k] for k in classes)


def _percent(name: str, share: Any, text: str) -> Output:
    return Output(name, "percent", share * constant(100.0, "percent"), text, observe=True)
