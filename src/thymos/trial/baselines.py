"""Published incidences of each platform, and the baselines that make the untreated arm keep them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from thymos.evidence.values import Value
from thymos.therapy import THERAPIES
from thymos.therapy.recipient import recipient_models
from thymos.therapy.sampling import blocks_of, values_of
from thymos.therapy.targets.target import Target
from thymos.trial.simulation import Simulation
from thymos.trial.summary import EVENTS, SURVIVAL

if TYPE_CHECKING:
    from thymos.io.study_schema import Study

Targets = dict[str, Target]
COHORT = 2000
DRAWS = 100  # beliefs that the cohort is spread over, as in a trial
SEED = 1
ROUNDS = 8
GIVES_BASELINE = {
    "agvhd_2_4": "gvhd_baseline",
    "relapse": "relapse_baseline",
    "serious_infection": "infection_baseline",
    "nrm": "mortality_baseline",
    SURVIVAL: "mortality_baseline",
}
"""Which baseline an incidence moves."""
REFERENCES = (
    "reference_cd4",
    "reference_cd4_slope",
    "reference_nk",
    "reference_cd4_allo",
    "reference_naive",
    "reference_naive_slope",
)


def _share(
    event: str, day: int, text: str, p: float, low: float, high: float, ids: str, use: str = "calibrate"
) -> Target:
    return Target(f"{event}@{day}", text, p, low, high, "", ids, 0.05, use=use)  # type: ignore[arg-type]  # a word of its list


TARGETS: dict[str, tuple[Target, ...]] = {
    "haploidentical-scid": (
        _share("agvhd_2_4", 365, "acute GvHD II-IV, SCID haplo", 0.144, 0.07, 0.25, "P270"),
        _share(SURVIVAL, 730, "survival at 2 years, SCID", 0.90, 0.82, 0.95, "P187"),
    ),
    "t-depleted-leukaemia": (
        _share("agvhd_2_4", 365, "acute GvHD II-IV, CD34-selected", 0.18, 0.10, 0.30, "P263"),
        _share("agvhd_3_4", 365, "acute GvHD III-IV, T-depleted", 0.04, 0.0, 0.08, "P248, P228", "check"),
        _share("relapse", 730, "relapse, T-depleted", 0.24, 0.17, 0.36, "P235, P253"),
        _share("serious_infection", 365, "serious infection in the first year", 0.66, 0.55, 0.77, "P169"),
        _share("nrm", 730, "non-relapse mortality, T-depleted", 0.12, 0.05, 0.28, "P234, P249, P244, P252"),
    ),
    "adult-cord-blood": (
        _share("agvhd_2_4", 365, "acute GvHD II-IV, mismatched donor", 0.44, 0.33, 0.55, "P242"),
        _share("agvhd_3_4", 365, "acute GvHD III-IV, mismatched donor", 0.18, 0.10, 0.26, "P243", "check"),
        _share("relapse", 730, "relapse, mismatched donor", 0.24, 0.15, 0.36, "P235"),
        _share("serious_infection", 365, "serious infection in the first year", 0.66, 0.55, 0.77, "P169"),
        _share("nrm", 730, "non-relapse mortality, mismatched donor", 0.28, 0.18, 0.37, "P244"),
    ),
}


def typical_values(study: Study) -> dict[str, Value]:
    """Rows of the recipient and of the study's platform."""
    return values_of((*recipient_models(), THERAPIES[study.therapy]()))


class Control:
    """The untreated arm of a study as a trial draws it: beliefs and patients both differ.

    values : typical values of the platform's hazards, on which every draw agrees here
    """

    def __init__(self, study: Study, values: Mapping[str, float], workers: int) -> None:
        self.simulation = Simulation(
            study, SEED, blocks_of(COHORT, DRAWS), 0, workers, self.agreed(study, values)
        )
        self.arm = self.simulation.treat(study.arms[0])

    @staticmethod
    def agreed(study: Study, values: Mapping[str, float]) -> dict[str, float]:
        """Baselines and reference courses, as given or as they stand."""
        platform = THERAPIES[study.therapy].named()
        rows = typical_values(study)
        names = (f"{platform}.{short}" for short in (*dict.fromkeys(GIVES_BASELINE.values()), *REFERENCES))
        return {name: rows[name].value for name in names} | dict(values)

    def share(self, target: Target) -> float:
        """The incidence that a target names, `event@day`."""
        event, day = target.name.split("@")
        by = float(np.mean(getattr(self.arm.course, EVENTS[event]) <= float(day)))
        return 1 - by if event == SURVIVAL else by

    def median(self, output: str, day: float) -> float:
        """Median of a true quantity on the output day nearest to `day`."""
        nearest = int(np.argmin(np.abs(self.simulation.times - day)))
        return float(np.nanmedian(self.simulation.output(self.arm.solution, output)[:, nearest]))


def predictions(study: Study, values: Mapping[str, float], workers: int = 1) -> dict[str, float]:
    """Incidences of the untreated arm by target name, with `values` in place of what the rows hold."""
    control = Control(study, values, workers)
    return {target.name: control.share(target) for target in TARGETS[study.therapy]}


def calibrated(study: Study, workers: int, tick: Callable[[int], None]) -> dict[str, float]:
    """Reference courses and baselines of a study's platform.

    The reference courses are the medians of the untreated arm itself; each baseline is then scaled until its
    incidence is the published one, by the ratio of cumulative hazards, within the range of its row.
    """
    platform = THERAPIES[study.therapy].named()
    rows = typical_values(study)
    found: dict[str, float] = {}
    for index in range(ROUNDS):
        control = Control(study, found, workers)
        for short, value in references(control).items():
            found[f"{platform}.{short}"] = within(rows[f"{platform}.{short}"], value)
        for target in TARGETS[study.therapy]:
            if target.use == "calibrate":
                name = f"{platform}.{GIVES_BASELINE[target.name.split('@')[0]]}"
                found[name] = _scaled(control, target, rows[name], found.get(name, rows[name].value))
        tick(index + 1)
    return found


def references(control: Control) -> dict[str, float]:
    """The untreated arm's own course, from which distances are counted."""
    return {
        "reference_cd4": control.median("cd4", 100),
        "reference_cd4_slope": slope(control, "cd4"),
        "reference_nk": control.median("nk", 180),
        "reference_cd4_allo": control.median("cd4_allo", 30),
        "reference_naive": control.median("naive_t", 100),
        "reference_naive_slope": slope(control, "naive_t"),
    }


def slope(control: Control, output: str) -> float:
    """Power of time with which a median of the untreated arm rises from day 100 to a year."""
    onset = 10.0  # as immune_state.onset
    rise = control.median(output, 365) / control.median(output, 100)
    return float(np.log(rise) / np.log((365 + onset) / (100 + onset)))


def _scaled(control: Control, target: Target, row: Value, now: float) -> float:
    survives = target.name.startswith(SURVIVAL)
    wanted, got = target.published, control.share(target)
    wanted, got = (1 - wanted, 1 - got) if survives else (wanted, got)
    ratio = np.log1p(-wanted) / np.log1p(-min(max(got, 1e-3), 1 - 1e-3))
    return within(row, now * float(np.clip(ratio, 0.5, 2.0)))


def within(row: Value, value: float) -> float:
    """The value, kept inside the plausible range of its row."""
    low, high = row.range or (0.0, np.inf)
    return float(np.clip(value, low, high))
