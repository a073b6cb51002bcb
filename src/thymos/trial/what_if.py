"""Another treatment from now on: what a user may ask of a forecast, on top of what was given already."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from thymos.lang.errors import StudyError
from thymos.trial.likes import Treatment

MOST_DOSES = 2  # the recipient counts two infusions


@dataclass(frozen=True)
class WhatIf:
    """Infusions to come instead of those that are planned, and the day on which steroids are stopped.

    doses : (CD7+CD3- cells per kg, day after transplant) of each
    """

    doses: tuple[tuple[float, float], ...] = ()
    steroid_stop: float | None = None

    def of(self, given: Treatment, today: float) -> Treatment:
        """The treatment as a whole; raises `StudyError` for one in the past, and for more than two infusions."""
        changed = given
        if self.doses:
            changed = replace(changed, **self._doses(given, today))
        if self.steroid_stop is not None:
            changed = replace(changed, steroid_end=self._stop(given, today, self.steroid_stop))
        return changed

    def _doses(self, given: Treatment, today: float) -> dict[str, float]:
        for dose, day in self.doses:
            later(day, today, "what if, day of the infusion")
            if not (dose >= 0 and np.isfinite(dose)):
                raise StudyError("what if, dose", "0 cell/kg or more", f"{dose:g}")
        had = [(given.dose, given.day), (given.second_dose, given.second_day)]
        infusions = sorted([one for one in had if one[1] < today] + list(self.doses), key=lambda one: one[1])
        if len(infusions) > MOST_DOSES:
            wanted = f"at most {MOST_DOSES} infusions, those already given among them"
            raise StudyError("what if, dose", wanted, str(len(infusions)))
        (dose, day), (second, second_day) = [*infusions, (0.0, np.inf)][:2]
        return {"dose": dose, "day": day, "second_dose": second, "second_day": second_day}

    def _stop(self, given: Treatment, today: float, day: float) -> float:
        later(day, today, "what if, day on which steroids stop")
        if not given.steroid_start < day < given.steroid_end:
            hint = (
                "steroids against GvHD follow its severity; others stand under steroids in the patient file"
            )
            raise StudyError("what if, steroids", f"steroids that are given on day {day:g}", "none", hint)
        return day


def later(day: float, today: float, what: str) -> None:
    """Refuse the past; raises `StudyError`."""
    if not (np.isfinite(day) and day >= today):
        hint = "what was given belongs into the patient file"
        raise StudyError(what, f"a day from {today:g} on, the day of the last count", f"{day:g}", hint)


def asked(
    dose: float | None,
    day: float | None,
    second_dose: float | None,
    second_day: float | None,
    steroid_stop: float | None,
) -> WhatIf | None:
    """What the options of the command line ask; None where they ask nothing; raises `StudyError` for half a dose."""
    doses = []
    for name, cells, when in (("dose", dose, day), ("second-dose", second_dose, second_day)):
        if cells is None and when is None:
            continue
        if cells is None or when is None:
            wanted = "a dose and its day"
            got = "a day alone" if cells is None else "a dose alone"
            raise StudyError(f"option --{name}", wanted, got, f"add --{name.replace('dose', 'day')}")
        doses.append((cells, when))
    return WhatIf(tuple(doses), steroid_stop) if doses or steroid_stop is not None else None
