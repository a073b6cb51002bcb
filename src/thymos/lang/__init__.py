"""The modelling language: what every other room speaks. No biology, no solver."""

from thymos.lang.declare import covariate, needs, parameter, state, switch
from thymos.lang.functions import (
    constant,
    derivative,
    exp,
    hill,
    log,
    maximum,
    minimum,
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
    "derivative",
    "exp",
    "hill",
    "log",
    "maximum",
    "minimum",
    "needs",
    "parameter",
    "positive",
    "sigmoid",
    "sqrt",
    "state",
    "switch",
]
