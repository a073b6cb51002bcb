"""`thymos campaign`: many lots of one process, and what a trial needs of them."""

from pathlib import Path
from typing import Annotated

import typer

from thymos.cli.culture import Source
from thymos.cli.pool import CORES, Workers


def command(
    protocol: Annotated[str, typer.Argument(help="dl4-7d, the clinical process; nk-14d, nk-21d")] = "dl4-7d",
    source: Annotated[Source, typer.Option(help="where the CD34+ cells come from")] = Source.mobilised,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", help="change the protocol: --set 'dl4=2 ug/mL'; may be repeated"),
    ] = None,
    lots: Annotated[int, typer.Option(help="lots under each draw of what is not known", min=1)] = 400,
    donors: Annotated[
        int | None, typer.Option(help="donors of these lots; left out: one for four lots", min=1)
    ] = None,
    draws: Annotated[int, typer.Option(help="draws of what is not known", min=1)] = 50,
    seeded: Annotated[float, typer.Option(help="viable CD34+ cells seeded for one lot", min=1)] = 1e7,
    dose: Annotated[
        float | None,
        typer.Option(help="cells of the product per kg; left out: 0.5e6 T progenitors or 1e7 NK cells"),
    ] = None,
    weight: Annotated[float, typer.Option(help="body weight of a patient [kg]")] = 8.0,
    patients: Annotated[int, typer.Option(help="patients who shall all get their dose", min=1)] = 12,
    assurance: Annotated[float, typer.Option(help="how sure that shall be, 0 to 1")] = 0.9,
    spec: Annotated[
        Path | None, typer.Option(help="limits of a lot (.csv, .yaml); left out: assumed ones")
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(help="cause of difference between runs to leave out: rest, coating, counting, ..."),
    ] = None,
    vector_day: Annotated[
        float | None, typer.Option(help="transduce the cells on this day of the culture")
    ] = None,
    moi: Annotated[
        float | None, typer.Option(help="transducing units per cell; 10 where only the day is given")
    ] = None,
    seed: Annotated[int, typer.Option(help="seed of all chance", min=0)] = 1,
    workers: Workers = CORES,
    out: Annotated[Path | None, typer.Option(help="new folder for every lot, with units")] = None,
    plot: Annotated[Path | None, typer.Option(help="draw into this file (.png, .svg, .pdf)")] = None,
    json: Annotated[bool, typer.Option("--json", help="print a JSON object")] = False,
) -> None:
    """Simulate a campaign: how lots spread, which may be given, and how many a trial needs."""
    from dataclasses import replace

    from thymos.biology.product.specification import DEFAULTS, read_specification
    from thymos.cli.screen import err, print_json
    from thymos.cli.screen import out as console
    from thymos.report.campaign import show
    from thymos.report.campaign_picture import draw
    from thymos.report.canvas import picture_kind
    from thymos.therapy.campaign import simulate_campaign
    from thymos.therapy.culture import protocol_named
    from thymos.therapy.manufacturing import absent
    from thymos.therapy.protocol_settings import changed
    from thymos.therapy.vector_protocol import vector_of
    from thymos.trial.campaign_plan import Plan, attributes_of, product_of, units_of
    from thymos.trial.campaign_store import store_campaign
    from thymos.trial.campaign_summary import campaign_summary

    if plot is not None:
        picture_kind(plot)
    process = replace(changed(protocol_named(protocol), setting or ()), seeded_cd34=seeded)
    plan = Plan(product_of(process).dose if dose is None else dose, weight, patients, assurance)
    vector = vector_of(vector_day, moi)
    limits = read_specification(
        spec or DEFAULTS[product_of(process).name], units_of(source.value, vector is not None)
    )
    fixed = absent(without or [])
    of_donors = donors or max(1, lots // 4)
    made = simulate_campaign(process, source.value, lots, of_donors, seed, draws, fixed, workers, vector)
    found = {"protocol": protocol, **campaign_summary(made, limits, plan, seed), "without": sorted(fixed)}
    if out is not None:
        store_campaign(out, made, limits, plan, found)
        err().print(f"Stored in {out}")
    if json:
        print_json(found)
    else:
        show(found, console())
    if plot is not None:
        draw(found, attributes_of(made, plan), plot)
        err().print(f"Drawn in {plot}")
