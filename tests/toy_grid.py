"""A dose-response with known answers, in the place of the culture: floor and Hill, written down in closed form."""

from dataclasses import dataclass

import numpy as np

from thymos.inference.grouped import Grouped, readings_of
from thymos.inference.hierarchy import Effect, Hierarchy, Shared

DOSES = np.array([0.0, 1.5, 6.0, 24.0, 96.0, 384.0])
TRUTH = {"loss": np.log(1.2), "half": np.log(5.0)}
SPREADS = {"effect_sd": 0.15, "donor_sd": 0.3, "well_sd": 0.1}
NOISE = {"neg": 0.08, "pos": 0.12}


@dataclass(frozen=True)
class Toy:
    """ln yield = -loss * half / (half + dose) for "neg", twice that for "pos"; exact slopes."""

    doses: np.ndarray

    def _lost(self, logs):
        with np.errstate(over="ignore", invalid="ignore"):
            loss, half = np.exp(logs[:, 0, None]), np.exp(logs[:, 1, None])
            return loss * half / (half + self.doses), half

    def values(self, logs):
        lost, _ = self._lost(logs)
        return np.concatenate([-lost, -2 * lost], axis=1)

    def slopes(self, logs):
        lost, half = self._lost(logs)
        s = np.stack([-lost, -lost * self.doses / (half + self.doses)], axis=2)
        return self.values(logs), np.concatenate([s, 2 * s], axis=1)


def data(rng, donors=3, wells=2, doses=DOSES):
    """Columns of readings with the truth above: (value, donor, cell, kind, plate, well)."""
    rows = []
    for donor in range(donors):
        factor = np.exp(SPREADS["effect_sd"] * rng.standard_normal())
        scale = dict(zip(NOISE, 9 + SPREADS["donor_sd"] * rng.standard_normal(2), strict=True))
        logs = np.array([[TRUTH["loss"] + np.log(factor), TRUTH["half"]]])
        level = Toy(doses).values(logs)[0]
        for i in range(len(doses)):
            for well in range(wells):
                shared = SPREADS["well_sd"] * rng.standard_normal()
                for k, kind in enumerate(NOISE):
                    cell = k * len(doses) + i
                    y = level[cell] + scale[kind] + shared + NOISE[kind] * rng.standard_normal()
                    rows.append((y, str(donor), cell, kind, "", f"{i}-{well}"))
    return rows


def posterior(rows, doses=DOSES, seen=None):
    value, donor, cell, kind, plate, well = zip(*rows, strict=True)
    found, groups, scales = readings_of(
        np.array(value), donor, np.array(cell), kind, plate, well, dict.fromkeys(NOISE, 10.0), seen
    )
    shared = (Shared("loss", np.log(1.0), 0.5), Shared("half", np.log(4.0), 1.0))
    h = Hierarchy(shared, groups, (Effect(("loss",), "effect_sd"),), {"effect_sd": 0.2} | scales)
    return Grouped(h, found, Toy(doses))
