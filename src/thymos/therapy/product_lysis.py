"""What the NK cells of a product would kill in an assay; effectors are counted as CD56+CD3- cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thymos.assay.cytotoxicity import Cytotoxicity, Effector, Target
from thymos.lang.errors import StudyError
from thymos.therapy.sampling import blocks_of, join, sample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from thymos.therapy.culture import Lots

Floats = NDArray[np.float64]

FURTHEST = 1e4
"""Effectors per target beyond which a share counts as never lysed."""


def nk_effector(
    harvest: Mapping[str, ArrayLike], car_share: ArrayLike = 0.0, car_gain: ArrayLike = 1.0
) -> Effector:
    """The killers in a harvest: readouts `nk_strength` [1] and `cd16_percent` [percent], each (lot,)."""
    mature = np.asarray(harvest["cd16_percent"], np.float64) / 100
    return Effector(np.asarray(harvest["nk_strength"], np.float64), mature, car_share, car_gain)


def killers_of(lots: Lots, car_share: float = 0.0, car_gain: float = 1.0) -> Effector:
    """The killers of simulated lots; raises `StudyError` for a protocol without an NK stage."""
    if not np.isfinite(lots.protocol.nk_day):
        raise StudyError("culture protocol", "one with an NK stage, such as nk-14d", "one without NK cells")
    return nk_effector(lots.harvest, car_share, car_gain)


def product_lysis(
    effector: Effector,
    ratios: ArrayLike,
    hours: float,
    seed: int,
    target: Target | None = None,
    draws: int = 50,
) -> Floats:
    """Expected specific lysis, 0 to 1, of each lot at each ratio, (lot, ratio); no error of the assay.

    Lots of one draw share what is not known of the killing rate, its saturation and the gain by maturity; the rate
    differs between products as well. `draws` 0 takes the typical values as they stand.
    """
    wide = _columns(effector)
    drawn = _drawn(len(np.asarray(wide.strength)), seed, draws)
    return Cytotoxicity().specific_lysis(wide, target or Target(), np.atleast_1d(ratios), hours, drawn)


def lytic_ratio(
    effector: Effector, share: float, hours: float, seed: int, target: Target | None = None, draws: int = 50
) -> Floats:
    """Effectors per target that lyse a share of the targets, (lot,); inf where no number of them does."""
    wide = _columns(effector)
    n = len(np.asarray(wide.strength))
    drawn, assay, whom = _drawn(n, seed, draws), Cytotoxicity(), target or Target()
    low, high = np.full((n, 1), -np.log(FURTHEST)), np.full((n, 1), np.log(FURTHEST))
    for _ in range(50):  # halves the bracket each time: lysis rises with the ratio
        middle = (low + high) / 2
        enough = assay.specific_lysis(wide, whom, np.exp(middle), hours, drawn) >= share
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    reached = assay.specific_lysis(wide, whom, np.exp(high), hours, drawn) >= share
    return np.where(reached, np.exp(high), np.inf)[:, 0]


def _columns(effector: Effector) -> Effector:
    """Each number of the effector as a column (lot, 1), so that ratios are the second axis."""
    fields = np.broadcast_arrays(
        *(
            np.atleast_1d(x)
            for x in (effector.strength, effector.mature, effector.car_share, effector.car_gain)
        )
    )
    return Effector(*(np.asarray(field, np.float64)[:, None] for field in fields))


def _drawn(n: int, seed: int, draws: int) -> dict[str, ArrayLike]:
    """What the assay's rows leave open, one value a lot (lot, 1)."""
    if not draws:
        return {}
    found = join(sample((Cytotoxicity(),), seed, block) for block in blocks_of(n, min(draws, n)))
    return {name.rpartition(".")[2]: values[:, None] for name, values in found.items()}
