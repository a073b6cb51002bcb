"""Contact energies of residues by Miyazawa and Jernigan: how strongly each pair binds in known protein structures."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from thymos.evidence.datasets.codebook import Codebook

RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
"""Order of rows and columns: the one-letter codes, sorted."""

CODEBOOK = Codebook(
    name="contact_energies",
    text="Effective energy of a contact between two residues in water [kT], negative where they attract; symmetric.",
    columns={"residue": "one-letter code of the first residue"}
    | {letter: f"energy of its contact with {letter} [kT]" for letter in RESIDUES}
    | {"source": "key of references.bib"},
    sha256="a009e97ba77d54b0ae48f315eafef87e49371a0ec44d981e0113f8c9db37e727",
    licence="Values as published; the copy is of the Python package aaindex 1.3.2 (MIT, copyright (c) 2021 Adam"
    " McKenna), text in contact_energies.LICENCE.txt.",
    processing="Entry MIYS960101 of AAindex3, rows and columns put into alphabetical order; nothing rounded.",
)


@cache
def contact_energies() -> NDArray[np.int16]:
    """The table (20, 20) in integers of 0.01 kT, which is its published resolution; not to be written to."""
    rows = CODEBOOK.read()
    table = np.array(
        [[round(100 * float(row[letter])) for letter in RESIDUES] for row in rows], dtype=np.int16
    )
    table.flags.writeable = False
    return table
