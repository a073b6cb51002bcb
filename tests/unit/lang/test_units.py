"""Units at the border."""

import pytest

from thymos.lang.errors import UnitError
from thymos.lang.units import convert, dimension, factor


def test_conversion() -> None:
    assert convert(1, "1/hour", "1/day") == pytest.approx(24)
    assert convert(1, "cell/L", "cell/uL") == pytest.approx(1e-6)
    assert factor("cell/uL", "cell/uL") == 1


@pytest.mark.parametrize("got", ["cell", "day", "copy/uL", ""])
def test_another_kind_is_refused(got: str) -> None:
    with pytest.raises(UnitError, match=r"a unit that converts to cell/uL"):
        convert(1, got, "cell/uL")


def test_an_unreadable_unit_is_refused() -> None:
    with pytest.raises(UnitError, match="a unit that can be read"):
        dimension("quux/day")


def test_cells_and_copies_do_not_mix() -> None:
    assert not dimension("cell").same_kind(dimension("copy"))
