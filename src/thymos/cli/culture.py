"""`thymos culture`: one culture protocol, lot by lot."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Source(StrEnum):
    """Where the CD34+ cells come from."""

    mobilised = "mobilised-blood"
    cord = "cord-blood"


def command(
    protocol: Annotated[str, typer.Argument(help="dl4-7d, the clinical process; nk-14d, nk-21d")] = "dl4-7d",
    source: Annotated[Source, typer.Option(help="where the CD34+ cells come from")] = Source.mobilised,
    lots: Annotated[int, typer.Option(help="virtual lots", min=1)] = 400,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    workers: Annotated[int, typer.Option(help="threads; results do not depend on it", min=1)] = os.cpu_count()
    or 1,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="change the protocol: --set 'dl4=2 ug/mL' --set 'tnf=0 ng/mL'; may be repeated"
        ),
    ] = None,
    vector_day: Annotated[
        float | None, typer.Option(help="transduce the cells on this day of the culture")
    ] = None,
    moi: Annotated[
        float | None, typer.Option(help="transducing units per cell; 10 where only the day is given")
    ] = None,
    rank: Annotated[
        bool, typer.Option("--rank", help="rank the assumptions by how far they move yield and purity")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(help="draw the composition by day into this file (.png, .svg, .pdf)")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
) -> None:
    """Simulate one culture: fold, purity and composition by day, with intervals over donors and knowledge."""
    from thymos.cli.screen import err, out, print_json
    from thymos.report.canvas import picture_kind
    from thymos.report.culture import show
    from thymos.therapy.culture import protocol_named, simulate_culture
    from thymos.therapy.protocol_settings import changed
    from thymos.therapy.vector_protocol import vector_of
    from thymos.trial.culture_assumptions import culture_ranked
    from thymos.trial.culture_summary import culture_summary

    if plot is not None:
        picture_kind(plot)  # before the simulation, not after it
    vector = vector_of(vector_day, moi)
    process = changed(protocol_named(protocol), setting or ())
    made = simulate_culture(process, source.value, lots, seed, workers=workers, vector=vector)
    found = {"protocol": protocol, "set": list(setting or ()), "seed": seed, **culture_summary(made)}
    if rank:
        found["assumptions"] = culture_ranked(process, source.value)
    if json:
        print_json(found)
    else:
        show(found, out())
    if plot is not None:
        from thymos.report.composition import draw

        draw(found, plot)
        err().print(f"Drawn in {plot}")
