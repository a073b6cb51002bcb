"""How frequent each residue is in human proteins."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from thymos.evidence.datasets.codebook import Codebook

CODEBOOK = Codebook(
    name="residue_frequencies",
    text="Share of each residue in the human proteome.",
    columns={
        "residue": "one-letter code",
        "frequency": "share of all residues",
        "source": "key of references.bib",
        "where": "place in the source",
    },
    sha256="30368d5ace603c7927eadb3a603d84dfeed439a7b2d47f19daacff24085400c1",
    licence="Facts, no licence needed.",
    processing="The list for humans in the parameter file of the program published with the article, put into"
    " alphabetical order. With the energies of `contact_energies` a random contact has mean -2.957 kT and standard"
    " deviation 1.517 kT.",
)


@cache
def residue_frequencies() -> NDArray[np.float64]:
    """Share of each residue (20,), in alphabetical order of the one-letter codes; sums to 1; not to be written to."""
    shares = np.array([float(row["frequency"]) for row in CODEBOOK.read()])
    shares /= shares.sum()
    shares.flags.writeable = False
    return shares
