"""How the integration of one patient ended: a failure is a result, with the sentence its reader gets."""

from __future__ import annotations

from enum import IntEnum


class Way(IntEnum):
    """How a patient was solved, in the order in which the ways are tried."""

    plain = 0
    tighter = 1
    """Again with a tenth of the tolerance."""
    pivoted = 2
    """Again with a tenth of the tolerance and linear solves with pivoting."""


class Status(IntEnum):
    """Code kept in `Solution.status`; `sentence` says it in words."""

    sentence: str

    def __new__(cls, code: int, sentence: str = "") -> Status:
        """A code with its sentence."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        return member

    ok = 0, ""
    step_too_small = (
        1,
        "The step fell below 1e-9 day: rates differ by many orders, or a rate has a corner. "
        "Look at the fastest rate with `thymos explain`, or loosen rtol.",
    )
    too_many_steps = (
        2,
        "The step limit was reached before the last time: something oscillates fast or moves without end. "
        "Raise max_steps, or look for a state that never settles.",
    )
    not_finite = (
        3,
        "A parameter, state or rate is not a number: a division by zero, the logarithm or root of a negative "
        "number, or an overflow. Look at the parameters of this patient.",
    )
    unsolved = (
        4,
        "The linear solves of the steps kept losing their accuracy, with pivoting too: rates differ by more orders of "
        "magnitude than a number has digits. Look at the fastest rate with `thymos explain`.",
    )
