r"""Lytic units: how many of them a million effectors hold.

One lytic unit is the number of effectors that lyse a given share $p$ of the targets in one well, so with $T$ targets in
a well and $R_p$ the ratio that lyses $p$,

$$ LU_p / 10^6 = \frac{10^6}{T\, R_p} $$

The unit is comparable only between assays of the same target, time, share and number of targets; it supposes that
curves are parallel. References: `bryant1992`, `pross1981`, `pollock1990`.
"""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

LYTIC_SHARE = 0.2
"""Share of targets of the usual unit, LU20."""


@overload
def lytic_units(ratio: float, targets: float) -> float: ...
@overload
def lytic_units(ratio: ArrayLike, targets: ArrayLike) -> NDArray[np.float64]: ...
def lytic_units(ratio: ArrayLike, targets: ArrayLike) -> float | NDArray[np.float64]:
    """Lytic units per million effectors.

    ratio   : effectors per target at which the share of the unit is lysed; inf where it is never reached
    targets : target cells in a well [cell]
    """
    found = 1e6 / (np.asarray(targets, np.float64) * np.asarray(ratio, np.float64))
    return found if found.ndim else float(found)
