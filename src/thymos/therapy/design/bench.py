"""Cultures as a search over runs asks for them: what members and donors say of conditions, and what runs cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.therapy.design.outcomes import donors, outcomes

if TYPE_CHECKING:
    from thymos.therapy.culture_protocol import CultureProtocol
    from thymos.therapy.design.doubt import Doubt
    from thymos.therapy.design.experiment import Experiment
    from thymos.therapy.design.seen import SeenRuns
    from thymos.therapy.sampling import Sample

Floats = NDArray[np.float64]

TYPICAL, EACH = 24, 6  # members, and virtual donors around each, that say how donors differ
Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class CultureBench:
    """One experiment with the runs that were made; a condition is a row of factors in the order of `names`."""

    experiment: Experiment
    seen: SeenRuns
    doubt: Doubt
    seed: int
    workers: int = 1
    tick: Tick = lambda done, total: None
    _kept: dict[bytes, Floats] = field(default_factory=dict)

    @property
    def moments(self) -> Floats:
        """Positions of the days of harvest, 0 the first and 1 the last (day,)."""
        return self._places(self.experiment.days)

    @property
    def seen_moments(self) -> Floats:
        """The same of the runs that were made (run,)."""
        return self._places(np.array([r.day for r in self.seen.runs]))

    def _places(self, days: Floats) -> Floats:
        first, last = self.experiment.days[[0, -1]]
        return np.asarray((days - first) / (last - first) if last > first else 0.0 * days)

    @property
    def seen_x(self) -> Floats:
        """Factors of the runs that were made (run, factor)."""
        names = self.experiment.names
        rows = [[float(getattr(r.protocol, name)) for name in names] for r in self.seen.runs]
        return np.array(rows).reshape(len(rows), len(names))

    def points(self, n: int, seed: int) -> Floats:
        """Members (member, place)."""
        return self.doubt.points(n, seed)

    def means(self, points: Floats, x: Floats) -> Floats:
        """Readings of the typical donor (reading, member, condition x day)."""
        return self._everywhere(self.doubt.values(points), self.experiment.protocols(x))

    def seen_means(self, points: Floats) -> Floats:
        """The same at the runs that were made (reading, member, run)."""
        return self._seen(self.doubt.values(points), len(points))

    def donors(self, x: Floats) -> Floats:
        """Readings of virtual donors less those of their typical one (reading, donor, condition x day)."""
        key = x.tobytes()
        if key not in self._kept:
            made = self.experiment.protocols(x)
            self._kept[key] = self._apart(lambda members, n: self._everywhere(members, made))
        return self._kept[key]

    def seen_donors(self) -> Floats:
        """The same donors at the runs that were made (reading, donor, run)."""
        if b"seen" not in self._kept:
            self._kept[b"seen"] = self._apart(self._seen)
        return self._kept[b"seen"]

    def prices(self, x: Floats) -> Floats:
        """Of a run of each condition and day (condition x day,)."""
        return self.experiment.prices(self.experiment.protocols(x)).ravel()

    def _apart(self, computed: Callable[[Sample, int], Floats]) -> Floats:
        """Donors less their own typical one, around some members: how donors differ hangs on what is true."""
        typical = self.doubt.values(self.doubt.points(TYPICAL, self.seed))
        people = donors(self.experiment.source, typical, EACH, self.seed)
        return computed(people, TYPICAL * EACH) - np.repeat(computed(typical, TYPICAL), EACH, axis=1)

    def _everywhere(self, members: Sample, protocols: Sequence[CultureProtocol]) -> Floats:
        found = self._outcomes(members, protocols, self.experiment.days)
        return found.reshape(*found.shape[:2], -1)

    def _seen(self, members: Sample, n: int) -> Floats:
        """Each distinct protocol is computed once, for all its days."""
        if not self.seen.runs:
            return np.empty((len(self.experiment.readouts), n, 0))
        days = np.unique([r.day for r in self.seen.runs])
        protocols = list(dict.fromkeys(r.protocol for r in self.seen.runs))
        found = self._outcomes(members, protocols, days)
        where = [(protocols.index(r.protocol), int(np.searchsorted(days, r.day))) for r in self.seen.runs]
        condition, day = np.array(where).T
        return found[:, :, condition, day]

    def _outcomes(self, members: Sample, protocols: Sequence[CultureProtocol], days: Floats) -> Floats:
        e = self.experiment
        if not protocols:
            n = len(next(iter(members.values()))) if members else 1
            return np.empty((len(e.readouts), n, 0, len(days)))
        return outcomes(e.source, members, protocols, days, e.readouts, self.workers, self.tick)
