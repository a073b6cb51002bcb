"""The gene-expression programme: what a bulk measurement of a few genes would show over the culture."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from thymos.biology.culture.phenotype import CLASSES
from thymos.lang import Model, Output, needs, parameter


class Gene(NamedTuple):
    """Where one gene is on, and where it is weak; elsewhere it is off.

    `notch` marks a target of Notch: it follows Notch activity where it is on. `evidence` and `grade` are those of
    the direction; levels are relative to the programme with the highest one.
    """

    on: tuple[str, ...]
    weak: tuple[str, ...] = ()
    notch: bool = False
    evidence: str = ""
    grade: str = "assumed"


# Programmes: stem, open (CD7+, BCL11B off), on (CD7+, BCL11B on, locked or not), nk (any), nk_ripe (CD16+), myeloid.
GENES = {
    "TCF7": Gene(("open", "on"), ("stem", "nk"), evidence="C125, C117", grade="borrowed"),
    "GATA3": Gene(("open", "on"), ("nk",), evidence="C125", grade="borrowed"),
    "BCL11B": Gene(("on",), evidence="C117, C120", grade="borrowed"),
    "NOTCH3": Gene(("open", "on"), notch=True, evidence="C067", grade="assumed"),
    "DTX1": Gene(("stem", "open", "on", "nk"), notch=True, evidence="C067", grade="measured"),
    "ID2": Gene(("nk",), ("stem", "myeloid"), evidence="C107", grade="measured"),
    "EOMES": Gene(("nk",), evidence="C107", grade="assumed"),
    "TBX21": Gene(("nk_ripe",), ("nk",), evidence="C107", grade="measured"),
    "PRF1": Gene(("nk_ripe",), ("nk",), evidence="C107", grade="measured"),
    "GZMB": Gene(("nk_ripe",), ("nk",), evidence="C107", grade="measured"),
    "SPI1": Gene(("myeloid",), ("stem", "open"), evidence="C118", grade="borrowed"),
}


class GeneProgramme(Model):
    r"""Mean expression of a gene over all live cells, from where it is on and how many such cells there are.

    $$ E_g = \frac{1}{X} \sum_k n_k e_{g,k}, \qquad e_{g,k} \in \{1, e_w, e_0\}, \text{ times } N
       \text{ for targets of Notch} $$

    Only directions are claimed: which gene rises and which falls when a culture goes one way or the other. The
    levels of weak and of silent genes are assumed. References: `martin2025`, `kueh2016`, `vandewalle2009`,
    `andersson2024`, `itnk2022`.
    """

    cells = needs("cell", "live cells by class", over=(CLASSES,))
    live_cells = needs("cell", "live cells in the vessel")
    bcl11b_cells = needs("cell", "CD7+ cells that express BCL11B")
    notch = needs("", "Notch activity, 0 to 1")
    weak_level = parameter("", "expression where a gene is weak, over where it is on")
    silent_level = parameter("", "expression where a gene is off, over where it is on")

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        programmes = self._programmes(env)
        for name, gene in GENES.items():
            level = p.silent_level * env.live_cells
            for programme, cells in programmes.items():
                if programme in gene.on:
                    level += (1 - p.silent_level) * cells * (env.notch if gene.notch else 1)
                elif programme in gene.weak:
                    level += (p.weak_level - p.silent_level) * cells
            text = f"mean expression of {name}, 1 where every cell has it on"
            yield Output("expression", "", level / env.live_cells, text, (name,), observe=True)

    def _programmes(self, env: Any) -> dict[str, Any]:
        """Live cells by programme; resting and carried-over T cells count only in the mean."""
        n = env.cells
        cd7 = sum(n[k] for k in ("early_neg", "early_pos", "late_neg", "late_pos", "cd1a"))
        return {
            "stem": n["quiescent"] + n["stem"],
            "open": cd7 - env.bcl11b_cells,
            "on": env.bcl11b_cells,
            "nk": n["nk_progenitor"] + n["nk_immature"],
            "nk_ripe": n["nk_cd16"] + n["nk_kir"],
            "myeloid": n["myeloid"],
        }
