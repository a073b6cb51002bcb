"""All that a report reads of a run, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.io.study_file import parse_study
from thymos.io.summary_schema import Summary
from thymos.io.table_file import TableFile
from thymos.lang.errors import StoreError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from thymos.io.run_folder import RunFolder
    from thymos.io.study_schema import Study
    from thymos.io.summary_schema import Arm

SMALL = ("curves", "incidence", "diversity")
Rows = dict[str, list[Any]]


@dataclass(frozen=True)
class Stored:
    """A run with its summary, study and the small tables behind the figures."""

    run: RunFolder

    @cached_property
    def summary(self) -> Summary:
        """The documented object, checked."""
        from pydantic import ValidationError

        try:
            return Summary.model_validate(self.run.summary())
        except ValidationError as problem:
            first = problem.errors(include_url=False)[0]
            place = f"{self.run.path}/summary.json [{'.'.join(map(str, first['loc']))}]"
            raise StoreError(place, "the documented form (docs/reference/json.md)", first["msg"]) from None

    @cached_property
    def study(self) -> Study:
        """The study that was run."""
        return parse_study(self.run.study_text(), f"{self.run.path}/study.yaml")

    def rows(self, table: str, **where: str) -> Rows:
        """Columns of one table, where the named columns hold the given words; empty if there are none."""
        columns = self.tables.get(table, {})
        if not where:
            return columns
        kept = [
            i
            for i, values in enumerate(zip(*(columns.get(name, []) for name in where), strict=True))
            if values == tuple(where.values())
        ]
        return {name: [values[i] for i in kept] for name, values in columns.items()} if kept else {}

    @cached_property
    def tables(self) -> dict[str, Rows]:
        """The small tables, whole."""
        return {name: self.run.table(name).to_pydict() for name in SMALL if name in self.run.tables()}

    def count(self, table: str) -> int:
        """Rows of a table of any size; 0 if the run has no such table."""
        return TableFile(self.run.file(table)).rows() if table in self.run.tables() else 0

    def column(self, table: str, name: str, **where: str) -> NDArray[Any]:
        """One column of a table of any size, where other columns hold the given words; empty if there is none."""
        if table not in self.run.tables() or name not in {c.name for c in self.run.columns(table)}:
            return np.empty(0)
        return TableFile(self.run.file(table)).column(name, **where)

    def arm(self, name: str) -> Arm:
        """The results of one arm."""
        return next(arm for arm in self.summary.arms if arm.name == name)

    def command(self) -> str:
        """What to type for the same run again."""
        summary = self.summary
        options = f"--patients {summary.patients} --draws {summary.draws} --seed {summary.seed}"
        return f"thymos trial RUN/study.yaml {options} --out AGAIN"
