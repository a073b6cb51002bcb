"""What could be measured next to learn what the product does: which blood test, on which day, in which patients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.assay import ASSAYS
from thymos.assay.assay import Reported
from thymos.lang.streams import stream
from thymos.therapy.sampling import Block, Sample
from thymos.trial.pairs import Pairs, Treatment, treatment

if TYPE_CHECKING:
    from thymos.io.study_schema import Study

Floats = NDArray[np.float64]
DAYS = (60.0, 100.0)
OUTPUTS = ("cd3", "cd4", "cd4_naive", "trec", "infused_t")
SECOND = 28.0  # day of a second dose
TENFOLD = 10.0
ARMS = ("treated", "untreated", "second dose", "tenfold dose")


@dataclass(frozen=True)
class Measurement:
    """Blood of the patients of some arms, so many in each, on one day.

    quantities : what is measured, keys of `ASSAY`
    """

    name: str
    text: str
    quantities: tuple[str, ...]
    day: float
    arms: tuple[str, ...] = ("treated",)


ASSAY = {"trec": "trec", "cd4": "flow_count", "cd4_naive": "flow_count", "label": "flow_fraction"}
"""The assay that reports a quantity. The label is a mark that only the product's T cells carry, as % of T cells."""


ALSO = {
    "untreated": "in as many untreated",
    "second dose": "in as many after two doses",
    "tenfold dose": "in as many at tenfold dose",
}
TEXT = {"label": "product label", "trec": "TREC", "cd4": "CD4", "cd4_naive": "naive CD4"}


def _all() -> Iterator[Measurement]:
    for day in DAYS:
        for quantity, text in TEXT.items():
            yield Measurement(f"{quantity}_day{day:g}", f"{text} at day {day:g}", (quantity,), day)
        yield Measurement(
            f"label_cd4_day{day:g}", f"product label and CD4 at day {day:g}", ("label", "cd4"), day
        )
    for arm, also in ALSO.items():
        arms, name, text = ("treated", arm), arm.replace(" ", "_"), f"at day 100, and {also}"
        yield Measurement(f"cd4_day100_{name}", f"CD4 {text}", ("cd4",), 100.0, arms)
        if arm != "untreated":
            yield Measurement(f"label_day100_{name}", f"product label {text}", ("label",), 100.0, arms)


MEASUREMENTS = tuple(_all())


@dataclass(frozen=True)
class Measured:
    """Patients of one arm, others under every draw; what an assay reports of them, by `READINGS`.

    known  : of each before the study (draw, patient, known), by `KNOWN`
    value  : decimal logarithm of what is reported (draw, patient, reading)
    below  : whether it was below the limit, which is then reported (draw, patient, reading)
    failed : draws under which a patient could not be solved (draw,)
    """

    known: Floats
    value: Floats
    below: NDArray[np.bool_]
    failed: NDArray[np.bool_]


READINGS = tuple((quantity, day) for quantity in ASSAY for day in DAYS)
KNOWN = ("age", "graft_t_cells", "host_progenitors", "host_block")
"""What a study knows of its patients: age, T cells in the graft, and what the genotype leaves of the host's own."""


def given_in(arm: str, study: Study) -> Treatment:
    """The dose and day of an arm of such a study."""
    usual = treatment(study, study.arms[-1])
    match arm:
        case "untreated":
            return treatment(study, study.arms[0])
        case "second dose":
            return Treatment(usual.dose, usual.day, usual.dose, SECOND)
        case "tenfold dose":
            return Treatment(TENFOLD * usual.dose, usual.day)
    return usual


def measured(pairs: Pairs, values: Mapping[str, Floats], arm: str, patients: int) -> Measured:
    """Readings of `patients` under each draw of `values` (draw,); no patient is in two arms."""
    draws = len(next(iter(values.values())))
    block = Block(1, ARMS.index(arm), draws * patients)
    each = {name: np.repeat(x, patients) for name, x in values.items()}
    people = pairs.people(each, block, np.arange(block.size))
    course = pairs.course(each, people, given_in(arm, pairs.study))
    known = np.stack([people.covariates[name] for name in KNOWN], axis=1)
    reported = [_reported(quantity, day, arm, course, pairs) for quantity, day in READINGS]
    shape = (draws, patients, -1)
    return Measured(
        known.reshape(shape),
        np.log10(np.stack([value for value, _ in reported], axis=1)).reshape(shape),
        np.stack([below for _, below in reported], axis=1).reshape(shape),
        np.asarray(np.isnan(course["cd4"].reshape(draws, -1)).any(axis=1)),
    )


def _reported(quantity: str, day: float, arm: str, course: Sample, pairs: Pairs) -> Reported:
    rng = stream(pairs.seed, f"measurement.{quantity}.{arm}", int(day))
    true = _true(course, quantity, int(np.argmin(np.abs(pairs.days - day))))
    return ASSAYS[ASSAY[quantity]].measure(np.nan_to_num(true), rng)


def _true(course: Sample, quantity: str, place: int) -> Floats:
    if quantity != "label":
        return np.asarray(course[quantity][:, place])
    cd3 = course["cd3"][:, place]
    marked = np.divide(course["infused_t"][:, place], cd3, out=np.zeros_like(cd3), where=cd3 > 0)
    return np.asarray(100 * np.clip(marked, 0.0, 1.0))
