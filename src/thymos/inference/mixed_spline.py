r"""A mixed-effects spline: the forecast that a statistician would make without a model of the body.

$$ \ln y_i(t) = \sum_k \beta_k B_k(t) + b_{i0} + b_{i1} t + e, \qquad b_i \sim N(0, D),\; e \sim N(0, s^2) $$

Fitted to other patients by `statsmodels` (restricted likelihood); a new patient's $b$ follows from the counts given,
$b \mid y \sim N(D Z' V^{-1} (y - X \beta),\; D - D Z' V^{-1} Z D)$, $V = Z D Z' + s^2 I$.  Reference: `laird1982`.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.inference.series import Series
from thymos.lang.errors import DataError

Floats = NDArray[np.float64]
DEGREE = 3


@dataclass(frozen=True)
class MixedSpline:
    """The fitted population and how patients differ.

    knots : of the cubic basis, ends repeated;  beta, beta_cov : population coefficients and their covariance
    between : covariance D of intercept and slope;  noise : variance s^2 of one measurement
    """

    knots: Floats
    beta: Floats
    beta_cov: Floats
    between: Floats
    noise: float

    @staticmethod
    def fitted(others: Sequence[Series], freedom: int = 4) -> MixedSpline:
        """From other patients; `freedom` counts the coefficients beside the level.

        Raises `DataError` with fewer than three patients, or fewer measurements than the fit has unknowns.
        """
        from statsmodels.regression.mixed_linear_model import MixedLM
        from statsmodels.tools.sm_exceptions import ConvergenceWarning

        day, log = (np.concatenate([getattr(one, name) for one in others]) for name in ("day", "log"))
        if len(others) < 3 or len(day) < freedom + 8:
            raise DataError(
                "mixed-effects spline",
                f"three patients and {freedom + 8} measurements",
                f"{len(others)} and {len(day)}",
            )
        knots = _knots(day, freedom)
        group = np.repeat(np.arange(len(others)), [len(one.day) for one in others])
        model = MixedLM(log, _population(knots, day), groups=group, exog_re=_individual(knots, day))
        with warnings.catch_warnings():
            # A variance at its bound of 0 is an answer here: patients do not differ in slope.
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.simplefilter("ignore", RuntimeWarning)
            found = model.fit(reml=True)
        size = freedom + 1
        return MixedSpline(
            knots, np.asarray(found.fe_params), np.asarray(found.cov_params())[:size, :size],
            np.asarray(found.cov_re), float(found.scale),
        )  # fmt: skip

    def forecast(self, known: Series, days: Floats, draws: int, rng: np.random.Generator) -> Floats:
        """Logarithms of counts on `days`, (draw, day), given the patient's counts so far."""
        x, z = _population(self.knots, known.day), _individual(self.knots, known.day)
        covariance = z @ self.between @ z.T + self.noise * np.eye(len(known.day))
        gain = np.linalg.solve(covariance, z @ self.between).T
        own = gain @ (known.log - x @ self.beta)
        left = self.between - gain @ z @ self.between
        new, shift = _population(self.knots, days), _individual(self.knots, days)
        mean = new @ self.beta + shift @ own
        # What is wrong in the population's level, the patient's own counts put right in part.
        wrong = new - shift @ gain @ x
        spread = self.noise + _diagonal(wrong, self.beta_cov) + _diagonal(shift, left)
        return np.asarray(mean + np.sqrt(spread) * rng.standard_normal((draws, len(mean))))


def _knots(day: Floats, freedom: int) -> Floats:
    """Ends of the data, each as often as the basis needs, and quantiles between them."""
    inner = np.quantile(day, np.linspace(0, 1, freedom - DEGREE + 2)[1:-1])
    return np.concatenate([np.full(DEGREE + 1, day.min()), inner, np.full(DEGREE + 1, day.max())])


def _population(knots: Floats, day: Floats) -> Floats:
    """The basis on each day (time, coefficient); outside the data it stays at its ends."""
    from scipy.interpolate import BSpline

    inside = np.clip(day, knots[0], knots[-1])
    return np.asarray(BSpline.design_matrix(inside, knots, DEGREE).toarray())


def _individual(knots: Floats, day: Floats) -> Floats:
    """Level and slope of one patient (time, 2), the slope over the time of the data, centred."""
    scaled = (np.clip(day, knots[0], knots[-1]) - knots[0]) / (knots[-1] - knots[0]) - 0.5
    return np.column_stack([np.ones(len(scaled)), scaled])


def _diagonal(a: Floats, covariance: Floats) -> Floats:
    """Variances of the rows of `a` times something of that covariance; rounding may leave less than 0."""
    return np.asarray(np.maximum(np.einsum("ij,jk,ik->i", a, covariance, a), 0.0))
