"""`thymos assay lysis`: the NK cells of a culture on a virtual plate."""

from pathlib import Path
from typing import Annotated

import typer

from thymos.cli.culture import Source


def command(
    protocol: Annotated[str, typer.Argument(help="a culture with an NK stage")] = "nk-14d",
    source: Annotated[Source, typer.Option(help="where the CD34+ cells come from")] = Source.mobilised,
    lots: Annotated[int, typer.Option(help="virtual lots", min=1)] = 400,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    ratio: Annotated[list[float] | None, typer.Option(help="effectors per target; repeat it", min=0)] = None,
    hours: Annotated[list[float] | None, typer.Option(help="hours together; repeat it", min=0)] = None,
    replicates: Annotated[int, typer.Option(help="wells of each condition", min=1)] = 3,
    targets: Annotated[float, typer.Option(help="target cells in a well", min=1)] = 5000,
    car_share: Annotated[float, typer.Option(help="share of NK cells with a CAR", min=0, max=1)] = 0.0,
    car_gain: Annotated[float, typer.Option(help="their killing rate over that of the others", min=0)] = 1.0,
    out: Annotated[Path | None, typer.Option(help="write a virtual plate of the typical lot as CSV")] = None,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
) -> None:
    """Expected killing of K562 by the NK cells of a culture, and a virtual plate to plan an assay with."""
    from thymos.assay.cytotoxicity import Target
    from thymos.assay.virtual_plate import Layout
    from thymos.cli.screen import err, print_json
    from thymos.cli.screen import out as screen
    from thymos.io.atomic import check_place
    from thymos.io.plate_file import write_plate
    from thymos.lang.errors import StudyError
    from thymos.report.killing import show
    from thymos.therapy.culture import simulate_culture
    from thymos.therapy.culture_protocol import PROTOCOLS
    from thymos.trial.killing_summary import killing_summary, typical_plate

    if protocol not in PROTOCOLS:
        raise StudyError("culture protocol", f"one of {', '.join(PROTOCOLS)}", protocol)
    if out is not None:
        check_place(out)
    usual = Layout()
    layout = Layout(
        tuple(ratio or usual.ratios), tuple(hours or usual.hours), replicates, usual.controls, targets
    )
    target, chosen = Target(), PROTOCOLS[protocol]
    made = simulate_culture(chosen, source.value, lots, seed)
    found = {"protocol": protocol, "seed": seed} | killing_summary(
        made, layout, seed, target, car_share, car_gain
    )
    if out is not None:
        plate = typical_plate(chosen, source.value, layout, seed, target, car_share, car_gain)
        write_plate(out, plate, f"thymos assay lysis {protocol}, {source.value}, seed {seed}")
        err().print(f"written: {out}")
    if json:
        print_json(found)
    else:
        show(found, screen())
