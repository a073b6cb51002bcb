"""What a message suggests for a name that is unknown."""

import pytest

from thymos.lang.nearest import nearest


@pytest.mark.parametrize(
    ("name", "said"),
    [("scff", "did you mean scf?"), ("il8", "did you mean il7 or il3?"), ("weather", ""), ("", "")],
)
def test_names_that_look_alike_are_named_and_others_are_not(name, said):
    assert nearest(name, {"scf": 1, "il3": 2, "il7": 3}) == said


def test_nothing_is_near_where_nothing_is_known():
    assert nearest("scf", ()) == ""
