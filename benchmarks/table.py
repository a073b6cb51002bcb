"""The figures in words and tables: for a terminal, and as the documentation quotes them."""

from __future__ import annotations

from typing import Any

Row = tuple[str, ...]
ENGINES = (
    "engine",
    "patients/s",
    "error, median",
    "error, max",
    "thymos is faster by",
    "at no larger error",
    "ready in",
    "memory",
)
TOLERANCES = ("rtol", "patients/s", "error, median", "error, max")


def engine_rows(system: dict[str, Any]) -> list[Row]:
    """One row for each engine."""
    return [_engine_row(row) for row in system["rows"]]


def _engine_row(row: dict[str, Any]) -> Row:
    matched = row["matched"]
    return (
        f"{row['engine']} ({row['version']})" if "version" in row else row["engine"],
        _between(row["patients_per_second"]),
        f"{row['error_median']:.1e}",
        f"{row['error_max']:.1e}",
        f"{_between(row['ratio'])}" if row["ratio"] else "1",
        f"{_short(matched['ratio'])} (rtol {matched['rtol']:.0e})" if matched else "",
        f"{row['ready_seconds']:.1f} s",
        f"{row['memory'] / 1e6:.0f} MB",
    )


def tolerance_rows(system: dict[str, Any]) -> list[Row]:
    """One row for each tolerance of thymos."""
    return [
        (
            f"{t['rtol']:.0e}",
            _short(t["patients_per_second"]),
            f"{t['error_median']:.1e}",
            f"{t['error_max']:.1e}",
        )
        for t in system["tolerances"]
    ]


def _short(x: float) -> str:
    """Three digits, or all before the point."""
    return f"{x:,.0f}" if x >= 100 else f"{x:.3g}"


def _between(s: dict[str, float]) -> str:
    return f"{_short(s['median'])} ({_short(s['min'])}-{_short(s['max'])})"


def head(name: str, system: dict[str, Any]) -> str:
    """The problem in one line."""
    return (
        f"{name}: {system['states']} states, {system['parameters']} parameters, {system['outputs']} outputs at "
        f"{system['times']} times over {system['days']:g} days"
    )


def where(said: dict[str, Any]) -> str:
    """Date, processor, and how it was done."""
    m = said["machine"]
    return (
        f"{m['date']}, {m['processor']}, {m['processors']} processors, load {m['load']:.1f} at the start; Python "
        f"{m['python']}, rtol {said['rtol']:g} and atol {said['atol']:g} unless said, {said['rounds']} rounds in turns."
    )


def sentences(system: dict[str, Any]) -> list[str]:
    """The limit, the threads, the start, the reference, and who was not there."""
    limit, threads, start = system["limit"], system["two_threads"], system["start_up"]
    share = limit["share_of_fma_limit"]
    return [
        f"Limit: {limit['flops_per_step']:,} operations a step ({limit['flops_per_step_before_llvm']:,} before LLVM), "
        f"{limit['steps_per_patient']:.0f} steps and {limit['flops_per_output']:,} operations for each output time "
        f"make {limit['flops_per_patient'] / 1e6:.2f} Mflop a patient; the core does "
        f"{limit['peak_flops']['median'] / 1e9:.0f} Gflop/s in fused multiply-adds, enough for "
        f"{limit['patients_per_second_at_limit']:,.0f} patients/s. Reached: {share['median']:.2f} of it "
        f"({share['min']:.2f}-{share['max']:.2f}). Divisions, {limit['divisions_per_step']} a step at "
        f"{limit['peak_divisions']['median'] / 1e9:.2f} G/s, would fill "
        f"{limit['share_of_time_for_divisions']['median']:.2f} of the time if nothing overlapped.",
        f"Two threads: {_between(threads['patients_per_second'])} patients/s, {_between(threads['thymos'])} times one "
        f"on the wall's clock, {_short(threads['by_processor_time']['median'])} by processor time; "
        f"bare multiply-adds in registers: {_between(threads['arithmetic'])} times.",
        f"Start of a new process to its first result: {start['cold']:.1f} s with nothing kept, "
        f"{start['driver_kept']:.1f} s with the driver kept, {start['warm']:.2f} s with the kernel kept too.",
        f"The reference differs from SciPy's Radau at rtol 1e-10 by at most {system['reference_check']:.1e}.",
        *(f"{name} took no part: {why}." for name, why in system["missing"].items()),
    ]


def as_markdown(said: dict[str, Any]) -> None:
    """As the documentation quotes it."""
    print(where(said))
    for name, system in said["systems"].items():
        print(f"\n**{head(name, system)}**\n")
        _markdown(ENGINES, engine_rows(system))
        print()
        _markdown(TOLERANCES, tolerance_rows(system))
        print()
        for sentence in sentences(system):
            print(f"- {sentence}")


def _markdown(titles: Row, rows: list[Row]) -> None:
    for row in (titles, ("---",) * len(titles), *rows):
        print(f"| {' | '.join(row)} |")


def show(said: dict[str, Any]) -> None:
    """On the terminal."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not console.is_terminal:  # a file has no edge
        console.width = 160
    console.print(where(said))
    for name, system in said["systems"].items():
        for titles, rows in ((ENGINES, engine_rows(system)), (TOLERANCES, tolerance_rows(system))):
            table = Table(title=head(name, system) if titles is ENGINES else "thymos over tolerances")
            for title in titles:
                table.add_column(title, justify="left" if title == "engine" else "right")
            for row in rows:
                table.add_row(*row)
            console.print(table)
        for sentence in sentences(system):
            console.print(f"- {sentence}", highlight=False)
