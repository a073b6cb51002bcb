"""Why a run is proposed, in numbers: its chance to be the best, and what it turns on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.inference.design.belief import Belief

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Turning:
    """What a site's readings hang on most, of all that is not known.

    place : of the members' points;  reading : which of the readings;  r : correlation between the two
    """

    place: int
    reading: int
    r: float


def turning(belief: Belief, points: Floats, site: int) -> Turning:
    """The place of the points (member, place) with the strongest correlation to a reading at a site."""
    w = belief.weights
    z = points - w @ points
    found = []
    for kriging in belief.krigings:
        y = np.nan_to_num(kriging.centre(np.array([site]))[:, 0])
        y = y - w @ y
        scale = np.sqrt((w @ z**2) * (w @ y**2))
        found.append(np.divide((w * y) @ z, scale, out=np.zeros(len(scale)), where=scale > 0))
    r = np.array(found)
    reading, place = np.unravel_index(np.argmax(np.abs(r)), r.shape)
    return Turning(int(place), int(reading), float(r[reading, place]))
