"""Columns of a stored table: each with its type, unit and meaning, kept in the file's own schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from thymos.lang.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Kind = Literal["float", "int", "text", "flag"]


@dataclass(frozen=True)
class Column:
    """One column: what it is called, what it holds, in which unit, and what that means."""

    name: str
    kind: Kind
    unit: str
    text: str


Columns = tuple[Column, ...]

CURVES: Columns = (
    Column("arm", "text", "", "name of the arm"),
    Column("lineage", "text", "", "cd3, cd4, cd8, cd19, nk or trec"),
    Column("day", "float", "day", "days after transplant"),
    Column("q025", "float", "per uL", "2.5 % of patients lie below"),
    Column("q25", "float", "per uL", "25 % of patients lie below"),
    Column("q50", "float", "per uL", "median patient"),
    Column("q75", "float", "per uL", "75 % of patients lie below"),
    Column("q975", "float", "per uL", "97.5 % of patients lie below"),
)

INCIDENCE: Columns = (
    Column("arm", "text", "", "name of the arm"),
    Column("event", "text", "", "agvhd_2_4, agvhd_3_4, relapse, serious_infection, nrm or overall_survival"),
    Column("day", "float", "day", "days after transplant"),
    Column("p", "float", "1", "cumulative incidence; for overall_survival the share alive"),
    Column("low", "float", "1", "lower end of the 95 % interval"),
    Column("high", "float", "1", "upper end of the 95 % interval"),
)

DIVERSITY: Columns = (
    Column("arm", "text", "", "name of the arm"),
    Column(
        "measure",
        "text",
        "",
        "receptors, seen, hill1, hill2, clonality, and the rest of `diversity.measures`",
    ),
    Column("day", "float", "day", "days after transplant"),
    Column("q025", "float", "1", "2.5 % of patients lie below"),
    Column("q25", "float", "1", "25 % of patients lie below"),
    Column("q50", "float", "1", "median patient"),
    Column("q75", "float", "1", "75 % of patients lie below"),
    Column("q975", "float", "1", "97.5 % of patients lie below"),
)


def arrow_schema(columns: Columns) -> Any:
    """The Arrow schema, unit and text in the metadata of each field; no column holds nulls (a gap is NaN)."""
    import pyarrow as pa

    types = {"float": pa.float64(), "int": pa.int64(), "text": pa.string(), "flag": pa.bool_()}
    return pa.schema(
        [
            pa.field(c.name, types[c.kind], nullable=False, metadata={"unit": c.unit, "text": c.text})
            for c in columns
        ]
    )


def arrow_table(name: str, columns: Columns, data: Mapping[str, Iterable[object]]) -> Any:
    """`data` as an Arrow table with exactly the declared columns, all of one length."""
    import pyarrow as pa

    wanted = [column.name for column in columns]
    if sorted(wanted) != sorted(data):
        odd = sorted(set(wanted) ^ set(data))
        raise StoreError(
            f"table {name}", f"the columns {', '.join(wanted)}", f"a difference in {', '.join(odd)}"
        )
    schema = arrow_schema(columns)
    try:
        return pa.table(
            [pa.array(data[f.name], type=f.type, from_pandas=False) for f in schema], schema=schema
        )
    except (pa.ArrowInvalid, pa.ArrowTypeError) as problem:
        raise StoreError(
            f"table {name}", "columns of one length and of the declared types", str(problem)
        ) from None


def described(schema: Any) -> Columns:
    """The columns that a stored schema declares."""
    kinds: dict[str, Kind] = {"double": "float", "int64": "int", "string": "text", "bool": "flag"}
    found = []
    for field in schema:
        said = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
        found.append(Column(field.name, kinds[str(field.type)], said.get("unit", ""), said.get("text", "")))
    return tuple(found)
