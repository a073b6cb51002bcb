"""What a product would kill in an assay: strength and maturity of its NK cells, onto a virtual plate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thymos.assay.cytotoxicity import Cytotoxicity, Effector, Target
from thymos.therapy.sampling import blocks_of, join, sample

if TYPE_CHECKING:
    from collections.abc import Mapping

Floats = NDArray[np.float64]


def nk_effector(
    harvest: Mapping[str, ArrayLike], car_share: ArrayLike = 0.0, car_gain: ArrayLike = 1.0
) -> Effector:
    """The killers in a harvest: readouts `nk_strength` [1] and `cd16_percent` [percent], each (lot,)."""
    mature = np.asarray(harvest["cd16_percent"], np.float64) / 100
    return Effector(np.asarray(harvest["nk_strength"], np.float64), mature, car_share, car_gain)


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
    fields = (effector.strength, effector.mature, effector.car_share, effector.car_gain)
    lots = np.broadcast_shapes(*(np.shape(x) for x in fields))
    wide = Effector(*(np.broadcast_to(np.asarray(x, np.float64), lots or (1,))[:, None] for x in fields))
    n = len(np.asarray(wide.strength))
    assay, drawn = Cytotoxicity(), {}
    if draws:
        found = join(sample((assay,), seed, block) for block in blocks_of(n, min(draws, n)))
        drawn = {name.rpartition(".")[2]: values[:, None] for name, values in found.items()}
    return assay.specific_lysis(wide, target or Target(), np.atleast_1d(ratios), hours, drawn)
