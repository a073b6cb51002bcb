"""Counts of CD7+ cells of three cord-blood donors on grids of SCF, IL-7 and IL-3, and the authors' own surfaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thymos.evidence.datasets.codebook import Codebook, number

Floats = NDArray[np.float64]
LICENCE = (
    "MIT, copyright (c) 2025 Geneviève Bistodeau-Gagnon, Morgan Craig, Yale S. Michaels;"
    " text in cytokine_grids.LICENCE.txt."
)

CODEBOOK = Codebook(
    name="cytokine_grids",
    text="CD7+CD5- and CD7+CD5+ cells of CD34+ cord-blood cultures, two 6 x 6 dose grids for each of three donors."
    " Day, DL4 coating, number seeded and the cytokines that were held are not stated by the authors, so yields are"
    " relative: the scale of a donor and population is not known. Format: docs/reference/culture-table.md.",
    columns={
        "donor": "the authors' vial, 2 to 4",
        "graft": "cord-blood",
        "plate": "the grid: scf-il7 or il3-il7",
        "well": "row and column of the authors' sheet, counted from 1",
        "scf [ng/mL]": "SCF, empty where it was held",
        "il7 [ng/mL]": "IL-7",
        "il3 [ng/mL]": "IL-3, empty where it was held",
        "readout": "cd7_cd5neg_cells or cd7_cd5pos_cells",
        "value": "cells counted",
        "unit": "unit of the value",
        "exclude": "why the well is left out of fits, empty where it is not",
        "source": "key of references.bib",
    },
    sha256="331bf850ee81156bc822c157b638a380a4a651f131567ba4832d3bee9440d7eb",
    licence=LICENCE,
    processing="From the 12 sheets of commit 32ab0708, one row a count, nothing rounded. Excluded by rule: the whole"
    " column IL-7 = 1.5 of donor 3, which equals the column without IL-7 in all four sheets, as if IL-7 had not been"
    " given; of donor 2 the well without IL-3 at IL-7 = 1.5, five times its neighbours and more; and the two counts"
    " that the authors call outliers, one of them among these.",
)

SURFACES = Codebook(
    name="cytokine_grid_surfaces",
    text="The authors' fitted response surfaces, one for each donor, grid and population, of counts over the largest"
    " count of the grid.",
    columns={
        "donor": "the authors' vial",
        "plate": "scf-il7 or il3-il7: cytokine 1, then cytokine 2",
        "readout": "cd7_cd5neg_cells or cd7_cd5pos_cells",
        "E0": "effect where both cytokines are plentiful, as the Hill powers are negative",
        "E1": "effect without cytokine 1, or far beyond its falling dose",
        "E2": "effect without cytokine 2, or far beyond its falling dose",
        "E3": "effect without both",
        "h11": "Hill power of cytokine 1",
        "h12": "of its falling limb, empty where it has none",
        "h21": "Hill power of cytokine 2",
        "h22": "of its falling limb, empty where it has none",
        "C11": "log10 of the half-effective dose of cytokine 1 [ng/mL]",
        "C12": "of its falling limb",
        "C21": "log10 of the half-effective dose of cytokine 2 [ng/mL]",
        "C22": "of its falling limb",
        "alpha12": "factor on the dose of cytokine 2 in the presence of cytokine 1",
        "alpha21": "factor on the dose of cytokine 1 in the presence of cytokine 2",
        "source": "key of references.bib",
    },
    sha256="6f53765236e01f8b244fc60bf421dfb6d688577aec03b247756c0674431542fc",
    licence=LICENCE,
    processing="From combination_fits_cordBloodData.xlsx of commit 32ab0708, to six digits.",
)


@dataclass(frozen=True)
class Surface:
    r"""One fitted surface: the equilibrium of four states, MuSyC with a falling limb where there is one.

    $$ E = E_0 U + E_1 A_1 + E_2 A_2 + E_3 A_{12}, \qquad U + A_1 + A_2 + A_{12} = 1 $$

    Written as the authors' program has it. With negative Hill powers the state U is that of plenty. At dose 0
    their rates are infinite; the limit is taken here, but no well without a cytokine took part in their fit.
    Reference: `unmasc2025`.
    """

    donor: str
    plate: str
    readout: str
    numbers: Mapping[str, float | None]

    def relative(self, dose_1: ArrayLike, dose_2: ArrayLike) -> Floats:
        """Counts over the largest of the grid at doses [ng/mL]."""
        pairs = np.broadcast_arrays(np.asarray(dose_1, np.float64), np.asarray(dose_2, np.float64))
        flat = [
            self._one(float(a), float(b)) for a, b in zip(pairs[0].ravel(), pairs[1].ravel(), strict=True)
        ]
        return np.array(flat).reshape(pairs[0].shape)

    def _one(self, dose_1: float, dose_2: float) -> float:
        n = self.numbers
        to_1, back_1 = self._rates(dose_1, "1")
        to_2, back_2 = self._rates(dose_2, "2")
        to_2_given_1, _ = self._rates(_real(n["alpha12"]) * dose_2, "2")
        to_1_given_2, _ = self._rates(_real(n["alpha21"]) * dose_1, "1")
        flows = np.array(
            [
                [-(to_1 + to_2), back_1, back_2, 0.0],
                [to_1, -(back_1 + to_2_given_1), 0.0, back_2],
                [to_2, 0.0, -(back_2 + to_1_given_2), back_1],
                [1.0, 1.0, 1.0, 1.0],
            ]
        )
        shares = np.linalg.solve(flows, [0.0, 0.0, 0.0, 1.0])
        return float(shares @ [_real(n[f"E{k}"]) for k in range(4)])

    def _rates(self, dose: float, which: str) -> tuple[float, float]:
        """Rate into the state of effect and back, for cytokine `which`, over their common factor."""
        # Far below any dose, in place of an infinite rate at dose 0.
        d = max(dose, 1e-6)
        h, c = _real(self.numbers[f"h{which}1"]), _real(self.numbers[f"C{which}1"])
        h2, c2 = self.numbers[f"h{which}2"], self.numbers[f"C{which}2"]
        back = float(10 ** (c * h))
        if h2 is None or c2 is None:
            return float(d**h), back
        other = float(10 ** (c2 * h2))
        return float(other * d**h + back * d**h2 + d ** (h + h2)), back * other


def _real(x: float | None) -> float:
    return float("nan") if x is None else x


def surfaces() -> list[Surface]:
    """All twelve."""
    words = ("donor", "plate", "readout", "source")
    return [
        Surface(
            row["donor"],
            row["plate"],
            row["readout"],
            {k: number(v) for k, v in row.items() if k not in words},
        )
        for row in SURFACES.read()
    ]
