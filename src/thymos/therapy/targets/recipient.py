"""Targets of the recipient without product: health, SCID, T-depleted grafts, NK cells; and what may move."""

from __future__ import annotations

from thymos.evidence.values import Value
from thymos.therapy import THERAPIES
from thymos.therapy.recipient import recipient_models
from thymos.therapy.sampling import values_of
from thymos.therapy.targets.target import Target

# What the fit may move, each within the range of its row; the product's own parameters are not among them.
FREE = (
    "marrow.lag",
    "periphery.memory_cd4_drive",
    "periphery.memory_cd8_drive",
    "periphery.naive_drive",
    "periphery.residual_naive_share",
    "periphery.conversion",
    "periphery.conversion_burst",
    "periphery.engrafting_share",
    "serotherapy.atg_kill_max",
    "stroma.repair",
    "natural_killer.surplus",
    "b_cells.delay",
    "thymic_capacity.output_slow",
    "t_depleted_leukaemia.residual_t_cells",
    "t_depleted_leukaemia.campath_residual",
    "adult_cord_blood.graft_burst",
)


def free_parameters() -> dict[str, Value]:
    """The rows that the fit may move."""
    rows = values_of((*recipient_models(), *(therapy() for therapy in THERAPIES.values())))
    return {name: rows[name] for name in FREE}


def _healthy() -> tuple[Target, ...]:
    """Step 1: no free parameter; the closure has to hold them."""
    return (
        Target(
            "cd4_age_0.2",
            "CD4, healthy, 2-3 months",
            2830,
            1460,
            5110,
            "cell/uL",
            "P026",
            0.1,
            "log",
            use="check",
        ),
        Target(
            "cd4_age_0.5",
            "CD4, healthy, 4-8 months",
            2950,
            1690,
            4610,
            "cell/uL",
            "P027",
            0.1,
            "log",
            use="check",
        ),
        Target(
            "cd4_age_1.5",
            "CD4, healthy, 12-23 months",
            2070,
            1020,
            3600,
            "cell/uL",
            "P028",
            0.1,
            "log",
            use="check",
        ),
        Target(
            "cd4_age_3.5",
            "CD4, healthy, 24-59 months",
            1800,
            900,
            2860,
            "cell/uL",
            "P029",
            0.1,
            "log",
            use="check",
        ),
        Target(
            "cd4_age_30",
            "CD4, healthy adult",
            813,
            399,
            1361,
            "cell/uL",
            "P031, P036",
            0.1,
            "log",
            use="check",
        ),
        Target(
            "cd8_age_30",
            "CD8, healthy adult",
            616,
            254,
            1193,
            "cell/uL",
            "P032, P037",
            0.1,
            "log",
            use="check",
        ),
        Target(
            "cd19_age_30",
            "CD19, healthy adult",
            332,
            138,
            645,
            "cell/uL",
            "P033, P038",
            0.1,
            "log",
            use="check",
        ),
        Target(
            "nk_age_30", "NK, healthy adult", 370, 140, 998, "cell/uL", "P034, P039", 0.3, "log", use="check"
        ),
        Target(
            "trec_per_naive_30",
            "sjTREC per naive T cell, adult",
            0.01,
            0.004,
            0.03,
            "copy/cell",
            "P363",
            0.5,
            "log",
        ),
        Target(
            "thymic_share_20",
            "thymic share of new naive cells, 20 years",
            20,
            0,
            20,
            "percent",
            "P369",
            0.3,
            "log",
            "at most",
        ),
        Target(
            "thymic_share_5",
            "thymic share of new naive cells, 5 years",
            33,
            0,
            33,
            "percent",
            "P370",
            0.3,
            "log",
            "at most",
        ),
    )


TARGETS = (
    *_healthy(),
    Target(
        "scid_day_normal",
        "day of normal CD3 (1400/uL), SCID, no product",
        105,
        90,
        120,
        "day",
        "P203, P060",
        0.12,
        "log",
    ),
    Target("t_day14_adult", "CD3 at day 14, T-depleted, 25 years", 7, 1, 15, "cell/uL", "P152", 0.5, "log"),
    Target(
        "t_day180_adult", "CD3 at 6 months, T-depleted, 25 years", 87, 30, 151, "cell/uL", "P153", 0.33, "log"
    ),
    Target(
        "naive_day180_adult",
        "naive CD4 at 6 months, 25 years",
        5,
        0,
        10,
        "cell/uL",
        "P154",
        0.5,
        "log",
        "at most",
    ),
    Target(
        "naive_day545_adult", "naive CD4 at 18 months, 25 years", 71, 21, 121, "cell/uL", "P156", 0.32, "log"
    ),
    Target(
        "naive_day545_child",
        "naive CD4 at 18 months, 13 years",
        600,
        300,
        1200,
        "cell/uL",
        "P155",
        0.5,
        "log",
    ),
    Target(
        "cd4_recovery",
        "CD4 above 50/uL by day 100, T-depleted",
        54.7,
        48,
        61.5,
        "percent",
        "P101",
        0.15,
        "percent-logit",
    ),
    Target(
        "cord_cd4_day120",
        "CD4 at 4 months, cord blood, 50 years",
        200,
        120,
        330,
        "cell/uL",
        "politikos2020",
        0.3,
        "log",
    ),
    Target(
        "cord_nk_day120",
        "NK at 4 months, cord blood, 50 years",
        252,
        150,
        420,
        "cell/uL",
        "politikos2020",
        0.25,
        "log",
    ),
    Target(
        "cord_cd19_day120",
        "CD19 at 4 months, cord blood, 50 years",
        150,
        75,
        300,
        "cell/uL",
        "politikos2020",
        0.35,
        "log",
    ),
    Target("nk_first_year", "mean NK in the first year", 288, 239, 338, "cell/uL", "P183", 0.12, "log"),
)
