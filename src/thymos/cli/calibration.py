"""Joins the fits of `inference` with the plans of `therapy` and the baselines of `trial`; no science of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from thymos.evidence.revise import revised
from thymos.inference.calibrate import Free, fit
from thymos.io.atomic import write_text
from thymos.therapy.targets.culture import DONOR_TARGETS, SPREAD_TARGETS
from thymos.therapy.targets.culture_fit import SEED
from thymos.therapy.targets.culture_predictions import donor_predictions, spread_predictions
from thymos.therapy.targets.plan import Plan, plan, plans
from thymos.trial.baselines import TARGETS, calibrated, predictions, typical_values
from thymos.trial.run import load_study, shipped

if TYPE_CHECKING:
    from thymos.evidence.values import Value
    from thymos.therapy.targets.target import Target

BASELINES = "baselines"
Row = tuple["Target", float]
Tick = Callable[[str], None]


def parts() -> tuple[str, ...]:
    """What can be calibrated, in the order in which it has to be."""
    return (*plans(), BASELINES)


def compare(workers: int, tick: Tick) -> list[Row]:
    """Every target beside the prediction of the values as they stand."""
    found: list[Row] = []
    for one in plans().values():
        tick(one.text)
        predicted = one.predictions({})
        found += [(target, predicted[target.name]) for target in one.targets]
    tick("spread of lots and donors")
    spread = spread_predictions(400, SEED) | donor_predictions(400, 4, SEED)
    found += [(target, spread[target.name]) for target in (*SPREAD_TARGETS, *DONOR_TARGETS)]
    for name in shipped():
        study = load_study(name)
        tick(f"outcomes of {name}, untreated")
        shares = predictions(study, {}, workers)
        found += [(target, shares[target.name]) for target in TARGETS[study.therapy]]
    return found


def calibrate(
    part: str, seed: int, starts: int, workers: int, tick: Tick
) -> tuple[dict[str, float], list[Row]]:
    """Fitted values by full name, and each target beside what they predict."""
    return _baselines(workers, tick) if part == BASELINES else _fit(plan(part), seed, starts, tick)


def _fit(chosen: Plan, seed: int, starts: int, tick: Tick) -> tuple[dict[str, float], list[Row]]:
    free = [Free(name, *prior) for name, prior in chosen.prior().items()]
    found = fit(
        chosen.residuals, free, seed, starts, tick=lambda cost: tick(f"a start ended at cost {cost:.4g}")
    )
    predicted = chosen.predictions(found.values)
    return found.values, [(target, predicted[target.name]) for target in chosen.targets]


def _baselines(workers: int, tick: Tick) -> tuple[dict[str, float], list[Row]]:
    values: dict[str, float] = {}
    rows: list[Row] = []
    for name in shipped():
        study = load_study(name)
        found = calibrated(study, workers, lambda done, name=name: tick(f"{name}, round {done}"))  # type: ignore[misc]  # bound here, which mypy cannot type
        shares = predictions(study, found, workers)
        values |= found
        rows += [(target, shares[target.name]) for target in TARGETS[study.therapy]]
    return values, rows


def write(values: Mapping[str, float]) -> list[str]:
    """Put fitted values into their rows; returns the files that changed."""
    rows: dict[str, Value] = {name: value for one in plans().values() for name, value in one.free().items()}
    for name in shipped():
        rows |= typical_values(load_study(name))
    changed = set()
    for name, new in values.items():
        file = rows[name].file
        write_text(file, revised(file.read_text(encoding="utf-8"), rows[name], new))
        changed.add(str(file))
    return sorted(changed)
