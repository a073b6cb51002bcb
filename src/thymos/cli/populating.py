"""Joins candidates of `trial` with the weights of `inference`; no science of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.inference.importance import worth
from thymos.inference.tilting import Tilt, tilt
from thymos.io.target_schema import UNITS, Targets
from thymos.lang.errors import StudyError
from thymos.trial.candidates import Candidates, candidates
from thymos.trial.fitted import population_file
from thymos.trial.published import Figure, accepted, figures, wanted, weighted_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thymos.io.population_file import PopulationFile
    from thymos.io.study_schema import Study

Floats = NDArray[np.float64]
Tick = Callable[[int], None]
WIDER = "more candidates (--candidates), a study nearer to what was published, or fewer figures together"
LEVELS = np.linspace(0.005, 0.995, 100)  # of the quantiles that a picture is drawn from


@dataclass(frozen=True)
class Fitted:
    """Candidates, whom the limits took, their weights, and the figures they were to meet."""

    study: Study
    targets: Targets
    found: Candidates
    among: NDArray[np.bool_]
    figures: Sequence[Figure]
    tilted: Tilt

    def file(self) -> PopulationFile:
        """The weighted population as columns."""
        about = {
            "targets": self.targets.model_dump(mode="json", exclude_none=True),
            "seed": self.study.seed,
            "effective": self.tilted.effective,
        }
        return population_file(self.study, self.found, np.flatnonzero(self.among), self.tilted.weights, about)

    def summary(self) -> dict[str, Any]:
        """The documented object: figures before and after, and how many patients the weights are worth."""
        even = np.full(len(self.tilted.weights), 1 / len(self.tilted.weights))
        return {
            "study": self.study.name,
            "title": self.targets.title,
            "seed": self.study.seed,
            "candidates": self.found.people.size,
            "failed": int(np.count_nonzero(~self.found.solved)),
            "within_limits": int(np.count_nonzero(self.among)),
            "effective": self.tilted.effective,
            "effective_draws": self._draws(),
            "largest_weight": float(self.tilted.weights.max()),
            "figures": [_figure(f, even, self.tilted.weights) for f in self.figures],
            "quantities": self._quantities(even),
        }

    def _draws(self) -> float:
        """How many equally weighted draws of what nobody knows say as much."""
        _, of = np.unique(self.found.draw[self.among], return_inverse=True)
        return worth(np.bincount(of, weights=self.tilted.weights).astype(np.float64))

    def _quantities(self, even: Floats) -> list[dict[str, Any]]:
        """Each quantity of the targets before and after: quantiles, or shares of its values."""
        seen: dict[tuple[str, float | None], dict[str, Any]] = {}
        for target in self.targets.targets:
            x = np.asarray(self.found.quantity(target.of, target.day))[self.among]
            key = (target.of, target.day)
            if key in seen:
                continue
            row: dict[str, Any] = {"name": target.of, "day": target.day, "unit": UNITS.get(target.of, "1")}
            for when, w in (("before", even), ("after", self.tilted.weights)):
                row[when] = _law(x, w, target.of in UNITS)
            seen[key] = row
        return list(seen.values())


def _law(x: NDArray[Any], w: Floats, measured: bool) -> dict[str, Any]:
    if measured:
        return {"quantiles": [weighted_quantile(x, w, level) for level in LEVELS], "levels": LEVELS.tolist()}
    words = x if x.dtype.kind != "b" else np.where(x, "yes", "no")
    return {"shares": {str(v): float(w[words == v].sum()) for v in np.unique(words)}}


def _figure(f: Figure, before: Floats, after: Floats) -> dict[str, Any]:
    return {
        "text": f.text,
        "of": f.of,
        "day": f.day,
        "kind": f.kind,
        "having": f.having,
        "level": f.level if f.kind in ("median", "quantile") else None,
        "published": f.value,
        "unit": f.unit,
        "before": f.seen(before),
        "after": f.seen(after),
        "source": f.source,
    }


def fitted(
    study: Study,
    targets: Targets,
    patients: int,
    draws: int,
    workers: int = 1,
    tick: Tick = lambda done: None,
) -> Fitted:
    """Candidates of a study, weighted so that they have the published figures.

    Raises `StudyError` that names the figure which cannot be reached, and how near it comes, or how few patients
    the weights are worth and which figure costs most.
    """
    if study.population.file is not None:
        raise StudyError(
            f"{study.name} [population.file]", "a study that draws its patients", "one with a file"
        )
    found = candidates(study, patients, draws, wanted(targets), workers, tick)
    among = accepted(targets, found)
    rows = figures(targets, found, among)
    least = max(targets.at_least, targets.at_least_share * found.people.size)
    even = np.full(int(among.sum()), 1 / among.sum())
    if not rows:
        return _enough(
            Fitted(study, targets, found, among, rows, Tilt(even, np.zeros(0), np.zeros(0))), least
        )
    tilted = _tilted(rows)
    if not tilted.possible or tilted.effective < least:
        for one in rows:
            _refuse_alone(one, _tilted([one]), least)
    _refuse_unreached(rows, tilted)
    return _enough(Fitted(study, targets, found, among, rows, tilted), least)


def _tilted(rows: Sequence[Figure]) -> Tilt:
    return tilt(np.stack([f.moment for f in rows], axis=1), np.array([f.target for f in rows]))


def unweighted() -> Targets:
    """No figure at all: everyone is taken, and weighs alike."""
    # No file may say so little, so it is not checked like one.
    return Targets.model_construct(
        format=1, title="patients as the study draws them", targets=(), at_least=1.0, at_least_share=0.0
    )


def _refuse_unreached(rows: Sequence[Figure], tilted: Tilt) -> None:
    if tilted.possible:
        return
    missed = [f for f, gap in zip(rows, tilted.gap, strict=True) if gap]
    wanted_ = "; ".join(f"{f.text} of {_shown(f.value, f.unit)}" for f in missed)
    nearest = "; ".join(_nearest(f, tilted.weights) for f in missed)
    raise StudyError("targets", wanted_, f"at nearest {nearest}, with all other figures met", WIDER)


def _nearest(f: Figure, weights: Floats) -> str:
    if f.kind not in ("median", "quantile"):
        return _shown(f.seen(weights), f.unit)
    return f"{float(weights @ f.moment):.1%} below {_shown(f.value, f.unit)}"


def _shown(value: float, unit: str) -> str:
    return f"{value:.1%}" if unit == "1" else f"{value:.4g} {unit}"


def _refuse_alone(one: Figure, tilted: Tilt, least: float) -> None:
    """A figure that the candidates cannot meet even without the others is the one to look at."""
    if not tilted.possible:
        low, high = one.quantity.min(), one.quantity.max()
        ends = f" (candidates {_shown(low, one.unit)} to {_shown(high, one.unit)})" if one.unit != "1" else ""
        wanted_ = f"{one.text} of {_shown(one.value, one.unit)}"
        raise StudyError("targets", wanted_, f"at nearest {_nearest(one, tilted.weights)}{ends}", WIDER)
    if tilted.effective < least:
        wanted_ = f"weights worth {least:.0f} patients or more"
        got = f"{tilted.effective:.0f} for {one.text} of {_shown(one.value, one.unit)} alone"
        raise StudyError("targets", wanted_, got, WIDER)


def _enough(result: Fitted, least: float) -> Fitted:
    effective = result.tilted.effective
    if effective >= least:
        return result
    got = f"{effective:.0f} of {result.found.people.size} candidates, {int(result.among.sum())} within the limits"
    raise StudyError(
        "targets", f"weights worth {least:.0f} patients or more", got, f"{_costliest(result)}{WIDER}"
    )


def _costliest(result: Fitted) -> str:
    """The figure without which the weights would be worth most."""
    rows = result.figures
    if len(rows) < 2:
        return ""
    without = [_tilted([f for f in rows if f is not left]).effective for left in rows]
    most = int(np.argmax(without))
    return f"without “{rows[most].text}” they would be worth {without[most]:.0f}; "
