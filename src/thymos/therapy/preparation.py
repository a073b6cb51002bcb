"""What conditioning and graft leave on the day of transplant, as covariates of the recipient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from thymos.io.study_schema import Atg, Conditioning
    from thymos.therapy.sampling import Sample

Floats = NDArray[np.float64]


def conditioning(study: Conditioning, platform: Sample, atg_dose: Floats, alemtuzumab_dose: Floats) -> Sample:
    """Injury, drug levels and drugs after transplant.

    platform : values of the platform by short name (patient,);  atg_dose, alemtuzumab_dose : mg/kg in total
    """
    n = len(atg_dose)
    injury = {"none": "injury_none", "RIC": "injury_reduced", "MAC": "injury_myeloablative"}[study.intensity]
    ptcy = study.ptcy
    last = max(ptcy.days) + platform["cyclophosphamide_duration"] if ptcy else np.full(n, np.inf)
    return {
        "conditioning_injury": platform[injury],
        "irradiated": np.full(n, float(study.total_body_irradiation or study.intensity == "MAC")),
        "calcineurin_inhibitor": np.full(n, float(study.calcineurin_inhibitor is not None)),
        "atg_level": level(study.atg, atg_dose, platform["atg_per_dose"], platform["atg_fall"]),
        "alemtuzumab_level": level(
            study.alemtuzumab, alemtuzumab_dose, platform["alemtuzumab_per_dose"], np.full(n, np.log(2) / 8)
        ),
        "cyclophosphamide_start": np.full(n, float(min(ptcy.days)) if ptcy else np.inf),
        "cyclophosphamide_end": last,
    }


def level(given: Atg | None, dose: Floats, rise: Floats, fall: Floats) -> Floats:
    """Level on day 0 of an antibody as the study gives it; zero when it gives none."""
    return (
        np.zeros_like(dose) if given is None else remaining(given.first_day, given.last_day, dose, rise, fall)
    )


def remaining(first_day: float, last_day: float, dose: Floats, rise: Floats | float, fall: Floats) -> Floats:
    """Level on day 0 after equal daily parts of `dose` [mg/kg], each adding `rise` for 1 mg/kg and falling at `fall`.

    Parts given after day 0 count in full: the level on day 0 stands for them too.
    """
    days = np.minimum(np.arange(first_day, last_day + 1), 0)
    return np.asarray(dose * rise * np.exp(np.outer(fall, days)).mean(axis=1))
