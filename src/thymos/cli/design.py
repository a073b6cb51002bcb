"""`thymos design`: the next experiment."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Propose the next experiment.", no_args_is_help=True)


class Wanted(StrEnum):
    """What runs are for."""

    most = "yield"
    information = "information"


@app.callback()
def group() -> None:
    """Propose the next experiment."""


@app.command()
def culture(
    data: Annotated[list[Path] | None, typer.Argument(help="culture tables of the runs made so far")] = None,
    design: Annotated[Path | None, typer.Option(help="the design file; without it the shipped one")] = None,
    batch: Annotated[int | None, typer.Option(help="runs of a batch, in place of the design's")] = None,
    budget: Annotated[float | None, typer.Option(help="for all batches, in place of the design's")] = None,
    aim: Annotated[Wanted | None, typer.Option(help="in place of the design's")] = None,
    purity: Annotated[float | None, typer.Option(help="least purity [percent]")] = None,
    probability: Annotated[float | None, typer.Option(help="share of lots that must hold it")] = None,
    parameter: Annotated[list[str] | None, typer.Option(help="parameter to be known, by full name")] = None,
    draws: Annotated[Path | None, typer.Option(help="posterior draws (CSV or Parquet) by full name")] = None,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    workers: Annotated[int, typer.Option(help="threads; results do not depend on it", min=1)] = os.cpu_count()
    or 1,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
    out: Annotated[Path | None, typer.Option(help="write the batch as a sheet to be filled in")] = None,
    show_design: Annotated[bool, typer.Option("--show", help="print the design file and do nothing")] = False,
) -> None:
    """Propose the culture runs that gain most on a stated aim, and say when to stop."""
    from thymos.cli.screen import out as console
    from thymos.cli.screen import print_json, spinner
    from thymos.io.atomic import check_place
    from thymos.io.design_file import override, read_design, shipped_design, shipped_text
    from thymos.io.study_file import read_text

    if show_design:
        typer.echo(read_text(design, "design") if design else shipped_text(), nl=False)
        return
    if out is not None:
        check_place(out)
    from thymos.cli.designing import Question, next_runs, read_draws, read_tables
    from thymos.io.run_sheet import write_run_sheet
    from thymos.report.design import show

    asked = override(
        read_design(design) if design else shipped_design(),
        runs=batch,
        budget=budget,
        aim=aim.value if aim else None,
        purity=purity,
        probability=probability,
        parameters=tuple(parameter or ()),
    )
    tables = read_tables(data or (), asked.source)
    with spinner() as tick:
        found, runs = next_runs(Question(asked, tables, seed, workers, read_draws(draws, asked.source), tick))
    if out is not None and runs:
        write_run_sheet(out, runs, asked.source, found["units"])
    if json:
        print_json(found)
    else:
        show(found, console())
        if out is not None and runs:
            console().print(f"To be filled in: {out}")
