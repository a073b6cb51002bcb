"""The systems that are timed: the two that thymos ships."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

SOURCE = "mobilised-blood"


def _recipient_models() -> Any:
    from thymos.therapy.recipient import recipient_models

    return recipient_models()


def _recipient_program() -> Any:
    from thymos.therapy.recipient import recipient_program

    return recipient_program()


def _culture_models() -> Any:
    from thymos.therapy.culture import culture_models

    return culture_models(SOURCE)


def _culture_program() -> Any:
    from thymos.therapy.culture import culture_program

    return culture_program(SOURCE)


class System(NamedTuple):
    """The models of a system, and the program that thymos makes of them."""

    models: Callable[[], Any]
    program: Callable[[], Any]


SYSTEMS = {
    "recipient": System(_recipient_models, _recipient_program),
    "culture": System(_culture_models, _culture_program),
}
