"""`thymos calibrate`: the documented fit, within the stated ranges."""

import os
from typing import Annotated

import typer


def command(
    part: Annotated[str, typer.Argument(help="culture, recipient or baselines, in this order")],
    seed: Annotated[int, typer.Option(help="seed of the starts", min=0)] = 1,
    starts: Annotated[int, typer.Option(help="starts of the search", min=1)] = 6,
    workers: Annotated[int, typer.Option(help="threads", min=1)] = os.cpu_count() or 1,
    write: Annotated[bool, typer.Option("--write", help="write the values into their rows")] = False,
) -> None:
    """Fit the free parameters of one part to its published targets, each within the range of its row."""
    from thymos.cli import calibration
    from thymos.cli.screen import out, spinner
    from thymos.report.targets import show

    with spinner() as tick:
        values, rows = calibration.calibrate(part, seed, starts, workers, tick)
    show(rows, out())
    for name, value in values.items():
        out().print(f"{name:48} {value:.6g}")
    written = calibration.write(values) if write else []
    out().print("\n".join(f"written: {file}" for file in written) or "Nothing written: add --write.")
