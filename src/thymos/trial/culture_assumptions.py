"""Which assumptions carry a lot: each moved alone between its limits, for the typical donor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.therapy.culture import culture_models, typical_lots
from thymos.therapy.sampling import values_of
from thymos.trial.move import moves_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from thymos.therapy.culture_protocol import CultureProtocol

WATCHED = {"T": ("cd7_per_cd34", "cd7_percent"), "NK": ("nk_per_cd34", "nk_percent")}
FLOOR = 1e-6  # of a yield or a share that may be nothing, so that its logarithm exists


def culture_ranked(protocol: CultureProtocol, source: str) -> list[dict[str, Any]]:
    """The assumptions of the culture by how far they move yield and purity at harvest, the strongest first.

    Each row has `name`, `text`, `kind`, `from`, `to`, `unit`, `grade`, `source`, and `effects`: for the yield of one
    CD34+ cell and for the purity [percent] the value with the assumption at its lower and at its upper end. Ranked by
    the further of the two moves, the yield on its logarithm and the purity on its log odds.
    """
    models = culture_models(source)
    todo = moves_of(models)
    cases = [end for move in todo for end in (move.low, move.high)]
    standing = {name: value.value for name, value in values_of(models).items()}
    changes = {
        name: np.array([case.get(name, standing.get(name, 0.0)) for case in cases])
        for name in dict.fromkeys(name for case in cases for name in case)
    }
    made = typical_lots(protocol, source, changes).harvest
    watched = WATCHED["NK" if protocol.nk_day < protocol.days else "T"]
    values = np.array([made[name] for name in watched]).reshape(2, len(todo), 2)
    order = np.argsort(-_distance(values), kind="stable")
    return [
        todo[i].words | {"effects": dict(zip(watched, values[:, i].tolist(), strict=True))} for i in order
    ]


def _distance(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each assumption moves yield or purity, on their logarithm and log odds (assumption,)."""
    share = np.clip(values[1] / 100, FLOOR, 1 - FLOOR)
    on_scale = np.array([np.log(np.maximum(values[0], FLOOR)), np.log(share / (1 - share))])
    return np.asarray(np.nan_to_num(np.abs(np.diff(on_scale, axis=2))[:, :, 0]).max(axis=0))
