"""Germline segments as tries: genes that begin alike share their nodes, so a sequence is compared with all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Path = tuple[NDArray[np.uint8], Floats]


class Forest(NamedTuple):
    """Tries, each known by the number of its root.

    child  : node one base further, by that base; -1 where there is none (node, base)
    weight : probability that a segment ends at the node (node, column)
    width  : most nodes at one depth of one trie
    """

    child: NDArray[np.int32]
    weight: Floats
    width: int


class Growing:
    """A forest to which tries are added."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.child: list[list[int]] = []
        self.weight: list[Floats] = []
        self.width = 1

    def trie(self, paths: Iterable[Path]) -> int:
        """The root of a trie of paths.

        Each path is the bases of a segment (base,) with the weight of ending after each number of them, from none
        to all (base + 1, column). Weights that meet at a node are added.
        """
        root = self._node()
        at_depth = {0: 1}
        for bases, weight in paths:
            node = root
            self.weight[node] += weight[0]
            for depth, (base, ending) in enumerate(zip(bases.tolist(), weight[1:], strict=True), start=1):
                if self.child[node][base] < 0:
                    self.child[node][base] = self._node()
                    at_depth[depth] = at_depth.get(depth, 0) + 1
                node = self.child[node][base]
                self.weight[node] += ending
        self.width = max(self.width, *at_depth.values())
        return root

    def _node(self) -> int:
        self.child.append([-1] * 4)
        self.weight.append(np.zeros(self.columns))
        return len(self.child) - 1

    def grown(self) -> Forest:
        """The forest as arrays."""
        child = np.array(self.child, dtype=np.int32).reshape(-1, 4)
        weight = np.array(self.weight, dtype=np.float64).reshape(-1, self.columns)
        return Forest(child, weight, self.width)
