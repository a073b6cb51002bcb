"""The random numbers of the jump process, against the published words and the laws of a uniform number."""

import ctypes

import llvmlite.ir as ir
import numpy as np
import pytest
from scipy import stats

from thymos.engine import threefry
from thymos.engine.host import this_host
from thymos.engine.object_code import compiled, load
from thymos.engine.vector import VectorFunction

WIDTH = this_host().width
ONES = 2**64 - 1
# Random123, tests/kat_vectors, threefry2x64 with 20 rounds: (counter, key, words).
PUBLISHED = [
    ((0, 0), (0, 0), (0xC2B6E3A8C2C69865, 0x6F81ED42F350084D)),
    ((ONES, ONES), (ONES, ONES), (0xE02CB7C4D95D277A, 0xD06633D0893B8B68)),
    (
        (0x243F6A8885A308D3, 0x13198A2E03707344),
        (0xA4093822299F31D0, 0x082EFA98EC4E6C89),
        (0x263C7D30BB0F0AF1, 0x56BE8361D3311526),
    ),
]


def aligned(rows):
    memory = np.zeros((len(rows) + 1) * WIDTH)
    first = (-memory.ctypes.data % (8 * WIDTH)) // 8
    out = memory[first : first + len(rows) * WIDTH].reshape(len(rows), WIDTH)
    out[:] = rows
    return out


def call(module, rows):
    """Run the module's function `f` on rows, each of which is one argument."""
    engine, (address,) = load(compiled(str(module), this_host()), this_host(), ("f",))
    pointers = [ctypes.c_void_p(row.ctypes.data) for row in rows]
    ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * len(rows))(address)(*pointers)
    del engine


@pytest.mark.parametrize(("counter", "key", "words"), PUBLISHED)
def test_the_words_are_the_published_ones(counter, key, words):
    module = ir.Module()
    v = VectorFunction(module, "f", ("k0", "k1", "c0", "c1", "x", "y"), WIDTH)
    k0, k1, c0, c1 = (v.builder.bitcast(v.load(v.arguments[n]), v.integers) for n in ("k0", "k1", "c0", "c1"))
    for name, word in zip("xy", threefry.threefry(v, (k0, k1), (c0, c1)), strict=True):
        v.store(v.builder.bitcast(word, v.vector), v.arguments[name])
    v.done()
    rows = aligned(np.zeros((6, WIDTH)))
    rows.view(np.uint64)[:4] = np.array([*key, *counter], dtype=np.uint64)[:, None]
    call(module, rows)
    assert (rows.view(np.uint64)[4:] == np.array(words, dtype=np.uint64)[:, None]).all()


def numbers(which, key=(7, 9), people=64, counts=256):
    """Uniform numbers (person, count)."""
    module = ir.Module()
    v = VectorFunction(module, "f", ("k0", "k1", "who", "count", "u"), WIDTH)
    words = [v.load(v.arguments[n]) for n in ("k0", "k1", "who", "count")]
    v.store(threefry.uniform(v, words, which), v.arguments["u"])
    v.done()
    engine, (address,) = load(compiled(str(module), this_host()), this_host(), ("f",))
    function = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 5)(address)
    found = np.empty((people, counts))
    for first in range(0, people, WIDTH):
        rows = aligned(np.zeros((5, WIDTH)))
        rows[0], rows[1], rows[2] = key[0], key[1], np.arange(first, first + WIDTH)
        for count in range(counts):
            rows[3] = count
            function(*[row.ctypes.data for row in rows])
            found[first : first + WIDTH, count] = rows[4]
    del engine
    return found


def test_numbers_are_uniform_and_independent_of_each_other():
    u = np.array([numbers(which) for which in range(4)])
    assert u.min() > 0
    assert u.max() < 1
    assert stats.kstest(u.ravel(), "uniform").pvalue > 1e-3
    assert np.unique(u).size == u.size  # no draw is used twice
    z = stats.norm.ppf(u)
    for axis in range(3):
        ahead, behind = np.moveaxis(z, axis, 0)[1:].ravel(), np.moveaxis(z, axis, 0)[:-1].ravel()
        assert abs(np.mean(ahead * behind)) * np.sqrt(ahead.size) < 3.5


def test_another_key_gives_other_numbers():
    assert not (numbers(0, people=8, counts=8) == numbers(0, (7, 10), people=8, counts=8)).any()


def test_a_number_stands_in_the_middle_of_its_interval_of_the_upper_52_bits():
    word = PUBLISHED[0][2][0]
    assert numbers(0, (0, 0), people=WIDTH, counts=1)[0, 0] == ((word >> 12) + 0.5) / 2**52
