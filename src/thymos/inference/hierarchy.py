r"""What is unknown when groups (donors) share parameters and differ around them, as one vector of numbers.

$$ \ln \theta_k \sim N(m_k, s_k), \qquad \ln \theta_{gk} = \ln \theta_k + \varsigma_k z_{gk},
   \quad z_{gk} \sim N(0, 1) $$

z is sampled and not the effect itself, so that a small spread makes no funnel (Papaspiliopoulos et al. 2007). The
standard deviations of donors, plates, wells and readings are unknown too, half-normal before the data, and stand in
the vector as logarithms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Shared:
    """A parameter that all groups share: the normal prior of its logarithm."""

    name: str
    middle: float
    sd: float


@dataclass(frozen=True)
class Effect:
    """In what groups differ: parameters that rise and fall together by one factor.

    sd : standard deviation of the factor's logarithm, or the name of an unknown one
    """

    names: tuple[str, ...]
    sd: float | str

    @property
    def name(self) -> str:
        """The first of the parameters."""
        return self.names[0]


@dataclass(frozen=True)
class Hierarchy:
    """Shared parameters, effects of groups, and unknown standard deviations with the scale of their prior.

    The vector x holds, in this order: logarithm of each shared parameter; z of each group and effect; logarithm of
    each standard deviation.
    """

    shared: tuple[Shared, ...]
    groups: tuple[str, ...]
    effects: tuple[Effect, ...]
    spreads: Mapping[str, float]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Name of each place in x; `growth@2` is z of donor 2."""
        z = (f"{e.name}@{g}" for g in self.groups for e in self.effects)
        return (*(s.name for s in self.shared), *z, *self.spreads)

    def said(self, x: Floats) -> str:
        """The numbers of x (size,) with their names, for a message."""
        return ", ".join(f"{name} {value:.3g}" for name, value in zip(self.names, x, strict=True))

    @property
    def size(self) -> int:
        """Length of x."""
        return len(self.names)

    @property
    def start(self) -> Floats:
        """Middle of the priors, no effects, half of each prior's scale as standard deviation."""
        z = np.zeros(len(self.groups) * len(self.effects))
        return np.concatenate([self._middle, z, np.log(self._scales / 2)])

    @cached_property
    def _middle(self) -> Floats:
        return np.array([s.middle for s in self.shared])

    @cached_property
    def _sd(self) -> Floats:
        return np.array([s.sd for s in self.shared])

    @cached_property
    def _scales(self) -> Floats:
        return np.array(list(self.spreads.values()))

    @cached_property
    def moves(self) -> Floats:
        """1 where an effect moves a parameter (effect, parameter)."""
        return np.array([[float(s.name in e.names) for s in self.shared] for e in self.effects]).reshape(
            len(self.effects), len(self.shared)
        )

    def z(self, x: Floats) -> Floats:
        """Effects in standard deviations (vector, group, effect)."""
        k, m = len(self.shared), len(self.spreads)
        return x[:, k : x.shape[1] - m].reshape(len(x), len(self.groups), len(self.effects))

    def spread(self, x: Floats, name: str) -> Floats:
        """One standard deviation (vector,)."""
        return np.asarray(np.exp(x[:, self.names.index(name)]))

    def effect_sds(self, x: Floats) -> Floats:
        """Standard deviation of the logarithm of each effect (vector, effect)."""
        columns = [
            self.spread(x, e.sd) if isinstance(e.sd, str) else np.full(len(x), e.sd) for e in self.effects
        ]
        return np.stack(columns, axis=1) if columns else np.zeros((len(x), 0))

    def logs(self, x: Floats) -> Floats:
        """Logarithm of every shared parameter in every group (vector, group, parameter)."""
        moved = (self.z(x) * self.effect_sds(x)[:, None, :]) @ self.moves
        return np.asarray(x[:, None, : len(self.shared)] + moved)

    def jacobian(self, x: Floats, group: Whole, slopes: Floats) -> Floats:
        """Slopes in x (reading, size) of numbers with slopes (reading, parameter) in `logs(x)` of their group."""
        sds, z = self.effect_sds(x[None])[0], self.z(x[None])[0]
        own = (slopes @ self.moves.T) * sds
        by_group = np.zeros((len(group), len(self.groups), len(self.effects)))
        by_group[np.arange(len(group)), group] = own
        spreads = np.zeros((len(group), len(self.spreads)))
        for i, e in enumerate(self.effects):
            if isinstance(e.sd, str):
                # The standard deviation stands in x as a logarithm, so its slope carries a factor of itself.
                spreads[:, list(self.spreads).index(e.sd)] += own[:, i] * z[group, i]
        return np.concatenate([slopes, by_group.reshape(len(group), -1), spreads], axis=1)

    def log_prior(self, x: Floats, free: int | None = None) -> Floats:
        """Logarithm of the prior density of each x (vector,), to a constant; one shared parameter may go without."""
        distance = (x[:, : len(self.shared)] - self._middle) / self._sd
        if free is not None:
            distance[:, free] = 0.0
        v = x[:, x.shape[1] - len(self.spreads) :]
        with np.errstate(over="ignore"):
            spreads = (v - 0.5 * (np.exp(v) / self._scales) ** 2).sum(axis=1)
        z = (self.z(x) ** 2).sum(axis=(1, 2))
        return np.asarray(-0.5 * (distance**2).sum(axis=1) - 0.5 * z + spreads)

    def log_prior_slope(self, x: Floats, free: int | None = None) -> Floats:
        """Gradient of `log_prior` at one x (size,)."""
        k, m = len(self.shared), len(self.spreads)
        pull = -(x[:k] - self._middle) / self._sd**2
        if free is not None:
            pull[free] = 0.0
        v = x[len(x) - m :]
        return np.concatenate([pull, -x[k : len(x) - m], 1.0 - (np.exp(v) / self._scales) ** 2])

    def prior_curvature(self, x: Floats) -> Floats:
        """Minus the second derivatives of the prior, diagonal (size,)."""
        z = np.ones(len(self.groups) * len(self.effects))
        v = x[len(x) - len(self.spreads) :]
        return np.concatenate([1.0 / self._sd**2, z, 2 * (np.exp(v) / self._scales) ** 2])


def shared_of(priors: Mapping[str, tuple[float, float, float, float]]) -> tuple[Shared, ...]:
    """Shared parameters from (middle, low, high, standard deviation of the logarithm) by name."""
    return tuple(Shared(name, float(np.log(p[0])), p[3]) for name, p in priors.items())
