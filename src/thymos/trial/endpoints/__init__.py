"""Endpoints: they read visits or dated events, never a hidden state."""

from thymos.trial.endpoints.recovery import DayOfRecovery

CD4_EARLY = DayOfRecovery("cd4", threshold=50.0, horizon=100.0)
"""CD4 immune reconstitution: above 50/uL twice in a row by day 100."""
CD4_200 = DayOfRecovery("cd4", threshold=200.0)

ENDPOINTS = {
    "cd4_ir_day100": "CD4 above 50/uL on two consecutive visits by day 100",
    "day_cd4_200": "first of two consecutive visits with CD4 above 200/uL",
    "trec_month6": "sjTREC at six months",
    "agvhd_2_4": "acute GvHD II-IV",
    "agvhd_3_4": "acute GvHD III-IV",
    "relapse": "relapse",
    "serious_infection": "first serious infection",
    "nrm": "non-relapse mortality",
    "overall_survival": "overall survival",
}
EVENTS = ("agvhd_2_4", "agvhd_3_4", "relapse", "serious_infection", "nrm", "death")

__all__ = ["CD4_200", "CD4_EARLY", "ENDPOINTS", "EVENTS", "DayOfRecovery"]
