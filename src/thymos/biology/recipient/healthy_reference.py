"""What a healthy person of the same age has: the state that regulation aims at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, constant, derivative, exp, log, needs, parameter


class HealthyReference(Model):
    r"""Median counts and naive share by age, and the whole-body pools they stand for.

    $$ C_4^* = c_4 + c_4' e^{-a/\tau_4}, \quad C_8^* = C_4^* (r_8 + (r_0 - r_8) e^{-a/\tau_8}), \quad
       \nu = \nu_\infty + (\nu_0 - \nu_\infty) e^{-a/\tau_\nu}, \quad N_j^* = C_j^* \nu V / f_B $$

    References: `denny1992`, `chng2004`, `schatorje2012`.
    """

    LINEAGES = ("CD4", "CD8")
    age_now = needs("year", "age")
    blood_volume = needs("uL", "blood volume")
    volume_growth = needs("1/day", "growth rate of blood volume")
    blood_share = needs("", "share of all lymphocytes that is in blood")
    cd4_adult = parameter("cell/uL", "median CD4 count of adults")
    cd4_infant_excess = parameter("cell/uL", "median CD4 count at birth above the adult's")
    cd4_decline = parameter("year", "time constant of that excess")
    cd8_ratio = parameter("", "CD8 to CD4 ratio of adults")
    cd8_ratio_birth = parameter("", "CD8 to CD4 ratio at birth")
    cd8_ratio_rise = parameter("year", "time constant of its rise")
    naive_share_old = parameter("", "naive share of T cells in great age")
    naive_share_birth = parameter("", "naive share of T cells at birth")
    naive_share_time = parameter("year", "time constant of its fall")

    def counts(self, p: Any, age: Any) -> dict[str, Any]:
        """Median counts by lineage [cell/uL]."""
        cd4 = p.cd4_adult + p.cd4_infant_excess * exp(-age / p.cd4_decline)
        ratio = p.cd8_ratio + (p.cd8_ratio_birth - p.cd8_ratio) * exp(-age / p.cd8_ratio_rise)
        return {"CD4": cd4, "CD8": cd4 * ratio}

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        age, one = env.age_now, constant(1.0, "cell/uL")
        naive = p.naive_share_old + (p.naive_share_birth - p.naive_share_old) * exp(-age / p.naive_share_time)
        for j, count in self.counts(p, age).items():
            for kind, share in (("naive", naive), ("memory", 1 - naive)):
                curve = count * share
                pool = curve * env.blood_volume / env.blood_share
                growth = derivative(log(curve / one), age) / constant(365.25, "day/year") + env.volume_growth
                yield Output(f"{kind}_reference", "cell", pool, f"{kind} {j} cells of a healthy person", (j,))
                yield Output(f"{kind}_growth", "1/day", growth, f"growth rate of that {kind} {j} pool", (j,))
