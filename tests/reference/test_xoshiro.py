"""The generator of compiled loops, against the outputs its authors' C code gives and against an integer programming."""

import numpy as np

from thymos.biology.repertoire.kernel import outer
from thymos.biology.repertoire.xoshiro import key, mixed, next_word, seed_block, uniform

MASK = (1 << 64) - 1


@outer
def words(state, out):
    for i in range(len(out)):
        out[i] = next_word(state)


@outer
def seeded(state, number, block):
    seed_block(state, number, block)


@outer
def uniforms(state, out):
    for i in range(len(out)):
        out[i] = uniform(state)


@outer
def mix_all(x):
    return mixed(x)


def by_integers(state: list[int], n: int) -> list[int]:
    """xoshiro256++ in Python's own integers."""

    def turned(x: int, k: int) -> int:
        return ((x << k) | (x >> (64 - k))) & MASK

    out, s = [], list(state)
    for _ in range(n):
        out.append((turned((s[0] + s[3]) & MASK, 23) + s[0]) & MASK)
        t = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = turned(s[3], 45)
    return out


def test_words_are_those_of_the_published_test_vector():
    # First outputs for the state 1, 2, 3, 4, as in the tests of the rand_xoshiro crate, made with the authors' C code.
    out = np.empty(4, dtype=np.uint64)
    words(np.arange(1, 5, dtype=np.uint64), out)
    assert out.tolist() == [41943041, 58720359, 3588806011781223, 3591011842654386]


def test_words_agree_with_python_integers():
    state = [0x0123456789ABCDEF, 0xFEDCBA9876543210, 0xDEADBEEFCAFEF00D, 0x1]
    out = np.empty(1000, dtype=np.uint64)
    words(np.array(state, dtype=np.uint64), out)
    assert out.tolist() == by_integers(state, 1000)


def test_splitmix_is_that_of_the_published_test_vector():
    # Its state after one step from the seed 1234567, and the first output of the authors' C code.
    assert int(mix_all(np.uint64((1234567 + 0x9E3779B97F4A7C15) & MASK))) == 6457827717110365317


def test_blocks_and_names_have_streams_of_their_own():
    seen = set()
    for name in ("a", "b"):
        for block in range(50):
            state = np.empty(4, dtype=np.uint64)
            seeded(state, key(0, name), block)
            seen.add(tuple(state.tolist()))
    assert len(seen) == 100


def test_uniforms_are_uniform_and_never_an_end():
    state, out = np.empty(4, dtype=np.uint64), np.empty(200_000)
    seeded(state, key(3, "uniform"), 0)
    uniforms(state, out)
    assert out.min() > 0
    assert out.max() < 1
    counts = np.histogram(out, bins=50, range=(0, 1))[0]
    # chi-square with 49 degrees of freedom: 99.9 % lie below 85.4.
    assert ((counts - 4000) ** 2 / 4000).sum() < 85.4
