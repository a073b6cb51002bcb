"""What may be learnt of the recipient from patients without product, and what is believed of it before.

A member of a population of beliefs is a point z of standard normal numbers, one for each row that may be learnt and one
for each switch. A row that an earlier fit has set is believed within its range, as if it had never been fitted; any
other as its own uncertainty says. A switch is on where its number is above zero: either choice is as likely as the
other before the data are seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.biology import recipient
from thymos.therapy import THERAPIES
from thymos.therapy.targets.prior import Prior, of_ranges
from thymos.therapy.targets.recipient import FREE, TARGETS
from thymos.therapy.targets.recipient_cohorts import rows
from thymos.therapy.targets.recipient_predictions import predicted

if TYPE_CHECKING:
    from thymos.evidence.values import Value

Floats = NDArray[np.float64]
# What only infused cells, GvHD and drugs of no cohort do is in no data without product.
UNTOUCHED = (
    "homing.",
    "serotherapy.cyclophosphamide",
    "serotherapy.alemtuzumab",
    "serotherapy.progenitors",
    "stroma.repair_by_infused",
    "stroma.gvhd_injury",
    "stroma.steroid_injury",
    "marrow.gvhd_block",
    "b_cells.gvhd_block",
    "b_cells.rituximab",
    "thymus.infused_niche_time",
    "thymus.missed_divisions",
    "periphery.cmv_drive",
)
PLATFORM = (
    "chimerism",
    "engraftment_day",
    "residual_t_cells",
    "campath_residual",
    "initial_nk",
    "graft_naive_share",
    "graft_cd4_share",
    "graft_burst",
    "injury_reduced",
    "injury_myeloablative",
    "atg_per_dose",
    "atg_fall",
)
SWITCHES = (
    "thymic_capacity.niche_number=fixed",
    "thymic_capacity.turnover_pair=fast",
    "periphery.blood_model=lymphopenic",
)
"""Quarrels on which patients without product have something to say."""
FAR = 50.0  # standard deviations of a prediction that is not a number
TOGETHER = 500  # members predicted in one go


@dataclass(frozen=True)
class RecipientBelief:
    """Joins the rows and switches with the published numbers."""

    workers: int = 1

    @cached_property
    def rows(self) -> dict[str, Value]:
        """The rows that may be learnt, by full name."""
        stages = {model.named() for model in recipient.MODELS}
        platforms = {model.named() for model in THERAPIES.values()}

        def learnable(name: str, row: Value) -> bool:
            model, _, short = name.rpartition(".")
            known = model in stages or (model in platforms and short in PLATFORM)
            return known and not row.uncertainty.fixed and not name.startswith(UNTOUCHED)

        return {name: row for name, row in rows().items() if learnable(name, row)}

    @cached_property
    def ranges(self) -> dict[str, Prior]:
        """What is believed of rows that a fit has set before."""
        return of_ranges({name: row for name, row in self.rows.items() if name in FREE})

    @property
    def size(self) -> int:
        """Numbers that make a member."""
        return len(self.rows) + len(SWITCHES)

    def values(self, z: Floats) -> dict[str, Floats]:
        """Typical values and indicators of switches by full name (member,) of points (member, size)."""
        from scipy.special import ndtr

        u = np.clip(ndtr(z), 1e-12, 1 - 1e-12)
        found = {
            name: self.ranges[name].quantile(u[:, i]) if name in FREE else np.asarray(row.typical(u[:, i]))
            for i, (name, row) in enumerate(self.rows.items())
        }
        return found | {s: (z[:, len(self.rows) + k] > 0).astype(float) for k, s in enumerate(SWITCHES)}

    def predictions(self, z: Floats) -> dict[str, Floats]:
        """What each member predicts of every target (member,)."""
        parts = [
            predicted(self.values(some), len(some), self.workers)
            for some in np.array_split(z, -(-len(z) // TOGETHER))
        ]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def log_likelihood(self, z: Floats) -> Floats:
        """Of the fitted targets, each normal on its own scale with the published spread (member,)."""
        seen = self.predictions(z)
        far = [t.residuals(seen[t.name]) for t in TARGETS if t.use == "calibrate"]
        return np.asarray(-0.5 * np.sum(np.nan_to_num(far, nan=FAR, posinf=FAR, neginf=-FAR) ** 2, axis=0))
