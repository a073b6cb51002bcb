"""`thymos wells`: cultures that begin with few cells, where the number itself is chance."""

from typing import Annotated

import typer

from thymos.cli.culture import Source
from thymos.cli.pool import CORES, Workers


def command(
    protocol: Annotated[str, typer.Argument(help="dl4-7d, the clinical process")] = "dl4-7d",
    source: Annotated[Source, typer.Option(help="where the CD34+ cells come from")] = Source.cord,
    cells: Annotated[str, typer.Option(help="mean CD34+ cells in a well, by dose")] = "0.3,1,3,10",
    wells: Annotated[int, typer.Option(help="wells of each dose", min=1)] = 96,
    volume: Annotated[float, typer.Option(help="medium in a well [mL]")] = 0.1,
    single: Annotated[
        int, typer.Option(help="wells of exactly one cell, for the true frequency", min=1)
    ] = 2000,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    workers: Workers = CORES,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
) -> None:
    """Simulate plates of few cells, one cell at a time, and estimate the frequency of T progenitors from them."""
    from dataclasses import asdict

    from thymos.cli.screen import out, print_json
    from thymos.inference.limiting_dilution import frequency
    from thymos.report.wells import show
    from thymos.therapy.culture import protocol_named
    from thymos.therapy.culture_jumps import read_doses, simulate_wells
    from thymos.trial.wells_summary import wells_summary

    process, doses = protocol_named(protocol), read_doses(cells)
    plates = {
        dose: simulate_wells(
            process, source.value, dose, wells, seed, volume=volume, workers=workers, plate=i
        )
        for i, dose in enumerate(doses)
    }
    found = wells_summary(plates, process, source.value, volume)
    alone = simulate_wells(
        process,
        source.value,
        1,
        single,
        seed,
        poisson=False,
        volume=volume,
        workers=workers,
        plate=len(doses),
    )
    estimate = frequency(*([plate[key] for plate in found] for key in ("cells", "wells", "negative")))
    result = {
        "protocol": protocol,
        "source": source.value,
        "seed": seed,
        "volume": volume,
        "plates": found,
        "estimate": asdict(estimate),
        "true": wells_summary({1.0: alone}, process, source.value, volume)[0],
    }
    if json:
        print_json(result)
    else:
        show(result, out())
