"""Chance has a name: one stream of random numbers for each decision and block.

Arms then differ by treatment, never by the order of drawing, and results do not depend on how the work is
cut or on the number of workers (a stream per replicate, not per worker).
"""

from __future__ import annotations

import hashlib
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

    words = np.frombuffer(hashlib.sha256(name.encode()).digest()[:16], dtype=np.uint32)
    key = (*(int(w) for w in words), *block)
    return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(entropy=seed, spawn_key=key)))
