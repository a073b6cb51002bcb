"""What a result rests on: its sources, its assumptions, and the healthy people it is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.evidence.bibliography import ASSUMED, reference
from thymos.evidence.datasets.reference_ranges import reference_band
from thymos.therapy.recipient import recipient_models
from thymos.therapy.sampling import values_of
from thymos.therapy.switches import indicators, switches_of
from thymos.trial.population import learnt_by
from thymos.trial.traits import sources_of

if TYPE_CHECKING:
    from thymos.io.study_schema import Study
    from thymos.lang.model import Model

Floats = NDArray[np.float64]
BAND_DAYS = (0, 30, 60, 100, 180, 365, 545, 730)
PERCENTILES = (5.0, 50.0, 95.0)


def sources(study: Study, models: tuple[Model, ...]) -> list[dict[str, str]]:
    """Every source of a value or of the study, as `{key, text}`."""
    keys = {value.source for value in values_of(models).values()}
    keys |= {fact.source for fact in study.registry.facts} | {basis.source for basis in study.basis}
    keys |= {study.registered.reference_source, *sources_of(study.population)}
    return [{"key": key, "text": reference(key)} for key in sorted(keys - {ASSUMED})]


def knowledge(study: Study) -> dict[str, Any]:
    """What typical values and switches are drawn from, and how often each choice is."""
    learnt = learnt_by(study)
    pinned = indicators(recipient_models(), {k: v for k, v in study.switches.items() if _of_recipient(k)})
    rows = learnt.rows(study.seed, np.arange(study.draws)) if learnt.count else None
    drawn = {n: float(x[rows].mean()) for n, x in learnt.values.items() if "=" in n}
    return {
        "typical": study.knowledge,
        "joint_draws": learnt.count,
        "switches": [
            {"name": name, "choice": choice, "share": (drawn | pinned)[full], "pinned": full in pinned}
            for full in sorted(drawn.keys() | pinned.keys())
            for name, choice in [full.split("=")]
        ],
    }


def _of_recipient(name: str) -> bool:
    return any(name in (full, full.rpartition(".")[2]) for full in switches_of(recipient_models()))


def assumed(models: tuple[Model, ...]) -> list[dict[str, Any]]:
    """Every value that is only assumed."""
    return [
        {"name": name, "value": v.value, "unit": v.unit, "where": v.where}
        for name, v in values_of(models).items()
        if v.grade == "assumed"
    ]


def band(study: Study, age: Floats) -> dict[str, Any]:
    """Reference range of healthy people as old as the study's patients, over the follow-up.

    age : years at transplant of the patients of one arm; twins would not move a median
    Percentiles of the pooled healthy population of the patients' ages: medians over patients of each limit.
    """
    lineages, keys = {}, set()
    for lineage in ("cd3", "cd4", "cd8", "cd19", "nk"):
        law = reference_band("NK" if lineage == "nk" else lineage.upper())
        keys |= set(law.sources)
        lineages[lineage] = [
            {"day": float(day), **_limits(law, age + day / 365.25)}
            for day in BAND_DAYS
            if day <= study.follow_up
        ]
    return {"source": "; ".join(reference(key) for key in sorted(keys)), "lineages": lineages}


def _limits(law: Any, age: Any) -> dict[str, float]:
    low, middle, high = (float(np.median(law.percentile(p, age))) for p in PERCENTILES)
    return {"low": low, "median": middle, "high": high}
