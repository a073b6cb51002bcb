"""Rows of a sequence file become clonotypes: checked by batches, summed by DuckDB, on disk where memory ends.

A clonotype is a junction (its bases where the file has them, and its amino acids) with its V and J gene. What is out of
frame, has a stop codon or is said not to be functional is kept apart; what says too little is left out and counted.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.io.clonotypes import Clonotypes
from thymos.io.sequence_cells import as_counts
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from thymos.io.sequence_file import SequenceFile
    from thymos.io.sequence_format import SequenceFormat

SHORT = "too few cells"
MEMORY = "1GB"
"""What DuckDB may take before it goes to the disk."""

# `_`, `~` and `?` stand for a broken codon in exports of VDJtools, MiXCR and others.
SUM = """
with said as (
  select *, length(junction) % 3 <> 0 or regexp_matches(junction_aa, '[*~_?]') or not functional as broken from batches
), judged as (
  select *, case
    when junction = '' and junction_aa = '' then 'no junction'
    when count = 0 then 'a count of zero'
    when not regexp_full_match(junction, '[ACGT]*') then 'bases other than A, C, G, T'
    when broken then ''
    when junction_aa = '' then 'no amino acids'
    when not regexp_full_match(junction_aa, '[ACDEFGHIKLMNPQRSTVWY]+') then 'letters that are no amino acids'
    when junction <> '' and length(junction) <> 3 * length(junction_aa) then 'amino acids that do not fit the bases'
    else '' end as reason
  from said
), kept as (
  select reason, not broken as productive, count, v, j, v_gene, j_gene, locus, junction, junction_aa
  from judged where reason = ''
  union all
  select reason, false, 0, 0, 0, 0, 0, 0, '', '' from judged where reason <> ''
)
select reason, productive, junction, junction_aa, min(v) as v, min(j) as j, locus,
  sum(count)::bigint as count, count(*) as rows
from kept group by reason, productive, junction, junction_aa, v_gene, j_gene, locus
order by reason = '', count desc, junction_aa, junction, min(v), min(j), productive
"""


class Names:
    """Names as numbers, in the order in which they come; 0 is "" ."""

    def __init__(self, read: Callable[[str], str] = str) -> None:
        self.read = read
        self.known: dict[str, int] = {"": 0}
        self._seen: dict[str, int] = {"": 0}

    def codes(self, cells: Any) -> Any:
        """The number of each cell's name (row,)."""
        import pyarrow as pa

        column = cells.fill_null("").dictionary_encode()
        table = np.array([self.code(text) for text in column.dictionary.to_pylist()] or [0], dtype=np.int32)
        return pa.array(table[column.indices.to_numpy(zero_copy_only=False)])

    def code(self, text: str) -> int:
        """The number of one name as the file writes it."""
        if text not in self._seen:
            self._seen[text] = self.known.setdefault(self.read(text), len(self.known))
        return self._seen[text]

    def column(self, codes: Any) -> Any:
        """The names of these numbers as an Arrow array of text with a dictionary."""
        import pyarrow as pa

        return pa.DictionaryArray.from_arrays(codes.cast(pa.int32()), pa.array(list(self.known), pa.string()))


