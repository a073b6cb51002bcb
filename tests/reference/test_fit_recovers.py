"""Fits with gradients: closed forms on a linear model, and known parameters found again from another solver's data."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.optimize import least_squares, minimize
from scipy.stats import lognorm, norm

from thymos.engine import compile
from thymos.inference.likelihood import Likelihood
from thymos.inference.observations import Observations
from thymos.inference.unknowns import Unknown
from thymos.lang import Model, Output, Scheduled, Transition, parameter, state
from thymos.lang.errors import DataError, SolveError


@dataclass(frozen=True)
class Drug(Model):
    """A dose on a day into one compartment, from there into a second."""

    central = state("mg", "amount in the central compartment")
    tissue = state("mg", "amount in tissue")
    dose = parameter("mg", "dose")
    day = parameter("day", "day of the dose")
    loss = parameter("1/day", "loss")
    out = parameter("1/day", "into tissue")
    back = parameter("1/day", "back from tissue")

    def transitions(self, x, p, env):
        yield Transition("loss", p.loss * x.central, {x.central: -1})
        yield Transition("out", p.out * x.central, {x.central: -1, x.tissue: +1})
        yield Transition("back", p.back * x.tissue, {x.tissue: -1, x.central: +1})

    def gives(self, x, p, env):
        yield Output("central", "mg", x.central, "central amount", observe=True)
        yield Output("tissue", "mg", x.tissue, "tissue amount", observe=True)

    def events(self, x, p, env):
        yield Scheduled("dose", at=p.day, changes={x.central: +p.dose})


TRUE = {"dose": 10.0, "day": 0.7, "loss": 0.4, "out": 0.8, "back": 0.3}
DAYS = np.array([1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 12.0])


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    cache = tmp_path_factory.mktemp("kernels")
    return {b: compile((Drug(),), "drug", backend=b, cache_dir=cache) for b in ("lanes", "scipy")}


def table(program, n, **changes):
    values = {f"drug.{k}": v for k, v in (TRUE | changes).items()}
    return np.array([np.broadcast_to(values[q.name], n) for q in program.parameters])


def measured(programs, n, scatter, seed=5, **changes):
    """Both outputs of n patients by SciPy's Radau, with log-normal errors of sd `scatter`."""
    s = programs["scipy"].solve(table(programs["scipy"], n, **changes), DAYS, rtol=1e-10, atol=1e-12)
    rng = np.random.default_rng(seed)
    y = s.outputs * np.exp(scatter * rng.normal(size=s.outputs.shape))
    who, when, what = (k.ravel() for k in np.indices(y.shape))
    names = [("central", "tissue")[k] for k in what]
    return Observations.of(DAYS[when], names, y.ravel(), scatter, patient=who, log_normal=True)


def test_value_and_gradient_of_a_linear_model_are_closed_forms(programs):
    # without exchange and before any loss m = dose e^(-loss (t - day)), linear in the dose
    program, y = programs["lanes"], np.array([9.0, 5.0, 4.0, 1.0, 1.0, 0.5, 0.2])
    data = Observations.of(DAYS, "central", y, 0.5)
    start = table(program, 1, out=0.0)
    fit = Likelihood.of(
        program, start, data, [Unknown("drug.dose", 8.0), Unknown("drug.loss", 0.3, log=True)]
    )
    value, gradient = fit.value_and_grad(fit.unknowns.start)
    m = 8.0 * np.exp(-0.3 * (DAYS - 0.7))
    assert value == pytest.approx(-norm.logpdf(y, m, 0.5).sum(), rel=1e-7)
    pull = -(y - m) / 0.25
    by_dose, by_log_loss = m / 8.0, -0.3 * (DAYS - 0.7) * m
    np.testing.assert_allclose(gradient, [pull @ by_dose, pull @ by_log_loss], rtol=1e-6)
    slopes = np.stack([by_dose, by_log_loss], axis=1) / 0.5
    np.testing.assert_allclose(fit.information(fit.unknowns.start).matrix, slopes.T @ slopes, rtol=1e-6)


def test_a_log_normal_likelihood_is_that_of_scipy(programs):
    program, y = programs["lanes"], np.array([9.0, 5.0, 4.0, 1.0, 1.0, 0.5, 0.2])
    data = Observations.of(DAYS, "central", y, 0.5, log_normal=True)
    fit = Likelihood.of(program, table(program, 1, out=0.0), data, [Unknown("drug.loss", 0.3)])
    value, gradient = fit.value_and_grad([0.3])
    m = 10.0 * np.exp(-0.3 * (DAYS - 0.7))
    assert value == pytest.approx(-lognorm.logpdf(y, 0.5, scale=m).sum(), rel=1e-7)
    assert gradient[0] == pytest.approx((np.log(y / m) / 0.25) @ (DAYS - 0.7), rel=1e-6)


