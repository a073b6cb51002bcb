"""The document: what stands in it, and what is refused."""

import math
import sys
from typing import Any

import libsbml
import pytest

from thymos.evidence.bibliography import references
from thymos.io.sbml import About, inspect, write_sbml
from thymos.io.sbml.annotation import resource
from thymos.lang import Model, Output, Scheduled, Transition, covariate, needs, parameter, state
from thymos.lang.errors import InputError, RunError
from thymos.lang.trace import trace


class Well(Model):
    """Cells that divide, differentiate and make a factor."""

    cells = state("cell", "cells by kind", over=(("young", "old"),))
    factor = state("ng/mL", "factor")
    growth = parameter("1/day", "growth")
    burst = parameter("", "old cells made of one young one")
    made = parameter("ng/mL/cell/day", "factor made by one cell")
    day = covariate("day", "day of the change of medium")
    factor_seen = needs("ng/mL", "factor")

    def starts(self, x: Any, p: Any, env: Any) -> Any:
        yield x.factor, 0

    def transitions(self, x: Any, p: Any, env: Any) -> Any:
        young, old = x.cells["young"], x.cells["old"]
        yield Transition("growth", p.growth * young, {young: +1})
        yield Transition("ageing", p.growth * young, {young: -1, old: p.burst})
        yield Transition("pairing", p.growth * young, {young: -2, old: +1})
        yield Transition("making", p.made * old, {x.factor: +1})

    def events(self, x: Any, p: Any, env: Any) -> Any:
        yield Scheduled("change of medium", at=p.day, sets={x.factor: 0})

    def gives(self, x: Any, p: Any, env: Any) -> Any:
        yield Output("factor_seen", "ng/mL", x.factor, "factor", observe=True)


VALUES = {"well.growth": 1.0, "well.burst": 3.0, "well.made": 0.5, "day": 2.0}


def document(**changed: float) -> Any:
    """The document; its model lives no longer than it, so a test keeps it in hand."""
    text = write_sbml(
        trace((Well(),), "well", as_written=True), VALUES | changed, About("A well", ("Said.",))
    )
    assert inspect(text) == []
    return libsbml.readSBMLFromString(text)


def test_a_transition_is_a_reaction_and_a_change_in_parameters_one_of_its_own() -> None:
    made, found = document(), {}
    for r in made.getModel().getListOfReactions():
        sides = [
            [(s.getSpecies(), s.getStoichiometry()) for s in side]
            for side in (r.getListOfReactants(), r.getListOfProducts())
        ]
        found[r.getId()] = (*sides, libsbml.formulaToL3String(r.getKineticLaw().getMath()))
    young, old = "well__cells_young", "well__cells_old"
    law = f"{young} * well__growth"
    assert found == {
        "reaction_well__growth": ([], [(young, 1)], law),
        "reaction_well__ageing": ([(young, 1)], [], law),
        "reaction_well__ageing_well__cells_old": ([], [(old, 1)], f"well__burst * {law}"),
        "reaction_well__pairing": ([(young, 2)], [(old, 1)], law),
    }


def test_a_state_that_is_no_amount_is_under_a_rate_rule() -> None:
    made = document()
    model = made.getModel()
    assert model.getSpecies("well__factor") is None
    rule = model.getRateRuleByVariable("well__factor")
    assert libsbml.formulaToL3String(rule.getMath()) == "well__cells_old * well__made"


def test_names_units_and_what_is_said() -> None:
    made = document()
    model = made.getModel()
    species = model.getSpecies("well__cells_young")
    assert species.getName() == "cells by kind [young]"
    assert species.getAnnotation().getChild("quantity").getAttrValue("name") == "well.cells[young]"
    assert model.getParameter("factor_seen").getUnits() == "ng_per_mL"
    assert "Said." in model.getNotesString()
    assert model.getModelHistory().getCreator(0).getOrganisation().startswith("thymos ")


@pytest.mark.parametrize("never", [math.inf, math.nan])
def test_never_is_a_day_far_away(never: float) -> None:
    made = document(day=never)
    assert made.getModel().getParameter("day").getValue() == 1e9


@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_a_number_that_is_none_is_refused(value: float) -> None:
    with pytest.raises(InputError, match=r"\[well.growth\]: expected a finite number, got (inf|nan)"):
        document(**{"well.growth": value})


def test_a_missing_value_is_refused() -> None:
    with pytest.raises(InputError, match=r"a value for every parameter, got none for well.growth"):
        write_sbml(trace((Well(),), "well", as_written=True), {}, About("A well"))


def test_the_same_input_gives_the_same_bytes() -> None:
    system = trace((Well(),), "well", as_written=True)
    assert write_sbml(system, VALUES, About("A well")) == write_sbml(system, VALUES, About("A well"))


def test_a_paper_is_linked_by_its_identifier() -> None:
    assert (
        resource("https://doi.org/10.1007/s10543-023-00967-x")
        == "https://identifiers.org/doi:10.1007/s10543-023-00967-x"
    )
    assert (
        resource("http://www.ncbi.nlm.nih.gov/pubmed/19734223") == "https://identifiers.org/pubmed:19734223"
    )
    assert resource("https://pubmed.ncbi.nlm.nih.gov/22305571/") == "https://identifiers.org/pubmed:22305571"
    assert (
        resource("https://clinicaltrials.gov/study/NCT03879876")
        == "https://clinicaltrials.gov/study/NCT03879876"
    )
    assert any("identifiers.org" in resource(r.url) for r in references().values())


def test_without_the_extra_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libsbml", None)
    with pytest.raises(RunError, match=r"pip install 'thymos\[standards\]'"):
        write_sbml(trace((Well(),), "well", as_written=True), VALUES, About("A well"))


def test_what_is_wrong_with_a_document_is_found() -> None:
    text = write_sbml(trace((Well(),), "well", as_written=True), VALUES, About("A well"))
    assert inspect(text.replace('species="well__cells_old"', 'species="nowhere"', 1))
    first, *_ = inspect(text.replace('units="per_day"', 'units="day"'))
    assert first.category == "SBML unit consistency"
