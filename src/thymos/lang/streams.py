"""Chance has a name: one stream of random numbers for each decision and block.

Arms then differ by treatment, never by the order of drawing, and results do not depend on how the work is
cut or on the number of workers (a stream per replicate, not per worker).
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def stream(seed: int, name: str, *block: int) -> np.random.Generator:
    """The stream of the decision `name` in `block`: the same for the same arguments, anywhere.

    seed : non-negative integer of the study (0 is a seed like any other)
    name : the decision, for example "recipient.seeding"
    block : index of the block of patients, and of anything within it
    """
    import numpy as np

    key = (*_words(name), *block)
    return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(entropy=seed, spawn_key=key)))


@cache
def _words(name: str) -> tuple[int, ...]:
    """Four words that stand for a name, the same on any machine."""
    digest = hashlib.sha256(name.encode()).digest()
    return tuple(int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4))
