"""`thymos design`: the next experiment, or the infusion that serves an aim."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Propose the next experiment, or the infusion that serves an aim.", no_args_is_help=True
)


class Wanted(StrEnum):
    """What runs are for."""

    most = "yield"
    information = "information"


class Sought(StrEnum):
    """What an infusion is for."""

    reach = "reach"
    gain = "gain"
    early = "early"


@app.callback()
def group() -> None:
    """Propose the next experiment, or the infusion that serves an aim."""


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


@app.command()
def infusion(
    design: Annotated[Path | None, typer.Argument(help="the design file; without it the shipped one")] = None,
    study: Annotated[
        str | None, typer.Option(help="for the patients of a shipped study or a study file")
    ] = None,
    age: Annotated[
        float | None, typer.Option(help="for patients of this age [year], with --diagnosis")
    ] = None,
    diagnosis: Annotated[str | None, typer.Option(help="scid, a genotype of it, aml, all or mds")] = None,
    weight: Annotated[float | None, typer.Option(help="body weight [kg]")] = None,
    aim: Annotated[Sought | None, typer.Option(help="in place of the design's")] = None,
    value: Annotated[str | None, typer.Option(help="what is compared: cd4, recovery, days or trec")] = None,
    level: Annotated[float | None, typer.Option(help="to be reached, in the unit of the value")] = None,
    at_least: Annotated[
        float | None, typer.Option(help="share of patients who shall reach it, 0 to 1")
    ] = None,
    cells: Annotated[str | None, typer.Option(help="cells that there are for a patient, or `lot`")] = None,
    most: Annotated[float | None, typer.Option(help="most cells for one kg in all")] = None,
    day: Annotated[str | None, typer.Option(help="days of the first infusion: 4:14")] = None,
    dose: Annotated[str | None, typer.Option(help="cells per kg in all: 1e4:1e7")] = None,
    doses: Annotated[str | None, typer.Option(help="numbers of infusions: 1, 2 or 1,2")] = None,
    gap: Annotated[float | None, typer.Option(help="days from the first infusion to the second")] = None,
    atg: Annotated[float | None, typer.Option(help="most active ATG at the first infusion [AU/mL]")] = None,
    pairs: Annotated[int | None, typer.Option(help="treated patients, each with an untreated twin")] = None,
    draws: Annotated[int | None, typer.Option(help="draws of what is not known")] = None,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    workers: Annotated[int, typer.Option(help="threads; results do not depend on it", min=1)] = os.cpu_count()
    or 1,
    plot: Annotated[
        Path | None, typer.Option(help="draw the choice into this file (.png, .svg, .pdf)")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
    show_design: Annotated[bool, typer.Option("--show", help="print the design file and do nothing")] = False,
) -> None:
    """Choose day, dose and number of infusions for a stated aim, or say that the product cannot reach it."""
    from thymos.cli.screen import err, print_json, progress
    from thymos.cli.screen import out as console
    from thymos.io.infusion_file import (
        read_infusion,
        shipped_infusion,
        shipped_infusion_text,
        with_options,
    )
    from thymos.io.infusion_options import blocks_of_options
    from thymos.io.study_file import read_text
    from thymos.report.canvas import picture_kind
    from thymos.report.infusion_choice import show
    from thymos.report.infusion_choice_picture import draw

    if show_design:
        typer.echo(read_text(design, "design") if design else shipped_infusion_text(), nl=False)
        return
    if plot is not None:
        picture_kind(plot)
    said = blocks_of_options(
        study=study, age=age, diagnosis=diagnosis, weight=weight, aim=aim.value if aim else None, value=value,
        level=level, at_least=at_least, cells=cells, most=most, day=day, dose=dose, doses=doses, gap=gap, atg=atg,
        pairs=pairs, draws=draws,
    )  # fmt: skip
    asked = with_options(read_infusion(design) if design else shipped_infusion(), said)
    from thymos.cli.infusing import Question, choose

    with progress() as tick:
        found = choose(Question(asked, seed, workers, tick))
    if json:
        print_json(found)
    else:
        show(found, console())
    if plot is not None:
        draw(found, plot)
        err().print(f"Drawn in {plot}")
