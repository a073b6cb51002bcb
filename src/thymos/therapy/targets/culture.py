"""Targets of the culture: the published lots, the cytokine grids, the cell cycle, the cost of Notch, the NK arm.

`low` and `high` are the published range where there is one. Where there is none they are ours: a fifth around the
net-rate gap, the half-yields and the Flt3L floor, a tenth around the other floors, a flat response and the spread
between lots.
"""

from __future__ import annotations

from thymos.evidence.values import Value
from thymos.therapy.culture import SOURCES, culture_models
from thymos.therapy.sampling import values_of
from thymos.therapy.targets.target import Target

# What the fit of the typical donor may move, each within the range of its row.
FREE = (
    "mobilised_blood.quiescence_time",
    "notch.cost",
    "cytokines.scf_lack",
    "cytokines.il7_lack",
    "cytokines.flt3l_lack",
    "cytokines.il3_lack",
    "cytokines.scf_lack_cd5",
    "cytokines.il7_lack_cd5",
    "cytokines.il3_lack_cd5",
    "cytokines.scf_half",
    "cytokines.flt3l_half",
    "cytokines.il3_half",
    "progenitors.growth",
    "progenitors.late_growth",
    "progenitors.specification",
    "progenitors.myeloid_odds",
    "progenitors.cd34_loss",
    "progenitors.cd5_gain",
)


def free_parameters() -> dict[str, Value]:
    """The rows that the fit of the typical donor may move."""
    rows = {name: value for source in SOURCES for name, value in values_of(culture_models(source)).items()}
    return {name: rows[name] for name in FREE}


def _lots() -> tuple[Target, ...]:
    return (
        Target("fold", "live cells for one CD34+ seeded", 14.7, 8.8, 18.5, "", "C002", 0.05, "log"),
        Target("cd7_percent", "CD7+CD3- share", 79.7, 54.6, 98.9, "percent", "C001", 0.1, "percent-logit"),
        Target(
            "cd7_per_cd34", "CD7+CD3- for one CD34+", 11.7, 4.8, 18.3, "", "C018", 0.2, "log", use="check"
        ),
        Target(
            "cd34neg_percent",
            "CD34-CD1a- among CD7+",
            80,
            80,
            100,
            "percent",
            "C016",
            0.1,
            "percent-logit",
            "at least",
        ),
        # The purest of six lots held 1.1 % of other cells, so hardly any CD34+CD7- cells can be left there.
        Target("undecided_percent", "CD34+CD7- share", 1.1, 0, 5, "percent", "C001", 0.3, "log", "at most"),
        # The grids are of another assay, whose day is not stated: wide.
        Target("cd5_percent", "CD5+ among CD7+", 42, 37, 50, "percent", "C040", 0.1, "percent-logit"),
        Target("g0_day3", "G0 among CD34+ on day 3", 0, 0, 2, "percent", "C090", 1.0),
        Target(
            "cd3_per_kg", "CD3+ with 5e5 cells/kg", 11.2, 0, 588, "cell/kg", "C004", 1.6, "log", use="check"
        ),
    )


def _cytokines() -> tuple[Target, ...]:
    # Limits of the CD5+ and CD5- floors without a published range: as wide as those of IL-7, a tenth at least.
    return (
        Target("il7_floor_neg", "CD7+CD5- without IL-7", 0.36, 0.32, 0.40, "", "C043", 0.05, "log"),
        Target("il7_floor_pos", "CD7+CD5+ without IL-7", 0.45, 0.40, 0.50, "", "C044", 0.05, "log"),
        Target("scf_floor_neg", "CD7+CD5- without SCF", 0.65, 0.58, 0.72, "", "C046", 0.05, "log"),
        Target("scf_floor_pos", "CD7+CD5+ without SCF", 0.36, 0.32, 0.40, "", "C047", 0.05, "log"),
        Target("il3_floor_neg", "CD7+CD5- without IL-3", 0.12, 0.10, 0.14, "", "C048", 0.1, "log"),
        Target("il3_floor_pos", "CD7+CD5+ without IL-3", 0.047, 0.04, 0.055, "", "C049", 0.1, "log"),
        Target("flt3l_floor", "CD7+ yield without Flt3L", 0.55, 0.45, 0.65, "", "C057", 0.1, "log"),
        Target("scf_half", "way to plateau, 4.83 ng/mL SCF", 0.5, 0.4, 0.6, "", "C046, C047", 0.03),
        Target("flt3l_half", "way to plateau, 0.76 ng/mL Flt3L", 0.5, 0.4, 0.6, "", "C057", 0.03),
        Target("il3_half", "way to plateau, 0.233 ng/mL IL-3", 0.5, 0.4, 0.6, "", "C048, C049", 0.03),
        Target("il7_flat", "CD7+ yield at 1.5 ng/mL IL-7", 1, 0.9, 1.1, "", "C045", 0.1, "log", use="check"),
    )


def _nk() -> tuple[Target, ...]:
    # Nothing of the NK arm is fitted; the limits are claims of the source or the span of two processes.
    return (
        Target("nk_percent", "CD56+CD3-, day 21", 90, 80, 100, "percent", "C110", 1.0, use="check"),
        Target("nk_cd3", "CD3+, NK arm, day 21", 0, 0, 0.1, "percent", "C104", 1.0, use="check"),
        Target("nk_cd16", "CD16+ among NK, day 21", 0, 0, 20, "percent", "C107", 1.0, use="check"),
        Target("nk_kir", "KIR+ among NK, day 21", 0, 0, 5, "percent", "C107", 1.0, use="check"),
        Target("nk_rate", "net growth of NK cells", 0.2, 0.19, 0.4, "1/day", "C112", 1.0, use="check"),
    )


TARGETS = (
    *_lots(),
    *_cytokines(),
    *_nk(),
    Target("notch_gap", "net rate, no DL4 less strong DL4", 0.153, 0.12, 0.19, "1/day", "C063", 0.01),
)

# What the fit of the spread between donors moves `growth` and `myeloid_odds` to.
SPREAD_TARGETS = (
    Target("fold_sd", "SD of ln fold between lots", 0.293, 0.27, 0.32, "", "C019", 0.02),
    Target("purity_sd", "SD of logit purity between lots", 1.70, 1.5, 1.9, "", "C020", 0.1),
)

# Cord-blood donors of the cytokine grids; nothing is fitted to them.
DONOR_TARGETS = (
    Target("yield_between", "SD of ln CD7+, donors", 0.30, 0.28, 0.32, "", "C041", 0.02, use="check"),
    Target("yield_within", "SD of ln CD7+, runs of a donor", 0.09, 0.05, 0.14, "", "C042", 0.02, use="check"),
)
