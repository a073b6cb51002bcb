"""The modelling language: what every other room speaks. No biology, no solver."""

from thymos.lang.declare import covariate, needs, parameter, state, switch
from thymos.lang.functions import (
    constant,
    exp,
    hill,
    log,
    maximum,
    minimum,
    derivative,
    positive,
    sigmoid,
    sqrt,
)
from thymos.lang.model import Model
from thymos.lang.statement import Output, Scheduled, Transition, Trigger

__all__ = [
    "Model",
    "Output",
    "Scheduled",
    "Transition",
    "Trigger",
    "constant",
    "covariate",
    "exp",
    "hill",
    "log",
    "maximum",
    "minimum",
    "needs",
    "parameter",
    "derivative",
    "positive",
    "sigmoid",
    "sqrt",
    "state",
    "switch",
]
