"""A calibration target: what was published, and how far a prediction lies from it."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Literal


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
        distance = (self._scaled(predicted) - self._scaled(self.published)) / self.spread
        if self.aim == "at least":
            return min(distance, 0.0)
        return max(distance, 0.0) if self.aim == "at most" else distance

    def met(self, predicted: float) -> bool:
        """Whether the prediction lies within the published range."""
        return self.low <= predicted <= self.high

    def _scaled(self, x: float) -> float:
        if self.scale == "linear":
            return x
        # A floor: a prediction of 0 is far away, not undefined.
        return log(max(x, 1e-9)) if self.scale == "log" else log(max(x, 1e-9) / max(100 - x, 1e-9))