class ClonotypeRows:
    """The rows of one file as its format understands them."""

    def __init__(self, file: SequenceFile, kind: SequenceFormat) -> None:
        self.file, self.kind = file, kind
        self.columns = kind.columns(file.header)
        self.v, self.j, self.locus = Names(kind.gene), Names(kind.gene), Names(str.upper)
        self.v_gene, self.j_gene = Names(self._gene), Names(self._gene)
        self.samples: set[str] = set()

    def clonotypes(self) -> Clonotypes:
        """All of them; raises `DataError` for a row that the format forbids, and where no row can be used."""
        import pyarrow.compute as pc

        table = self._summed()
        lost = pc.sum(pc.not_equal(table["reason"], "")).as_py() or 0
        left_out = dict(self._left_out(table.slice(0, lost)))
        kept = table.slice(lost).drop_columns(["reason", "rows"])
        del table
        if not len(kept):
            got = "; ".join(f"{reason}: {number}" for reason, number in left_out.items()) or "a header alone"
            raise DataError(self.file.name, "at least one row with a junction and a count", got)
        whole = {}
        for name in kept.column_names:  # one column after the other, so that none is held twice for long
            whole[name] = kept[name].combine_chunks()
            kept = kept.drop_columns([name])
        return Clonotypes(
            sample=self.file.sample,
            junction_aa=whole["junction_aa"],
            junction=whole["junction"],
            v_call=self.v.column(whole["v"]),
            j_call=self.j.column(whole["j"]),
            locus=self.locus.column(whole["locus"]),
            count=whole["count"].to_numpy(),
            productive=whole["productive"].to_numpy(zero_copy_only=False),
            rows=self.file.whole + len(self.file.short),
            left_out=left_out,
            counted=self.columns.get("count", "rows"),
        )

    def _left_out(self, table: Any) -> Iterator[tuple[str, int]]:
        """(reason, rows), the commonest first."""
        if self.file.short:
            yield SHORT, len(self.file.short)
        yield from sorted(
            zip(table["reason"].to_pylist(), table["rows"].to_pylist(), strict=True), key=lambda one: -one[1]
        )

    def _summed(self) -> Any:
        """The table of `SUM`."""
        import duckdb
        import pyarrow as pa

        types = {name: pa.int32() for name in ("v", "j", "v_gene", "j_gene", "locus")}
        texts = {"junction": pa.string(), "junction_aa": pa.string()}
        schema = pa.schema({**texts, **types, "count": pa.int64(), "functional": pa.bool_()})
        stopped: list[BaseException] = []
        with tempfile.TemporaryDirectory(prefix="thymos-") as folder:
            config: dict[str, Any] = {
                "memory_limit": MEMORY,
                "temp_directory": folder,
                "preserve_insertion_order": "false",
            }
            with duckdb.connect(":memory:", config=config) as connection:
                connection.execute("set enable_progress_bar = false")  # it would write into the user's output
                batches = pa.RecordBatchReader.from_batches(schema, self._batches(schema, stopped))
                connection.register("batches", batches)
                try:
                    return connection.sql(SUM).to_arrow_table()
                except duckdb.Error:
                    if stopped:
                        raise stopped[0] from None
                    raise

    def _batches(self, schema: Any, stopped: list[BaseException]) -> Iterator[Any]:
        """Batches as `SUM` takes them; what stops them is kept, since DuckDB hands on no more than its text."""
        import pyarrow as pa

        titles = sorted({*self.columns.values(), *self.kind.typed(self.file.header)})
        try:
            for raw in self.file.batches(titles):
                self.kind.check(self.file, raw)
                cells = {what: raw[title] for what, title in self.columns.items()}
                self._one_sample(cells)
                yield pa.record_batch(self._meaning(cells, raw.num_rows), schema=schema)
        except BaseException as problem:
            stopped.append(problem)
            raise

    def _meaning(self, cells: dict[str, Any], rows: int) -> dict[str, Any]:
        import pyarrow as pa
        import pyarrow.compute as pc

        empty = pa.nulls(rows, pa.string())
        v, j = cells.get("v_call", empty), cells.get("j_call", empty)
        said = cells.get("productive")
        functional = (
            pa.nulls(rows, pa.bool_())
            if said is None
            else self.kind.functional(self.file, self.columns["productive"], said)
        )
        count = cells.get("count")
        codes = {"v": self.v.codes(v), "j": self.j.codes(j)}
        return {
            "junction": pc.utf8_upper(self.kind.junctions(cells, rows).fill_null("")),
            "junction_aa": pc.utf8_upper(cells.get("junction_aa", empty).fill_null("")),
            **codes,
            "v_gene": self.v_gene.codes(v),
            "j_gene": self.j_gene.codes(j),
            "locus": self.locus.codes(cells["locus"]) if "locus" in cells else self._locus(**codes),
            "count": pa.array(np.ones(rows, np.int64))
            if count is None
            else as_counts(self.file, self.columns["count"], count),
            "functional": functional.fill_null(True),
        }

    def _gene(self, text: str) -> str:
        """A gene without its allele."""
        return self.kind.gene(text).partition("*")[0]

    def _locus(self, v: Any, j: Any) -> Any:
        """The first three letters of the V gene, or of the J gene where there is none."""
        import pyarrow as pa

        of_v, of_j = (
            np.array([self.locus.code(name[:3]) for name in names.known], dtype=np.int32)[codes.to_numpy()]
            for names, codes in ((self.v, v), (self.j, j))
        )
        return pa.array(np.where(of_v > 0, of_v, of_j))

    def _one_sample(self, cells: dict[str, Any]) -> None:
        if "sample" not in cells:
            return
        self.samples |= {str(name) for name in cells["sample"].unique().to_pylist() if name}
        if len(self.samples) > 1:
            got = f"{', '.join(sorted(self.samples)[:4])}" + (", ..." if len(self.samples) > 4 else "")
            where = f"{self.file.name}, column {self.columns['sample']}"
            raise DataError(where, "one sample in a file", got, "give each sample a file of its own")
