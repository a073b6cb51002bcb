"""Random numbers without a memory: Threefry-2x64 with 20 rounds, as vector code, one draw in each lane.

The number is a function of key, person and count alone, so that it depends neither on lanes nor on the order in which
anything is computed. Reference: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, Parallel random numbers: as easy
as 1, 2, 3 (SC '11, 2011); it passes BigCrush from 13 rounds on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from thymos.engine.vector import VectorFunction

ROUNDS = 20
ROTATIONS = (16, 42, 12, 31, 16, 32, 24, 21)
PARITY = 0x1BD11BDAA9FC1A22
DRAWS = 10  # bits of the counter that number the draws made at one count
ONE = 0x3FF << 52  # the bits of 1.0


def threefry(v: VectorFunction, key: tuple[Any, Any], counter: tuple[Any, Any]) -> tuple[Any, Any]:
    """Two random words of 64 bits in each lane."""
    b = v.builder
    words = (*key, b.xor(b.xor(*key), v.whole(PARITY)))
    x, y = b.add(counter[0], words[0]), b.add(counter[1], words[1])
    for r in range(ROUNDS):
        turn = ROTATIONS[r % 8]
        x = b.add(x, y)
        y = b.xor(b.or_(b.shl(y, v.whole(turn)), b.lshr(y, v.whole(64 - turn))), x)
        if r % 4 == 3:
            s = (r + 1) // 4
            x = b.add(x, words[s % 3])
            y = b.add(y, b.add(words[(s + 1) % 3], v.whole(s)))
    return x, y


def uniform(v: VectorFunction, words: Sequence[Any], which: int) -> Any:
    """Number between 0 and 1, neither included.

    words : two words of key, the person and the count: whole numbers below 2**52 (the count: 2**43) held as doubles

    `which` tells the draws made at one count apart; draws 2 k and 2 k + 1 cost no more than one of them.
    """
    b = v.builder
    first, second, who, count = (b.fptosi(word, v.integers) for word in words)
    place = b.or_(b.shl(count, v.whole(DRAWS)), v.whole(which // 2))
    bits = threefry(v, (first, second), (place, who))[which % 2]
    near = b.bitcast(b.or_(b.lshr(bits, v.whole(12)), v.whole(ONE)), v.vector)
    return b.fsub(near, v.number(1.0 - 2.0**-53))
