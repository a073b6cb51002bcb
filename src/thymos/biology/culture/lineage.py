"""Which classes of cells a culture holds, which becomes which, and which of them divide alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from thymos.lang import Model, Transition, state

EXIT = ("1", "2", "3")
LOCK_STEPS = 4  # Erlang stages between BCL11B on and the lock
CLOCK = ("open", *(f"on{k}" for k in range(1, LOCK_STEPS + 1)), "locked")
CD5 = ("neg", "pos")
AGES = ("early", "late")
CD7 = tuple(f"{age}_{cd5}" for age in AGES for cd5 in CD5)
NK = ("progenitor", "immature", "cd16", "kir")
# Classes that divide and die at one rate; resting CD34+ cells do neither.
KINDS = ("stem", *CD7, "myeloid", "b_cells", "nk")
# Passages that happen at one rate per cell.
STEPS = (
    "exit",
    "specification",
    "myeloid",
    "b_cells",
    "cd34_loss",
    "cd5_gain",
    "cd1a_gain",
    "opening",
    *(f"lock_{kind}" for kind in CD7),
    "nk_commitment",
    "nk_cd56",
    "nk_cd16",
    "nk_kir",
)


class Lineage(Model):
    """States for every class of live cells but carried-over T cells, and the passages between them.

    `early` cells are CD34+CD7+, `late` ones CD34-CD7+; CD5 and the commitment clock go on in both. CD1a appears
    on CD34-CD7+CD5+ cells that are locked to the T fate. NK cells come from any CD7+ cell that is not locked.
    References: `awong2009`, `le2020`, `martin2025`.
    """

    quiescent = state("cell", "CD34+ cells in G0, three steps of exit", over=(EXIT,))
    stem = state("cell", "cycling CD34+CD7- cells")
    early = state("cell", "CD34+CD7+ cells by CD5 and commitment", over=(CD5, CLOCK))
    late = state("cell", "CD34-CD7+CD1a- cells by CD5 and commitment", over=(CD5, CLOCK))
    cd1a = state("cell", "CD34-CD7+CD5+CD1a+ cells")
    myeloid = state("cell", "myeloid cells")
    b_cells = state("cell", "B-lymphoid cells")
    nk = state("cell", "NK cells by maturation: before CD56, CD56+, CD16+, KIR+", over=(NK,))

    def cd7(self, x: Any) -> Iterator[tuple[str, str, str, Any]]:
        """Age, CD5, clock and cells of all CD7+CD1a- classes."""
        for age in AGES:
            for cd5 in CD5:
                for k in CLOCK:
                    yield age, cd5, k, getattr(x, age)[cd5, k]

    def everyone(self, x: Any) -> Iterator[Any]:
        """Every class of cells that this model holds."""
        yield from (x.quiescent[j] for j in EXIT)
        yield x.stem
        yield from (cells for _, _, _, cells in self.cd7(x))
        yield from (x.cd1a, x.myeloid, x.b_cells)
        yield from (x.nk[k] for k in NK)

    def passages(self, x: Any, step: Mapping[str, Any]) -> Iterable[Transition]:
        """Every passage of a cell from one class to another; `step` holds the rates per cell [1/day] of STEPS."""
        yield from self._leaving_rest(x, step)
        yield from self._branching(x, step)
        yield from self._ageing(x, step)
        yield from self._committing(x, step)
        yield from self._maturing(x, step)

    def turnover(
        self, x: Any, division: Any, death: Any, support: Any, starvation: Any, dead: Any = None
    ) -> Iterable[Transition]:
        """Division and death of every class that grows.

        division, death : rates per cell [1/day] of KINDS
        support         : share of its division that a cell locked to T keeps;  starvation : its extra death [1/day]
        dead            : the state that takes the dead, where they are counted
        """
        for kind, name, cells, locked in self._growing(x):
            divides, dies = division[kind], death[kind]
            if locked:
                divides, dies = divides * support, dies + starvation
            lost = {cells: -1} if dead is None else {cells: -1, dead: +1}
            yield Transition(f"{name} division", divides * cells, {cells: +1})
            yield Transition(f"{name} death", dies * cells, lost)

    def _growing(self, x: Any) -> Iterator[tuple[str, str, Any, bool]]:
        yield "stem", "stem", x.stem, False
        for age, cd5, k, cells in self.cd7(x):
            yield f"{age}_{cd5}", f"{age} {cd5} {k}", cells, k == "locked"
        yield "late_pos", "CD1a+", x.cd1a, True
        yield "myeloid", "myeloid", x.myeloid, False
        yield "b_cells", "B-lymphoid", x.b_cells, False
        for k in NK:
            yield "nk", f"NK {k}", x.nk[k], False

    def _leaving_rest(self, x: Any, step: Any) -> Iterable[Transition]:
        after = {"1": x.quiescent["2"], "2": x.quiescent["3"], "3": x.stem}
        for j in EXIT:
            yield _passage(f"G0 exit {j}", step["exit"], x.quiescent[j], after[j])

    def _branching(self, x: Any, step: Any) -> Iterable[Transition]:
        yield _passage("T specification", step["specification"], x.stem, x.early["neg", "open"])
        yield _passage("myeloid branch", step["myeloid"], x.stem, x.myeloid)
        yield _passage("B branch", step["b_cells"], x.stem, x.b_cells)

    def _ageing(self, x: Any, step: Any) -> Iterable[Transition]:
        for cd5 in CD5:
            for k in CLOCK:
                yield _passage(f"CD34 loss {cd5} {k}", step["cd34_loss"], x.early[cd5, k], x.late[cd5, k])
        for age in AGES:
            cells = getattr(x, age)
            for k in CLOCK:
                yield _passage(f"CD5 gain {age} {k}", step["cd5_gain"], cells["neg", k], cells["pos", k])
        yield _passage("CD1a gain", step["cd1a_gain"], x.late["pos", "locked"], x.cd1a)

    def _committing(self, x: Any, step: Any) -> Iterable[Transition]:
        for age in AGES:
            for cd5 in CD5:
                cells = getattr(x, age)
                for now, then in pairwise(CLOCK):
                    rate = step["opening"] if now == "open" else step[f"lock_{age}_{cd5}"]
                    yield _passage(f"{age} {cd5} {now} to {then}", rate, cells[cd5, now], cells[cd5, then])

    def _maturing(self, x: Any, step: Any) -> Iterable[Transition]:
        for age, cd5, k, cells in self.cd7(x):
            if k != "locked":
                name = f"NK commitment {age} {cd5} {k}"
                yield _passage(name, step["nk_commitment"], cells, x.nk["progenitor"])
        for now, then in pairwise(NK):
            mark = {"immature": "nk_cd56", "cd16": "nk_cd16", "kir": "nk_kir"}[then]
            yield _passage(f"NK {now} to {then}", step[mark], x.nk[now], x.nk[then])


def _passage(name: str, rate: Any, source: Any, target: Any) -> Transition:
    return Transition(name, rate * source, {source: -1, target: +1})
