"""Random numbers inside compiled loops: xoshiro256++, one stream for each block, seeded by splitmix64.

NumPy's generators cannot be made inside a compiled loop. The algorithms are fixed for good; their published outputs
are tests. Reference: `blackman2021`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from thymos.biology.repertoire.kernel import inner
from thymos.lang.streams import stream

Words = NDArray[np.uint64]


def key(seed: int, name: str, *block: int) -> np.uint64:
    """The number from which every block of the decision `name` is seeded."""
    return np.uint64(stream(seed, name, *block).integers(2**64, dtype=np.uint64))


@inner
def rotated(x: np.uint64, k: int) -> np.uint64:
    """The bits of x turned left by k."""
    return np.uint64((x << np.uint64(k)) | (x >> np.uint64(64 - k)))


@inner
def mixed(x: np.uint64) -> np.uint64:
    """The output of splitmix64 at its state x."""
    z = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.uint64(z ^ (z >> np.uint64(31)))


@inner
def seed_block(state: Words, key: np.uint64, block: int) -> None:
    """Fill the four words of `state` for one block."""
    x = mixed(key ^ mixed(np.uint64(block) + np.uint64(0x9E3779B97F4A7C15)))
    for i in range(4):
        x += np.uint64(0x9E3779B97F4A7C15)
        state[i] = mixed(x)


@inner
def next_word(state: Words) -> np.uint64:
    """64 random bits."""
    word = rotated(state[0] + state[3], 23) + state[0]
    t = state[1] << np.uint64(17)
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= t
    state[3] = rotated(state[3], 45)
    return np.uint64(word)


@inner
def uniform(state: Words) -> float:
    """Uniform in (0, 1), never 0 and never 1."""
    return (np.float64(next_word(state) >> np.uint64(11)) + 0.5) * (1.0 / 9007199254740992.0)
