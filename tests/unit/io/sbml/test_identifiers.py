"""Every name has an identifier that SBML takes, and no two share one."""

import re

from hypothesis import given
from hypothesis import strategies as st

from thymos.io.sbml.identifiers import Identifiers


def test_an_identifier_recalls_the_name() -> None:
    ids = Identifiers()
    assert ids.new("periphery.naive[H,CD4]") == "periphery__naive_H_CD4"
    assert ids.new("marrow.niche_number=fixed") == "marrow__niche_number_fixed"
    assert ids.new("2 of 3") == "_2_of_3"


@given(
    st.lists(st.text(max_size=8) | st.sampled_from(["a.b", "a b", "a__b", "a__b__2", "a[b]"]), max_size=30)
)
def test_identifiers_are_valid_and_never_shared(names: list[str]) -> None:
    ids = Identifiers()
    found = [ids.new(name) for name in names]
    assert len(set(found)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", identifier) for identifier in found)
