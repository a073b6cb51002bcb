"""The compiled recursion behind `Pgen`.

Positions x = 0 .. 3L lie between the bases of a CDR3; (x, f) says that x bases are read and that the codon they end in
is of family f (0 at its border). Both ends are treated alike: J is read backwards, in a mirrored sequence, so that
V and the bases inserted behind it, and J and the bases inserted before it, are one piece of code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from thymos.biology.repertoire.kernel import inner, outer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from thymos.biology.repertoire.vdj.families import Letters
    from thymos.biology.repertoire.vdj.trie import Forest

    Floats = NDArray[np.float64]
    Codes = NDArray[np.uint8]
    Nodes = NDArray[np.int32]


class Inserted(NamedTuple):
    """The law of bases without template, as `recombination.Insertion` holds it, in a form that is compiled."""

    length: Floats
    first: Floats
    following: Floats


@inner
def advance(forest: Forest, letters: Letters, code: Codes, x: int, nodes: Nodes, number: int) -> int:
    """From the nodes that agree with x bases to those that agree with x + 1; returns how many these are.

    nodes : (x % 2, which, (node, family)); what is found goes into the other half
    """
    symbol, place = code[x // 3], x % 3
    here, there, found = x % 2, 1 - x % 2, 0
    for i in range(number):
        node, f = nodes[here, i, 0], nodes[here, i, 1]
        for e in range(letters.count[symbol, place]):
            g = letters.family[symbol, place, e]
            if place == 0 or g == f:
                below = forest.child[node, letters.base[symbol, place, e]]
                if below >= 0:
                    nodes[there, found, 0] = below
                    nodes[there, found, 1] = 0 if place == 2 else g
                    found += 1
    return found


@inner
def germline(
    forest: Forest, root: int, letters: Letters, code: Codes, bases: int, nodes: Nodes, out: Floats
) -> int:
    """Weight that a segment from the first base on ends at x, in out[x, f]; returns how many x are filled."""
    number = 1
    nodes[0, 0, 0], nodes[0, 0, 1] = root, 0
    x = 0
    while number > 0:
        out[x] = 0.0
        for i in range(number):
            node, f = nodes[x % 2, i, 0], nodes[x % 2, i, 1]
            for k in range(out.shape[2]):
                out[x, f, k] += forest.weight[node, k]
        number = advance(forest, letters, code, x, nodes, number) if x < bases else 0
        x += 1
    return x


@inner
def insert(
    segment: Floats, x: int, f: int, law: Inserted, letters: Letters, code: Codes, bases: int, low: int,
    chain: Floats, total: Floats, out: Floats,
) -> None:
    """Add to out[y, g], y >= low, the weight segment[x, f] followed by y - x inserted bases.

    chain : scratch, the Markov chain by its last letter (2, letter)
    total : scratch, its sum by family
    """
    if x >= low:
        for k in range(out.shape[2]):
            out[x, f, k] += law.length[0] * segment[x, f, k]
    symbol, place = code[0], 0
    for n in range(1, min(len(law.length), bases - x + 1)):
        y = x + n
        before, before_place = symbol, place
        symbol, place = code[(y - 1) // 3], (y - 1) % 3
        now, then = n % 2, 1 - n % 2
        total[:] = 0.0
        for e in range(letters.count[symbol, place]):
            g, base = letters.family[symbol, place, e], letters.base[symbol, place, e]
            s = 0.0
            if n == 1:
                if place == 0 or g == f:
                    s = law.first[base]
            else:
                for i in range(letters.count[before, before_place]):
                    if place == 0 or g == letters.family[before, before_place, i]:
                        s += chain[then, i] * law.following[letters.base[before, before_place, i], base]
            chain[now, e] = s
            total[0 if place == 2 else g] += s
        if y >= low:
            for g in range(len(total)):
                s = total[g] * law.length[n]
                if s > 0.0:
                    for k in range(out.shape[2]):
                        out[y, g, k] += s * segment[x, f, k]


@inner
def extend(
    segment: Floats, filled: int, law: Inserted, letters: Letters, code: Codes, bases: int, low: int,
    chain: Floats, total: Floats, out: Floats,
) -> None:
    """Weight that a segment and the bases inserted behind it end at x, for x >= low, in out[x, f]."""
    for x in range(low, bases + 1):
        out[x] = 0.0
    for x in range(filled):
        for f in range(out.shape[1]):
            live = 0.0
            for k in range(out.shape[2]):
                live += segment[x, f, k]
            if live > 0.0:
                insert(segment, x, f, law, letters, code, bases, low, chain, total, out)


@inner
def joined(left: Floats, right: Floats, bases: int, low: int) -> float:
    """Both ends meet at some x >= low."""
    p = 0.0
    for x in range(low, bases + 1):
        for f in range(left.shape[1]):
            for k in range(left.shape[2]):
                p += left[x, f, k] * right[bases - x, f, k]
    return p


@inner
def joined_by_d(
    left: Floats, d: Forest, letters: Letters, code: Codes, bases: int, nodes: Nodes, right: Floats
) -> float:
    """A piece of D, or none of it, lies between both ends."""
    p = 0.0
    for x in range(bases + 1):
        for f in range(left.shape[1]):
            if left[x, f, 0] > 0.0:
                s = 0.0
                nodes[x % 2, 0, 0], nodes[x % 2, 0, 1] = 0, f
                number, y = 1, x
                while number > 0:
                    for i in range(number):
                        node, g = nodes[y % 2, i, 0], nodes[y % 2, i, 1]
                        for k in range(right.shape[2]):
                            s += d.weight[node, k] * right[bases - y, g, k]
                    number = advance(d, letters, code, y, nodes, number) if y < bases else 0
                    y += 1
                p += s * left[x, f, 0]
    return p


@outer
def probabilities(
    codes: Codes, length: Codes, root_v: Nodes, root_j: Nodes, v: Forest, d: Forest, j: Forest,
    behind_v: Inserted, before_j: Inserted, letters: Letters, mirrored: Letters, families: int, out: Floats,
) -> None:
    """Probability of each sequence, into out (chain,).

    codes          : symbols of `families` (chain, symbol), length (chain,)
    root_v, root_j : tries of the genes that are summed over (chain,)
    d              : one trie of the pieces of D, its root node 0; no node for a locus without D
    families       : most families of a symbol in `codes`
    """
    longest = 3 * codes.shape[1] + 1
    columns, most = j.weight.shape[1], letters.base.shape[2]
    segment_v = np.empty((longest, families, v.weight.shape[1]))
    segment_j = np.empty((longest, families, columns))
    left, right = np.empty_like(segment_v), np.empty_like(segment_j)
    nodes = np.empty((2, families * max(v.width, d.width, j.width), 2), np.int32)
    chain, total = np.empty((2, most)), np.empty(families)
    back = np.empty(codes.shape[1], np.uint8)
    with_d = d.child.shape[0] > 0
    for i in range(len(length)):
        code, n = codes[i], np.int64(length[i])
        for a in range(n):
            back[a] = code[n - 1 - a]
        bases = 3 * n
        filled_j = germline(j, root_j[i], mirrored, back, bases, nodes, segment_j)
        filled_v = germline(v, root_v[i], letters, code, bases, nodes, segment_v)
        low = 0 if with_d else bases + 1 - filled_j
        extend(segment_v, filled_v, behind_v, letters, code, bases, low, chain, total, left)
        if with_d:
            extend(segment_j, filled_j, before_j, mirrored, back, bases, 0, chain, total, right)
            out[i] = joined_by_d(left, d, letters, code, bases, nodes, right)
        else:
            out[i] = joined(left, segment_j, bases, low)
