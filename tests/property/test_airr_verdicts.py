"""Whatever cell or field is changed, thymos refuses an AIRR file exactly where the Community's library does."""

import contextlib
import copy
import io
import json
from pathlib import Path

import airr
from hypothesis import given, settings
from hypothesis import strategies as st

from thymos.io.airr_repertoire import check_airr
from thymos.io.clonotype_file import read_clonotypes
from thymos.lang.errors import DataError

FILES = Path(__file__).parents[1] / "reference" / "airr"
HEADER, *ROWS = (line.split("\t") for line in (FILES / "good_rearrangement.tsv").read_text().splitlines())
COUNT = HEADER.index("duplicate_count")
# Not a quote alone, which thymos refuses always, and no count below 0, which it refuses on purpose.
CELLS = ("", "T", "F", "true", "yes", "1", "0", "2", "3.5", "1e3", " 4", "1_0", "0x1F", "nan", "inf", "NA",
         "٣", "+7", "TRUE", "t", "abc", '"q"', "007", "9" * 20, "None")  # fmt: skip
VALUES = (None, "x", 3, 2.5, True, [], {}, [None], ["x"], [{}])
DATA = json.loads(json.dumps(airr.read_airr(str(FILES / "good_combined_airr.yaml")), default=str))


def accepts(judge, thing):
    with contextlib.redirect_stderr(io.StringIO()):
        try:
            return judge(thing) is not False
        except (DataError, airr.schema.ValidationError):
            return False


changes = st.tuples(
    st.integers(0, len(ROWS) - 1), st.integers(0, len(HEADER) - 1), st.sampled_from(CELLS)
).filter(lambda change: change[1] != COUNT or change[2] not in ("9" * 20,))


@settings(max_examples=60)
@given(st.lists(changes, min_size=1, max_size=3), st.booleans())
def test_a_changed_cell(tmp_path_factory, changed, longer):
    rows = copy.deepcopy(ROWS)
    for row, column, cell in changed:
        rows[row][column] = cell
    if longer:
        rows[changed[0][0]].append("more")
    path = tmp_path_factory.getbasetemp() / "changed.tsv"
    path.write_text("\n".join("\t".join(row) for row in (HEADER, *rows)) + "\n")
    assert accepts(read_clonotypes, path) == accepts(airr.validate_rearrangement, str(path))


def places(thing):
    """Every (container, key) within nested lists and dictionaries."""
    if isinstance(thing, dict | list):
        for key, value in list(thing.items() if isinstance(thing, dict) else enumerate(thing)):
            yield thing, key
            yield from places(value)


NUMBER = sum(1 for _ in places(DATA))


@settings(max_examples=400)
@given(st.integers(0, NUMBER - 1), st.booleans(), st.sampled_from(VALUES))
def test_a_changed_field(place, removed, value):
    data = copy.deepcopy(DATA)
    container, key = list(places(data))[place]
    if removed:
        del container[key]
    else:
        container[key] = value
    assert accepts(lambda d: check_airr(d, "data"), data) == accepts(airr.interface.validate_airr, data)