def test_one_patients_parameters_are_found_again(programs):
    data = measured(programs, 1, 1e-3)
    unknowns = [
        Unknown("drug.dose", 5.0, 1.0, 100.0, log=True),
        Unknown("drug.day", 0.3, 0.0, 0.99),
        *(Unknown(f"drug.{name}", 0.5, 0.01, 10.0, log=True) for name in ("loss", "out", "back")),
    ]
    fit = Likelihood.of(programs["lanes"], table(programs["lanes"], 1), data, unknowns)
    found = minimize(fit.value_and_grad, fit.unknowns.start, jac=True, bounds=fit.unknowns.bounds)
    assert found.success, found.message
    got = fit.unknowns.values(found.x)[:, 0]
    wanted = [TRUE[u.name.split(".")[1]] for u in unknowns]
    np.testing.assert_allclose(got, wanted, rtol=0.01)
    # four bounds: a fit that is further off than that has not found the maximum, or the bounds are wrong
    off = np.where([u.log for u in unknowns], np.log(got / wanted), got - wanted)
    assert (np.abs(off) < 4 * np.array(list(fit.information(found.x).bounds.values()))).all()


def test_patients_share_what_they_share_and_have_the_rest_of_their_own(programs):
    doses, loss = np.array([5.0, 10.0, 20.0, 15.0]), 0.4
    data = measured(programs, 4, 0.02, dose=doses)
    unknowns = [
        Unknown("drug.dose", 10.0, 1.0, 100.0, log=True, own=True),
        Unknown("drug.loss", 1.0, 0.01, 10.0, log=True),
    ]
    fit = Likelihood.of(programs["lanes"], table(programs["lanes"], 4), data, unknowns, workers=2)
    found = minimize(fit.value_and_grad, fit.unknowns.start, jac=True, bounds=fit.unknowns.bounds)
    values = fit.unknowns.values(found.x)
    np.testing.assert_allclose(values[0], doses, rtol=0.05)
    np.testing.assert_allclose(values[1], loss, rtol=0.05)
    bounds = np.array(list(fit.information(found.x).bounds.values()))
    assert (np.abs(found.x - np.log([*doses, loss])) < 4 * bounds).all()


def test_the_slopes_serve_least_squares_too(programs):
    data = measured(programs, 1, 1e-3)
    fit = Likelihood.of(
        programs["lanes"],
        table(programs["lanes"], 1),
        data,
        [Unknown("drug.out", 3.0), Unknown("drug.back", 1.0)],
    )
    sizes = data.value * data.sd
    found = least_squares(
        lambda x: (fit.predict(x).values - data.value) / sizes,
        fit.unknowns.start,
        jac=lambda x: fit.predict(x).slopes / sizes[:, None],
    )
    np.testing.assert_allclose(found.x, [TRUE["out"], TRUE["back"]], rtol=0.01)


def test_a_patient_without_a_likelihood_is_named(programs):
    program = programs["lanes"]
    data = Observations.of(DAYS, "central", np.ones(7), 0.1, patient=1)
    fit = Likelihood.of(program, table(program, 2), data, [Unknown("drug.loss", 1.0)])
    with pytest.raises(
        SolveError, match=r"likelihood at drug\.loss = -1000: .* nan for central of patient 1 on day 1"
    ):
        fit.value_and_grad([-1000.0])


def test_a_prediction_of_nothing_has_no_log_normal_likelihood(programs):
    program = programs["lanes"]
    data = Observations.of([0.5], "central", [1.0], 0.1, log_normal=True)  # before the dose there is none
    fit = Likelihood.of(program, table(program, 1), data, [Unknown("drug.loss", 1.0)])
    with pytest.raises(
        SolveError, match="above 0 where the error is log-normal, got 0 for central of patient 0"
    ):
        fit.value_and_grad([1.0])


def test_data_of_nobody_are_refused(programs):
    data, u = Observations.of(DAYS, "central", np.ones(7), 0.1, patient=3), [Unknown("drug.loss", 1.0)]
    with pytest.raises(DataError, match="of patients below 2, got patient 3"):
        Likelihood.of(programs["lanes"], table(programs["lanes"], 2), data, u)
    with pytest.raises(SolveError, match="did you mean central"):
        Likelihood.of(
            programs["lanes"], table(programs["lanes"], 4), Observations.of(1.0, "centrl", 1.0, 1.0), u
        )
