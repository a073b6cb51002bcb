"""The compiled recursion behind `Pgen`.

Positions x = 0 .. 3L lie between the bases of a CDR3; (x, f) says that x bases are read and that the codon they end in
is of family f (0 at its border). Both ends are treated alike: J is read backwards, in a mirrored sequence, so that
V and the bases inserted behind it, and J and the bases inserted before it, are one piece of code: compiled once, as
`outer`, since inlining it twice only takes longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from thymos.biology.repertoire.kernel import inner, outer
from thymos.biology.repertoire.vdj.families import Letters
from thymos.biology.repertoire.vdj.trie import Forest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.uint8]
    Nodes = NDArray[np.int32]


class Inserted(NamedTuple):
    """The law of bases without template, as `recombination.Insertion` holds it, in a form that is compiled."""

    length: Floats
    first: Floats
    following: Floats


class Asked(NamedTuple):
    """Sequences, and the genes that are summed over.

    codes          : symbols of `families` (chain, symbol)
    length         : symbols of each (chain,)
    root_v, root_j : roots of the tries of their genes (chain,)
    """

    codes: Codes
    length: Codes
    root_v: Nodes
    root_j: Nodes

    def part(self, first: int, last: int) -> Asked:
        """Some of them."""
        rows = slice(first, last)
        return Asked(self.codes[rows], self.length[rows], self.root_v[rows], self.root_j[rows])


class Compiled(NamedTuple):
    """A model as the recursion takes it.

    v, j : tries of germline, that of J read backwards
    d    : one trie of the pieces of D, its root node 0; no node for a locus without D
    """

    v: Forest
    d: Forest
    j: Forest
    behind_v: Inserted
    before_j: Inserted
    letters: Letters
    mirrored: Letters


class Read(NamedTuple):
    """One sequence, read from one of its ends: what its symbols admit, the symbols, and how many bases they are."""

    letters: Letters
    code: Codes
    bases: int


class Scratch(NamedTuple):
    """Memory of a thread.

    nodes  : nodes reached in a trie (x % 2, which, (node, family))
    starts : where a segment may end, (which, (x, family))
    chain  : probability of the bases inserted behind each start, by the last of them (x % 2, letter, start)
    """

    nodes: Nodes
    starts: Nodes
    chain: Floats


@inner
def advance(forest: Forest, read: Read, x: int, nodes: Nodes, number: int) -> int:
    """From the nodes that agree with x bases to those that agree with x + 1; returns how many these are."""
    symbol, place = read.code[x // 3], x % 3
    here, there, found = x % 2, 1 - x % 2, 0
    for i in range(number):
        node, f = nodes[here, i, 0], nodes[here, i, 1]
        for e in range(read.letters.number[symbol, place]):
            g = read.letters.family[symbol, place, e]
            if place == 0 or g == f:
                below = forest.child[node, read.letters.base[symbol, place, e]]
                if below >= 0:
                    nodes[there, found, 0] = below
                    nodes[there, found, 1] = 0 if place == 2 else g
                    found += 1
    return found


@outer
def germline(forest: Forest, root: int, read: Read, nodes: Nodes, segment: Floats) -> int:
    """Weight that a segment from the first base on ends at x, in segment[x, f]; returns how many x are filled."""
    number, x = 1, 0
    nodes[0, 0, 0], nodes[0, 0, 1] = root, 0
    while number > 0:
        for f in range(segment.shape[1]):
            for k in range(segment.shape[2]):
                segment[x, f, k] = 0.0
        for i in range(number):
            node, f = nodes[x % 2, i, 0], nodes[x % 2, i, 1]
            for k in range(segment.shape[2]):
                segment[x, f, k] += forest.weight[node, k]
        number = advance(forest, read, x, nodes, number) if x < read.bases else 0
        x += 1
    return x


@inner
def ends(segment: Floats, filled: int, starts: Nodes) -> int:
    """Where the segment may end; returns how many places these are."""
    number = 0
    for x in range(filled):
        for f in range(segment.shape[1]):
            live = 0.0
            for k in range(segment.shape[2]):
                live += segment[x, f, k]
            if live > 0.0:
                starts[number, 0], starts[number, 1] = x, f
                number += 1
    return number


@inner
def step(law: Inserted, read: Read, y: int, begun: int, chain: Floats) -> None:
    """Base y - 1 is inserted behind the first `begun` starts, which have some inserted already."""
    now, place, before = y % 2, (y - 1) % 3, (y - 2) % 3
    symbol, last = read.code[(y - 1) // 3], read.code[(y - 2) // 3]
    for e in range(read.letters.number[symbol, place]):
        g, base = read.letters.family[symbol, place, e], read.letters.base[symbol, place, e]
        fresh = True
        for i in range(read.letters.number[last, before]):
            if place == 0 or g == read.letters.family[last, before, i]:
                p = law.following[read.letters.base[last, before, i], base]
                # Loops over starts run from 0 and hold nothing else: only then are they vectorised.
                if fresh:
                    for s in range(begun):
                        chain[now, e, s] = p * chain[1 - now, i, s]
                else:
                    for s in range(begun):
                        chain[now, e, s] += p * chain[1 - now, i, s]
                fresh = False


@inner
def begin(law: Inserted, read: Read, y: int, start: int, family: int, chain: Floats) -> None:
    """Base y - 1 is the first that is inserted behind a start."""
    symbol, place = read.code[(y - 1) // 3], (y - 1) % 3
    for e in range(read.letters.number[symbol, place]):
        same = place == 0 or read.letters.family[symbol, place, e] == family
        chain[y % 2, e, start] = law.first[read.letters.base[symbol, place, e]] if same else 0.0


@inner
def gather(
    segment: Floats, law: Inserted, read: Read, y: int, begun: int, scratch: Scratch, out: Floats
) -> None:
    """Add to out[y, g] the segments that end before y, with bases inserted up to there."""
    symbol, place = read.code[(y - 1) // 3], (y - 1) % 3
    letters = np.int64(read.letters.number[symbol, place])
    # Behind a whole codon its family does not matter, and its letters are summed.
    summed = letters if place == 2 else 1
    for e in range(1 if place == 2 else letters):
        g = 0 if place == 2 else read.letters.family[symbol, place, e]
        for s in range(begun):
            x, f = scratch.starts[s, 0], scratch.starts[s, 1]
            p = scratch.chain[y % 2, e, s]
            for i in range(1, summed):
                p += scratch.chain[y % 2, i, s]
            if p > 0.0 and y - x < len(law.length):
                p *= law.length[y - x]
                for k in range(out.shape[2]):
                    out[y, g, k] += p * segment[x, f, k]


@outer
def extend(
    segment: Floats, filled: int, law: Inserted, read: Read, low: int, scratch: Scratch, out: Floats
) -> None:
    """Weight that a segment and the bases inserted behind it end at x, for x >= low, in out[x, f]."""
    for x in range(low, read.bases + 1):
        for f in range(out.shape[1]):
            for k in range(out.shape[2]):
                out[x, f, k] = law.length[0] * segment[x, f, k] if x < filled else 0.0
    number, begun = ends(segment, filled, scratch.starts), 0
    for y in range(1, read.bases + 1):
        step(law, read, y, begun, scratch.chain)
        while begun < number and scratch.starts[begun, 0] == y - 1:
            begin(law, read, y, begun, scratch.starts[begun, 1], scratch.chain)
            begun += 1
        if y >= low:
            gather(segment, law, read, y, begun, scratch, out)


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
def joined_from(x: int, f: int, d: Forest, read: Read, nodes: Nodes, right: Floats) -> float:
    """Weight of all that can follow (x, f): a piece of D or none, and the right end."""
    p = 0.0
    nodes[x % 2, 0, 0], nodes[x % 2, 0, 1] = 0, f
    number = 1
    while number > 0:
        for i in range(number):
            node, g = nodes[x % 2, i, 0], nodes[x % 2, i, 1]
            for k in range(right.shape[2]):
                p += d.weight[node, k] * right[read.bases - x, g, k]
        number = advance(d, read, x, nodes, number) if x < read.bases else 0
        x += 1
    return p


@inner
def joined_by_d(left: Floats, d: Forest, read: Read, nodes: Nodes, right: Floats) -> float:
    """A piece of D, or none of it, lies between both ends."""
    p = 0.0
    for x in range(read.bases + 1):
        for f in range(left.shape[1]):
            if left[x, f, 0] > 0.0:
                p += left[x, f, 0] * joined_from(x, f, d, read, nodes, right)
    return p


@outer
def probabilities(asked: Asked, model: Compiled, families: int, out: Floats) -> None:
    """Probability of each sequence, into out (chain,).

    families : most families of a symbol that is asked for
    """
    longest = 3 * asked.codes.shape[1] + 1
    segment_v = np.empty((longest, families, model.v.weight.shape[1]))
    segment_j = np.empty((longest, families, model.j.weight.shape[1]))
    left, right = np.empty_like(segment_v), np.empty_like(segment_j)
    scratch = Scratch(
        np.empty((2, families * max(model.v.width, model.d.width, model.j.width), 2), np.int32),
        np.empty((longest * families, 2), np.int32),
        np.empty((2, model.letters.base.shape[2], longest * families)),
    )
    back = np.empty(asked.codes.shape[1], np.uint8)
    with_d = model.d.child.shape[0] > 0
    for i in range(len(asked.length)):
        n = int(asked.length[i])
        for a in range(n):
            back[a] = asked.codes[i, n - 1 - a]
        ahead, mirror = Read(model.letters, asked.codes[i], 3 * n), Read(model.mirrored, back, 3 * n)
        filled_j = germline(model.j, asked.root_j[i], mirror, scratch.nodes, segment_j)
        filled_v = germline(model.v, asked.root_v[i], ahead, scratch.nodes, segment_v)
        low = 0 if with_d else 3 * n + 1 - filled_j
        extend(segment_v, filled_v, model.behind_v, ahead, low, scratch, left)
        if with_d:
            extend(segment_j, filled_j, model.before_j, mirror, 0, scratch, right)
            out[i] = joined_by_d(left, model.d, ahead, scratch.nodes, right)
        else:
            out[i] = joined(left, segment_j, 3 * n, low)
