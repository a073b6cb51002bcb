"""A likelihood for JAX: the engine computes value and slopes, JAX differentiates and samples around it.

Needs the extra `jax`. Works under `jit`, `grad` and `vmap`, and so in NumPyro, as one term of a model:

    numpyro.factor("measurements", log_likelihood(x))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from thymos.inference.likelihood import Likelihood
from thymos.lang.errors import InputError, SolveError


def log_likelihood(likelihood: Likelihood) -> Callable[[Any], Any]:
    """The log-likelihood as a JAX function of x, -inf where a patient fails (a sampler then turns back).

    Its gradient is the engine's, so a second derivative is refused. Raises `InputError` unless JAX computes in
    float64, and ImportError without JAX.
    """
    import jax
    import jax.numpy as jnp

    if not jax.config.jax_enable_x64:
        raise InputError(
            "the JAX bridge",
            "JAX with float64",
            "float32",
            'jax.config.update("jax_enable_x64", True) at the start; a context manager does not reach callbacks',
        )

    size = likelihood.unknowns.start.size
    number, vector = jax.ShapeDtypeStruct((), jnp.float64), jax.ShapeDtypeStruct((size,), jnp.float64)

    def computed(x: Any) -> tuple[Any, Any]:
        try:
            value, gradient = likelihood.value_and_grad(np.asarray(x))
        except SolveError:
            return np.float64(-np.inf), np.zeros(size)
        return np.float64(-value), -gradient

    def both(x: Any) -> Any:
        return jax.pure_callback(computed, (number, vector), x, vmap_method="sequential")

    def alone(x: Any) -> Any:
        return both(x)[0]

    def backward(gradient: Any, pull: Any) -> tuple[Any]:
        return (pull * gradient,)

    value: Any = jax.custom_vjp(alone)
    value.defvjp(both, backward)
    return cast(Callable[[Any], Any], value)
