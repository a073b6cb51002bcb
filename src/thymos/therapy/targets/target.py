"""A calibration target: what was published, and how far a prediction lies from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Target:
    """One published number that the model is fitted to (`calibrate`) or compared with (`check`).

    name      : the quantity, as the predictions call it; `text` says it in words
    published : median or best value [unit]
    low, high : published range, or limits within which a prediction counts as met [unit]
    evidence  : ids of the evidence rows
    spread    : standard deviation of the published value on `scale`
    aim       : near the value, or on one side of it
    """

    name: str
    text: str
    published: float
    low: float
    high: float
    unit: str
    evidence: str
    spread: float
    scale: Literal["linear", "log", "percent-logit"] = "linear"
    aim: Literal["near", "at least", "at most"] = "near"
    use: Literal["calibrate", "check"] = "calibrate"

    def residual(self, predicted: float) -> float:
        """Distance in standard deviations of the published value; 0 on the right side of a limit."""
        return float(self.residuals(np.array([predicted]))[0])

    def residuals(self, predicted: Floats) -> Floats:
        """The same for many predictions at once."""
        distance = (self._scaled(predicted) - self._scaled(np.array(self.published))) / self.spread
        if self.aim == "at least":
            return np.minimum(distance, 0.0)
        return np.maximum(distance, 0.0) if self.aim == "at most" else distance

    def met(self, predicted: float) -> bool:
        """Whether the prediction lies within the published range."""
        return self.low <= predicted <= self.high

    def _scaled(self, x: Floats) -> Floats:
        if self.scale == "linear":
            return x
        # A floor: a prediction of 0 is far away, not undefined.
        logs = np.log(np.maximum(x, 1e-9))
        return logs if self.scale == "log" else np.asarray(logs - np.log(np.maximum(100 - x, 1e-9)))
