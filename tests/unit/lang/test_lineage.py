"""The lineage of a toy: what its transitions say, and nothing that they do not."""

from typing import Any

import pytest

from thymos.lang import Model, Output, Transition, covariate, parameter, state
from thymos.lang.errors import DefinitionError
from thymos.lang.lineage import Kind, Step, lineage


class Tissue(Model):
    """Stem cells divide, commit and die; committed ones ripen and are lost."""

    stem = state("cell", "stem cells")
    committed = state("cell", "committed cells", over=(("young", "ripe"),))
    dead = state("cell", "dead cells")
    food = state("ng", "food")
    seeded = covariate("cell", "stem cells at the start")
    pace = parameter("1/day", "pace of everything")

    def starts(self, x: Any, p: Any, env: Any) -> Any:
        yield x.stem, p.seeded

    def transitions(self, x: Any, p: Any, env: Any) -> Any:
        young, ripe = x.committed["young"], x.committed["ripe"]
        yield Transition("division", p.pace * x.stem, {x.stem: +1})
        yield Transition("commitment", p.pace * x.stem, {x.stem: -1, young: +2})
        yield Transition("ripening", p.pace * young, {young: -1, ripe: +1})
        yield Transition("death", p.pace * ripe, {ripe: -1, x.dead: +1})
        yield Transition("clearance", p.pace * x.dead, {x.dead: -1})
        yield Transition("feeding", p.pace * x.food, {x.food: -1})

    def gives(self, x: Any, p: Any, env: Any) -> Any:
        yield Output("alive", "cell", x.stem + x.committed.total(), "live cells", observe=True)
        yield Output("left", "ng", x.food, "food left")


def test_kinds_and_steps_are_those_of_the_transitions():
    found = lineage([Tissue()], "alive")
    stem = Kind("tissue.stem", "stem cells", ("",), seeded=True, divides=True, dies=False)
    committed = Kind(
        "tissue.committed", "committed cells", ("young", "ripe"), seeded=False, divides=False, dies=True
    )
    assert found.kinds == (stem, committed)
    assert found.steps == (
        Step("commitment", ("tissue.stem", ""), ("tissue.committed", "young")),
        Step("ripening", ("tissue.committed", "young"), ("tissue.committed", "ripe")),
    )


def test_an_output_that_counts_no_cells_is_refused():
    with pytest.raises(DefinitionError, match="expected an output that adds up cells"):
        lineage([Tissue()], "left")
