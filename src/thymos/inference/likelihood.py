r"""The likelihood of measurements under a program, with its gradient, as optimisers and samplers want it.

$$ -\ln L(\theta) = \sum_i \frac{1}{2} z_i^2 + \ln \sigma_i + \frac{1}{2} \ln 2\pi,
   \qquad z_i = \frac{y_i - m_i(\theta)}{\sigma_i} $$

with $m_i$ the prediction of measurement $y_i$. Where the error is log-normal, $\ln y_i$ and $\ln m_i$ take their
places, and $\ln y_i$ is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thymos.engine.program import Program
from thymos.engine.sensitivity import Sensitivity, sensitivities
from thymos.engine.status import Status
from thymos.inference.fisher import Information
from thymos.inference.observations import Observations
from thymos.inference.unknowns import Unknown, Unknowns
from thymos.lang.errors import DataError, SolveError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Prediction:
    """What the program says of each measurement at one x.

    values : (observation,), NaN for a failed patient
    slopes : (observation, unknown) in that unknown's place of x
    status : (patient,) codes of `Status`
    """

    values: Floats
    slopes: Floats
    status: NDArray[np.int8]


@dataclass(frozen=True)
class Likelihood:
    """Measurements, the program that predicts them, and the unknowns to be found.

    parameters  : (parameter, patient), as in `Program.solve`; the rows of unknowns are replaced
    rtol, atol  : of the integration
    central     : differences to both sides, as in `sensitivities`
    """

    program: Program
    parameters: Floats
    observations: Observations
    unknowns: Unknowns
    rtol: float = 1e-7
    atol: float = 1e-9
    central: bool = False
    workers: int = 1

    @staticmethod
    def of(
        program: Program,
        parameters: ArrayLike,
        observations: Observations,
        unknowns: Sequence[Unknown],
        rtol: float = 1e-7,
        atol: float = 1e-9,
        central: bool = False,
        workers: int = 1,
    ) -> Likelihood:
        """Checked: the names against the program, the patients against the parameters."""
        table = np.asarray(parameters, dtype=np.float64)
        for name in dict.fromkeys(observations.output):
            program.output_index(name)
        for unknown in unknowns:
            program.parameter_index(unknown.name)
        patients = table.shape[-1]
        if observations.value.size == 0 or observations.patient.max() >= patients:
            got = f"patient {observations.patient.max()}" if observations.value.size else "none"
            raise DataError("observations", f"some, of patients below {patients}", got)
        moved = Unknowns.of(unknowns, patients)
        return Likelihood(program, table, observations, moved, rtol, atol, central, workers)

    @cached_property
    def _columns(self) -> list[int]:
        """Row of the parameter table of each unknown."""
        return [self.program.parameter_index(u.name) for u in self.unknowns.each]

    @cached_property
    def _days(self) -> tuple[Floats, NDArray[np.intp]]:
        """The days on which anyone was measured, and which of them each measurement is from."""
        days, when = np.unique(self.observations.day, return_inverse=True)
        return days, when

    @cached_property
    def _what(self) -> NDArray[np.int64]:
        """Column of the output that each measurement is of."""
        columns = {name: self.program.output_index(name) for name in dict.fromkeys(self.observations.output)}
        return np.array([columns[name] for name in self.observations.output], np.int64)

    def predict(self, x: ArrayLike) -> Prediction:
        """Predictions and their slopes at x; a failed patient's are NaN."""
        table = self.parameters.copy()
        table[self._columns] = self.unknowns.values(x)
        s = self._sensitivities(table)
        at = self.observations.patient, self._days[1], self._what
        slopes = s.slopes[at] * self.unknowns.slopes(x)[:, at[0]].T
        return Prediction(s.outputs[at], slopes, s.status)

    def _sensitivities(self, table: Floats) -> Sensitivity:
        return sensitivities(
            self.program,
            table,
            self._days[0],
            [u.name for u in self.unknowns.each],
            rtol=self.rtol,
            atol=self.atol,
            central=self.central,
            workers=self.workers,
        )

    def value_and_grad(self, x: ArrayLike) -> tuple[float, Floats]:
        """Minus the log-likelihood and its gradient in x: `scipy.optimize.minimize(it, x0, jac=True)`.

        Raises `SolveError` where there is none, naming the patient. An infinite value would be worse: SciPy's
        L-BFGS-B takes it for convergence.
        """
        p = self.predict(x)
        value, pull = self._minus_log_likelihood(p.values)
        if not np.isfinite(value) or not np.isfinite(p.slopes).all():
            self._explain(p, x)
        return value, self._gather(pull[:, None] * p.slopes)

    def information(self, x: ArrayLike) -> Information:
        """Fisher information of x: parameters that are fitted on the log scale have relative bounds."""
        p, o = self.predict(x), self.observations
        dense = np.zeros((o.value.size, len(self.unknowns.names)))
        rows = np.arange(o.value.size)[:, None]
        dense[rows, self.unknowns.places[:, o.patient].T] = p.slopes
        unit = o.sd * np.where(o.log_normal, p.values, 1.0)
        return Information(self.unknowns.names, dense / unit[:, None])

    def _minus_log_likelihood(self, m: Floats) -> tuple[float, Floats]:
        """The value, and its slope in each prediction."""
        o = self.observations
        with np.errstate(invalid="ignore", divide="ignore"):
            distance = np.where(o.log_normal, np.log(np.where(o.log_normal, o.value / m, 1.0)), o.value - m)
            z = distance / o.sd
            pull = -z / (o.sd * np.where(o.log_normal, m, 1.0))
        constant = np.log(o.sd) + 0.5 * np.log(2 * np.pi) + np.log(np.where(o.log_normal, o.value, 1.0))
        return float(np.sum(0.5 * z * z + constant)), pull

    def _gather(self, parts: Floats) -> Floats:
        """Sum over observations into the places of x."""
        places = self.unknowns.places[:, self.observations.patient].T
        total = np.bincount(places.ravel(), parts.ravel(), minlength=len(self.unknowns.names))
        return np.asarray(total, dtype=np.float64)

    def _explain(self, p: Prediction, x: ArrayLike) -> None:
        """Say which patient has no likelihood, and why."""
        o = self.observations
        bad = ~(np.isfinite(p.values) & np.isfinite(p.slopes).all(axis=1)) | (o.log_normal & ~(p.values > 0))
        row = int(np.flatnonzero(bad)[0])
        patient = int(o.patient[row])
        where = ", ".join(
            f"{u.name} = {v:g}"
            for u, v in zip(self.unknowns.each, self.unknowns.values(x)[:, patient], strict=True)
        )
        reason = Status(int(p.status[patient])).sentence
        raise SolveError(
            f"{self.program.name}, likelihood at {where}",
            "a prediction with slopes for every measurement, above 0 where the error is log-normal",
            f"{p.values[row]:g} for {o.output[row]} of patient {patient} on day {o.day[row]:g}",
            reason or "narrower bounds of the unknowns; a day that is not the moment of an event",
        )
