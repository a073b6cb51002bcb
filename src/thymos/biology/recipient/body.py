"""The recipient's age, weight and blood."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, constant, covariate, derivative, exp, log, parameter, sigmoid


class Body(Model):
    r"""Age advances, weight follows the reference curve of its age, and blood volume follows weight.

    $$ V(a) = v\, w_0\, \frac{W(a)}{W(a_0)}, \qquad
       W(a) = W_b + W_i (1 - e^{-a/\tau_i})
       + W_g \left[\sigma((a - a_g)/s_g) - \sigma(-a_g/s_g)\right] $$

    A patient keeps the relation to the reference curve with which the study began. The blood share of
    lymphocytes turns whole-body cells into counts. References: `westermann1992`.
    """

    age = covariate("year", "age at transplant")
    weight = covariate("kg", "body weight at transplant")
    volume_per_kg = parameter("uL/kg", "blood volume per body weight")
    blood_share = parameter("", "share of all lymphocytes that is in blood")
    birth_weight = parameter("kg", "reference weight at birth")
    infant_gain = parameter("kg", "reference weight gained in infancy")
    infant_time = parameter("year", "time constant of infant growth")
    growth_gain = parameter("kg", "reference weight gained in childhood and puberty")
    growth_age = parameter("year", "age at half of that gain")
    growth_spread = parameter("year", "spread of that gain over age")

    def reference_weight(self, p: Any, age: Any) -> Any:
        """W(a) [kg]."""
        infant = p.infant_gain * (1 - exp(-age / p.infant_time))
        grown = sigmoid((age - p.growth_age) / p.growth_spread) - sigmoid(-p.growth_age / p.growth_spread)
        return p.birth_weight + infant + p.growth_gain * grown

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        year = constant(365.25, "day/year")
        age = p.age + env.t / year
        curve = self.reference_weight(p, age)
        volume = p.volume_per_kg * p.weight * curve / self.reference_weight(p, p.age)
        growth = derivative(log(curve / p.birth_weight), env.t)
        yield Output("age_now", "year", age, "age")
        yield Output("blood_volume", "uL", volume, "blood volume")
        yield Output("volume_growth", "1/day", growth, "growth rate of blood volume")
        yield Output("blood_share", "", p.blood_share, "share of all lymphocytes that is in blood")
