"""The recipient as one system: thymus, periphery and hazards, joined by name and unit."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from thymos.biology import recipient, risk

if TYPE_CHECKING:
    from thymos.engine import Program
    from thymos.lang.model import Model

HAZARDS = ("gvhd_hazard", "relapse_hazard", "infection_hazard", "mortality_hazard")


def recipient_models() -> tuple[Model, ...]:
    """Every model of the patient. GvHD injures thymus and marrow, the thymus shapes GvHD: joined only here."""
    return tuple(model() for model in (*recipient.MODELS, *risk.MODELS))


@cache
def recipient_program() -> Program:
    """The compiled recipient: seconds the first time, then read from the cache."""
    from thymos.engine import compile

    return compile(recipient_models(), name="recipient")
