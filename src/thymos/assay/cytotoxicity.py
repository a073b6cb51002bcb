"""Killing of targets by NK, CAR-NK or T cells, and what an assay of released label reports of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from thymos.assay.assay import Assay, Floats, Reported, censored
from thymos.assay.counting import lognormal_factor, poisson_count, uniforms
from thymos.lang import parameter


@dataclass(frozen=True)
class Effector:
    """A killer as a few numbers; each may be an array, one entry a lot.

    strength  : u, what is left of full strength (Notch after NK commitment lowers it)
    mature    : E_m, share of CD16+ cells
    car_share : share of effectors that express a CAR
    car_gain  : killing rate of a CAR+ effector on an antigen-positive target, relative to a CAR- one
    """

    strength: ArrayLike = 1.0
    mature: ArrayLike = 0.0
    car_share: ArrayLike = 0.0
    car_gain: ArrayLike = 1.0

    def pace(self, maturity_gain: ArrayLike, antigen: bool) -> Floats:
        """Killing rate relative to a plain immature effector: CAR+ and CAR- cells crowd around one target."""
        u, mature, share, gain = (
            np.asarray(x, np.float64) for x in (self.strength, self.mature, self.car_share, self.car_gain)
        )
        return np.asarray(
            u * (1 + np.asarray(maturity_gain) * mature) * (1 + (share * (gain - 1) if antigen else 0.0))
        )


@dataclass(frozen=True)
class Target:
    """A target line: how easily it is killed relative to K562, and which share carries the antigen of the CAR."""

    name: str = "K562"
    susceptibility: float = 1.0
    antigen_share: float = 1.0


@dataclass(frozen=True)
class Cytotoxicity(Assay):
    r"""A target dies at a rate that rises with the effectors around it until there is no more room for them.

    $$ lysis = s_0 + (1 - s_0) \left[ 1 - e^{-h} \right], \qquad
       h = \frac{k\, u\, (1 + a_m E_m)\, R\, t}{1 + R / R_{50}}, \qquad s_0 = 1 - e^{-d t} $$

    with $R$ effectors per target and $t$ hours. Few effectors kill a target at the rate $k R$; with many, lysis ends at
    $1 - e^{-k u (1 + a_m E_m) R_{50} t}$. Saturation in effectors was measured on T and K cells and on NK cells.
    Reported is $(E - S)/(M - S)$ of sample, spontaneous and maximum wells: preparation shifts the killing rate of a
    plate, each well has its own error, counting a Poisson one.
    References: `zeijlemaker1977`, `callewaert1982`, `bol1986`.
    """

    rate = parameter("1/hour", "killing rate of one effector on one K562 target, far from saturation")
    half = parameter("", "effectors per target at which half of the largest killing rate is reached")
    maturity_gain = parameter("", "gain in killing rate of a mature (CD16+) over an immature NK cell")
    release = parameter("1/hour", "rate at which targets without effectors lose their label")
    plate_cv = parameter("", "coefficient of variation of the killing rate between plates of one product")
    well_cv = parameter("", "coefficient of variation between wells of one condition")
    label = parameter("", "counts above zero of a well whose targets are all lysed")
    wells = parameter("", "replicate wells of a sample")
    controls = parameter("", "control wells of each kind")
    limit = parameter("percent", "lowest specific lysis that is reported as a number")

    def specific_lysis(
        self,
        effector: Effector,
        target: Target,
        ratio: ArrayLike,
        hours: ArrayLike,
        drawn: Mapping[str, ArrayLike] | None = None,
    ) -> Floats:
        """Expected specific lysis, 0 to 1, over antigen-positive and -negative targets; all arguments broadcast.

        drawn : values by their own name, in place of those of the rows
        """
        v = self.values | dict(drawn or {})
        positive, negative = (
            -np.expm1(-hazard(self._pace(effector, target, antigen, v), v["half"], ratio, hours))
            for antigen in (True, False)
        )
        return np.asarray(target.antigen_share * positive + (1 - target.antigen_share) * negative)

    def spontaneous(self, hours: ArrayLike) -> Floats:
        """Share of label lost without effectors."""
        return np.asarray(-np.expm1(-self.values["release"] * np.asarray(hours, np.float64)))

    def lysis(self, effector: Effector, target: Target, ratio: ArrayLike, hours: ArrayLike) -> Floats:
        """Expected share of label released, s0 included, 0 to 1."""
        s0 = self.spontaneous(hours)
        return np.asarray(s0 + (1 - s0) * self.specific_lysis(effector, target, ratio, hours))

    def measure(self, true: ArrayLike, rng: np.random.Generator) -> Reported:
        """Specific lysis [percent] of any shape, each sample on a plate of its own, read after four hours."""
        share, v = np.clip(np.asarray(true, np.float64) / 100, 0.0, 1.0), self.values
        pace, _ = uniforms(rng, share.shape)
        with np.errstate(divide="ignore"):
            hazard = -np.log1p(-share) * lognormal_factor(pace, v["plate_cv"])
        s0 = float(self.spontaneous(4.0))
        released = s0 - (1 - s0) * np.expm1(-hazard)
        sample = self._mean_count(released, v["wells"], rng)
        low = self._mean_count(np.full(share.shape, s0), v["controls"], rng)
        high = self._mean_count(np.ones(share.shape), v["controls"], rng)
        return censored(100 * (sample - low) / (high - low), v["limit"])

    def _mean_count(self, released: Floats, wells: float, rng: np.random.Generator) -> Floats:
        """Mean counts of so many wells."""
        first, second = uniforms(rng, released.shape)
        factor = lognormal_factor(first, self.values["well_cv"] / np.sqrt(wells))
        return poisson_count(second, self.values["label"] * wells * released * factor) / wells

    def _pace(self, effector: Effector, target: Target, antigen: bool, v: Mapping[str, ArrayLike]) -> Floats:
        """Killing rate of this effector on this target, far from saturation [1/hour]."""
        rate, gain = (np.asarray(v[name], np.float64) for name in ("rate", "maturity_gain"))
        return np.asarray(rate * target.susceptibility * effector.pace(gain, antigen))


def hazard(rate: ArrayLike, half: ArrayLike, ratio: ArrayLike, hours: ArrayLike) -> Floats:
    """Expected killings of a target [1]: rate [1/hour], ratio and half in effectors per target."""
    k, r50, r, t = (np.asarray(x, np.float64) for x in (rate, half, ratio, hours))
    return np.asarray(k * r * t / (1 + r / r50))
