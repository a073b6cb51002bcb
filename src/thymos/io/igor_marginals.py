"""The probabilities of an IGoR model (`model_marginals.txt`), one array for each event."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from thymos.io.igor_lines import CUT, Line, filled_lines
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

UNITY = 1e-3
"""How far from 1 the probabilities of a choice may add up: files in circulation are within 2e-6."""


@dataclass
class Marginal:
    """Probabilities of one event as they stand in the file.

    shape   : what its line $Dim says
    parents : nicknames of the events on which it depends, in the order of the leading axes
    rows    : (line, numbers) of each combination of the parents
    """

    head: Line
    shape: tuple[int, ...] = ()
    parents: tuple[str, ...] = ()
    rows: list[tuple[Line, list[float]]] = field(default_factory=list)

    def array(
        self, nickname: str, shape: Sequence[int], parents: Sequence[str], choices: int
    ) -> NDArray[np.float64]:
        """The probabilities, if they are of this shape and depend on these events; raises `DataError`.

        choices : how many neighbouring numbers add up to 1; the last of `shape`, but 4 of 16 in a Markov chain
        """
        if self.parents != tuple(parents):
            wanted, only = (
                f"{nickname} to depend on {_listed(parents)}",
                "only models laid out as OLGA ships them are read",
            )
            raise self.head.refuse(wanted, _listed(self.parents), only)
        if self.shape != tuple(shape):
            wanted = f"{_dim(shape)} for {nickname}, as its events in model_params.txt say"
            raise self.head.refuse(wanted, _dim(self.shape))
        self._check_rows(nickname)
        found = np.array([numbers for _, numbers in self.rows]).reshape(tuple(shape))
        self._check_sums(nickname, found.reshape(-1, choices))
        return found

    def _check_rows(self, nickname: str) -> None:
        lines, width = int(np.prod(self.shape[:-1])), self.shape[-1]
        for line, numbers in self.rows:
            if len(numbers) != width:
                raise line.refuse(f"{width} probabilities of {nickname}", f"{len(numbers)}", CUT)
            if not all(0 <= x < np.inf for x in numbers):
                raise line.refuse(f"probabilities of {nickname}, from 0 to 1", "a number that is none")
        if len(self.rows) != lines:
            raise self.head.refuse(f"{lines} lines of {nickname} below it", f"{len(self.rows)}", CUT)

    def _check_sums(self, nickname: str, rows: NDArray[np.float64]) -> None:
        """A line of zeros belongs to a gene that is never chosen; any other adds up to 1."""
        sums = rows.sum(axis=1)
        wrong = np.flatnonzero((np.abs(sums - 1) > UNITY) & (sums != 0))
        if wrong.size:
            line = self.rows[wrong[0] * len(self.rows) // len(rows)][0]
            wanted = f"probabilities of {nickname} that add up to 1 within {UNITY:g}"
            raise line.refuse(wanted, f"a sum of {sums[wrong[0]]:.6g}")


def read_marginals(path: Path) -> Mapping[str, Marginal]:
    """Every array by the nickname of its event; raises `DataError` with file and line."""
    found: dict[str, Marginal] = {}
    current: Marginal | None = None
    for line in filled_lines(path):
        sign, rest = line.text[0], line.text[1:]
        if sign == "@":
            current = _begun(found, line)
        elif current is None or sign not in "$#%":
            raise line.refuse(
                "@EVENT, $Dim[...], #[...] or %PROBABILITIES", try_="is this model_marginals.txt?"
            )
        elif sign == "$":
            current.shape = _shape(line)
        elif sign == "#":
            current.parents = current.parents or _parents(rest)
        else:
            current.rows.append((line, _numbers(line)))
    if not found:
        raise DataError(path.name, "probabilities of events, each below @EVENT", "none", CUT)
    return found


def _begun(found: dict[str, Marginal], line: Line) -> Marginal:
    nickname = line.text[1:].strip()
    if nickname in found:
        raise line.refuse(f"each event once, {nickname} a second time")
    found[nickname] = Marginal(line)
    return found[nickname]


def _shape(line: Line) -> tuple[int, ...]:
    inner = line.text.removeprefix("$Dim[")
    cells = inner.removesuffix("]").split(",")
    if inner == line.text or not inner.endswith("]") or not all(cell.strip().isdecimal() for cell in cells):
        raise line.refuse("$Dim[N] or $Dim[N,M,...]", try_=CUT)
    return tuple(int(cell) for cell in cells)


def _parents(text: str) -> tuple[str, ...]:
    """`[d_gene,0],[d_5_del,0]` names d_gene and d_5_del."""
    return tuple(part.split(",")[0].strip("[ ") for part in text.split("],") if part.strip())


def _numbers(line: Line) -> list[float]:
    try:
        return [float(cell) for cell in line.text[1:].split(",")]
    except ValueError:
        raise line.refuse("numbers with commas between them", try_=CUT) from None


def _dim(shape: Sequence[int]) -> str:
    return f"$Dim[{','.join(map(str, shape))}]"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names) or "nothing"
