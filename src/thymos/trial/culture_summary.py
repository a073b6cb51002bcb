"""What one culture gives: the lot at harvest and every readout by day, over donors and what is not known."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.assay.rare_event import upper_bound
from thymos.biology.culture.gene_programme import GENES
from thymos.evidence.datasets.nk_products import nk_products
from thymos.trial.interval import quantity
from thymos.trial.tables import TRANSGENE_LOTS, transgene_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from thymos.therapy.culture import Lots

T_ARM = {
    "fold": "",
    "cd7_percent": "percent",
    "cd7_per_cd34": "",
    "viability": "percent",
    "cd5_percent": "percent",
    "cd1a_percent": "percent",
    "cd3_per_cd7": "",
}
NK_ARM = {
    "fold": "",
    "nk_percent": "percent",
    "nk_per_cd34": "",
    "viability": "percent",
    "cd16_percent": "percent",
    "kir_percent": "percent",
    "nkg2d_percent": "percent",
    "nk_strength": "",
    "myeloid_percent": "percent",
    "cd3_percent": "percent",
    "cd3_upper": "percent",
}
EVENTS = 100_000  # live cells that a cytometer counts for the T-cell-free check


def culture_summary(lots: Lots) -> dict[str, Any]:
    """The object behind `thymos culture --json`; docs/reference/json.md says its keys."""
    nk = lots.protocol.nk_day < lots.protocol.days
    found = asdict(lots.attributes) | lots.harvest | {"cd3_upper": cd3_upper(lots)} | transgene_of(lots)
    shown = NK_ARM if nk else T_ARM
    if lots.vector is not None:
        shown = shown | {column.name: column.unit for column in TRANSGENE_LOTS}
    return {
        "source": lots.source,
        **({"vector": asdict(lots.vector)} if lots.vector is not None else {}),
        "arm": "NK" if nk else "T",
        "lots": len(lots.status),
        "failed": int((lots.status != 0).sum()),
        "lot": {name: quantity(found[name], unit) for name, unit in shown.items()},
        "genes": {name: {"grade": gene.grade, "evidence": gene.evidence} for name, gene in GENES.items()},
        "published": [asdict(product) for product in nk_products()] if nk else [],
        "by_day": {
            output.name: {
                "text": output.text,
                "unit": output.unit,
                "days": {
                    f"{day:g}": quantity(lots.readouts[output.name][:, i], output.unit)
                    for i, day in enumerate(lots.days)
                },
            }
            for output in lots.program.outputs
        },
    }


def cd3_upper(lots: Lots) -> NDArray[np.float64]:
    """95 % upper bound of the CD3+ share [percent] that a count of `EVENTS` live cells allows, (lot,).

    The count is the expected one, rounded: its chance belongs to the assay, not to the lot.
    """
    seen = np.round(EVENTS * lots.harvest["cd3_percent"] / 100)
    solved = np.isfinite(seen)
    return np.where(solved, 100 * upper_bound(np.where(solved, seen, 0.0), EVENTS), np.nan)
