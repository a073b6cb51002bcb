"""`thymos surface`: what a setting does, over all its values."""

from pathlib import Path
from typing import Annotated

import typer

from thymos.cli.pool import CORES, Workers

app = typer.Typer(help="Show a result over the settings that it hangs on.", no_args_is_help=True)

Age = Annotated[
    float | None, typer.Option(help="age at transplant [year], with --diagnosis in place of a study")
]
Diagnosis = Annotated[str | None, typer.Option(help="scid, a genotype of it, aml, all or mds")]
Weight = Annotated[
    float | None, typer.Option(help="body weight [kg]; left out: that of the age, with its spread")
]
InfusionPairs = Annotated[int, typer.Option(help="treated patients, each with an untreated twin", min=8)]
Draws = Annotated[int, typer.Option(help="draws of what is not known, shared by a few pairs each", min=2)]


@app.callback()
def group() -> None:
    """Show a result over the settings that it hangs on."""


@app.command()
def infusion(
    study: Annotated[str | None, typer.Argument(help="a shipped study or a study file")] = None,
    over: Annotated[
        str, typer.Option(help="one or two of dose, day, gap, age, atg: --over dose=1e4:1e7:9,day=0:40:9")
    ] = "dose,day",
    age: Age = None,
    diagnosis: Diagnosis = None,
    weight: Weight = None,
    dose: Annotated[
        float | None, typer.Option(help="CD7+CD3- cells per kg at each infusion, where not varied")
    ] = None,
    day: Annotated[float | None, typer.Option(help="day of the infusion, where not varied")] = None,
    doses: Annotated[int, typer.Option(help="infusions: 1 or 2")] = 1,
    gap: Annotated[float, typer.Option(help="days from the first infusion to the second")] = 14.0,
    atg: Annotated[float | None, typer.Option(help="active ATG on the day of transplant [AU/mL]")] = None,
    assume: Annotated[
        list[str] | None,
        typer.Option(help="a map more for each: all, niche_number=fixed, cni, ...; may be repeated"),
    ] = None,
    value: Annotated[
        str, typer.Option(help="what is printed and drawn: cd4, recovery, days or trec")
    ] = "cd4",
    worth: Annotated[
        list[str] | None, typer.Option(help="gain that is worthwhile: --worth cd4=25; may be repeated")
    ] = None,
    pairs: InfusionPairs = 400,
    draws: Draws = 50,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    workers: Workers = CORES,
    out: Annotated[
        Path | None, typer.Option(help="write every number into this file (.csv, .parquet)")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="draw into this file (.png, .svg, .pdf)")] = None,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
) -> None:
    """Show what the product gains over dose and day, age or ATG, and where it cannot help, under each assumption."""
    from thymos.cli.screen import err, print_json, progress
    from thymos.cli.screen import out as console
    from thymos.io.long_table import table_kind, write_table
    from thymos.report.canvas import picture_kind
    from thymos.report.infusion_map import draw
    from thymos.report.infusion_surface import show
    from thymos.trial.infusion_assumption import assumptions_named, undecided
    from thymos.trial.infusion_axis import axes_of, check_doses
    from thymos.trial.infusion_pairs import InfusionPairs
    from thymos.trial.infusion_patient import held_infusion, patient_study
    from thymos.trial.infusion_surface import infusion_surface
    from thymos.trial.infusion_table import COLUMNS, surface_table
    from thymos.trial.infusion_value import value_named, worths

    if plot is not None:
        picture_kind(plot)
    if out is not None:
        table_kind(out)
    axes, shown, limits = axes_of(over), value_named(value), worths(worth or ())
    check_doses(axes, doses)
    asked = patient_study(study, age, diagnosis)
    varied = [*(axis.name for axis in axes), *(["doses"] if doses > 1 else [])]
    assumptions = assumptions_named(assume or (), varied, undecided(asked))
    held = held_infusion(asked, dose=dose, day=day, doses=doses, gap=gap, atg=atg)
    with progress() as tick:
        made = InfusionPairs(asked, seed, pairs, draws, workers, weight)
        found = infusion_surface(
            made,
            axes,
            held,
            assumptions,
            limits,
            lambda done, total: tick(done, total, "infusions, each with its twin"),
        )
    if out is not None:
        write_table(out, COLUMNS, surface_table(found))
        err().print(f"Written to {out}")
    if json:
        print_json(found)
    else:
        show(found, shown.name, console())
    if plot is not None:
        draw(found, shown.name, plot)
        err().print(f"Drawn in {plot}")
