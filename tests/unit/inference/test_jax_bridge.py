"""Through JAX: the numbers of the likelihood itself, under every transformation, and a NumPyro run."""

from dataclasses import dataclass

import numpy as np
import pytest

from thymos.engine import compile
from thymos.inference.likelihood import Likelihood
from thymos.inference.observations import Observations
from thymos.inference.unknowns import Unknown
from thymos.lang import Model, Output, Transition, parameter, state
from thymos.lang.errors import InputError

jax = pytest.importorskip("jax", reason="JAX is not installed: pip install 'thymos[jax]'")
jnp = jax.numpy


@dataclass(frozen=True)
class Decay(Model):
    """First-order loss."""

    amount = state("mg", "amount")
    first = parameter("mg", "amount at the start")
    k = parameter("1/day", "rate")

    def starts(self, x, p, env):
        yield x.amount, p.first

    def transitions(self, x, p, env):
        yield Transition("loss", p.k * x.amount, {x.amount: -1})

    def gives(self, x, p, env):
        yield Output("amount", "mg", x.amount, "amount", observe=True)


DAYS = np.linspace(0.5, 10.0, 20)
SD = 0.1
LOGS = np.log(20.0) - 0.3 * DAYS + SD * np.random.default_rng(1).normal(size=20)


@pytest.fixture(scope="module")
def likelihood(tmp_path_factory):
    program = compile((Decay(),), "decay", cache_dir=tmp_path_factory.mktemp("kernels"))
    data = Observations.of(DAYS, "amount", np.exp(LOGS), SD, log_normal=True)
    unknowns = [Unknown("decay.first", 10.0, log=True), Unknown("decay.k", 0.5)]
    return Likelihood.of(program, [[10.0], [0.5]], data, unknowns)


@pytest.fixture
def bridged(likelihood):
    from thymos.inference.jax_bridge import log_likelihood

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)  # for all threads: callbacks run in one of JAX's
    yield log_likelihood(likelihood)
    jax.config.update("jax_enable_x64", before)


def test_every_transformation_gives_the_engines_numbers(likelihood, bridged):
    x = jnp.array([2.5, 0.4])
    value, gradient = likelihood.value_and_grad(np.array(x))
    assert float(bridged(x)) == -value
    np.testing.assert_array_equal(jax.grad(bridged)(x), -gradient)
    both = jax.jit(jax.value_and_grad(bridged))(x)
    assert float(both[0]) == -value
    np.testing.assert_array_equal(both[1], -gradient)
    other = jnp.array([3.0, 0.2])
    many = jax.jit(jax.vmap(jax.value_and_grad(bridged)))(jnp.stack([x, other]))
    np.testing.assert_array_equal(many[0], [bridged(x), bridged(other)])
    np.testing.assert_array_equal(many[1], [jax.grad(bridged)(x), jax.grad(bridged)(other)])


def test_the_chain_rule_goes_on_through_it(likelihood, bridged):
    z = jnp.array([1.5, 0.5])  # whose squares are exact
    slope = jax.grad(lambda z: 3.0 * bridged(z**2))(z)
    _, gradient = likelihood.value_and_grad([2.25, 0.25])
    np.testing.assert_allclose(slope, -6.0 * np.array([1.5, 0.5]) * gradient, rtol=1e-14)


def test_a_failure_is_minus_infinity(bridged):
    value, gradient = jax.value_and_grad(bridged)(jnp.array([2.5, -1e6]))
    assert value == -np.inf
    np.testing.assert_array_equal(gradient, 0.0)


def test_float32_is_refused(likelihood):
    from thymos.inference.jax_bridge import log_likelihood

    with (
        jax.enable_x64(False),
        pytest.raises(InputError, match=r"expected JAX with float64, got float32.\n  Try: jax"),
    ):
        log_likelihood(likelihood)


@pytest.mark.slow
def test_nuts_samples_the_posterior_that_regression_has_in_closed_form(bridged):
    numpyro = pytest.importorskip("numpyro", reason="NumPyro is not installed: pip install 'thymos[jax]'")
    from numpyro.infer import MCMC, NUTS

    def model():
        x = [
            numpyro.sample(n, numpyro.distributions.Normal(m, 10.0))
            for n, m in (("log_first", 3.0), ("k", 0.3))
        ]
        numpyro.factor("measurements", bridged(jnp.stack(x)))

    run = MCMC(NUTS(model), num_warmup=200, num_samples=500, progress_bar=False)
    run.run(jax.random.PRNGKey(0), extra_fields=("diverging",))
    drawn = np.array([run.get_samples()[n] for n in ("log_first", "k")])
    # a flat prior against these data: normal around least squares, covariance sd^2 (A'A)^-1
    design = np.stack([np.ones(20), -DAYS], axis=1)
    covariance = SD**2 * np.linalg.inv(design.T @ design)
    middle = covariance @ design.T @ LOGS / SD**2
    sd = np.sqrt(np.diag(covariance))
    # 500 draws are worth over 100 independent ones: 4 standard errors of a mean, and of a spread
    np.testing.assert_array_less(np.abs(drawn.mean(axis=1) - middle) / sd, 0.4)
    np.testing.assert_array_less(np.abs(drawn.std(axis=1) / sd - 1), 0.3)
    assert not run.get_extra_fields()["diverging"].any()
