"""`thymos model`: the equations and the wiring of a part of the chain."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Part(StrEnum):
    """What can be printed."""

    recipient = "recipient"
    culture = "culture"


LIVING = {Part.culture: "live_cells", Part.recipient: "cd3"}


def command(
    part: Annotated[Part, typer.Argument(help="recipient or culture")],
    wiring: Annotated[
        bool, typer.Option("--wiring", help="print a Mermaid chart of who gives what to whom")
    ] = False,
    lineage: Annotated[
        Path | None, typer.Option(help="draw which cells become which into this file (.png, .svg, .pdf)")
    ] = None,
) -> None:
    """Print every equation in LaTeX, or how the models are joined; or draw the lineage of its cells."""
    from thymos.lang.diagram import wiring as chart
    from thymos.lang.equations import statements
    from thymos.therapy.culture import culture_models
    from thymos.therapy.recipient import recipient_models

    models = recipient_models() if part is Part.recipient else culture_models("mobilised-blood", vector=True)
    if lineage is not None:
        from thymos.cli.screen import err
        from thymos.lang.lineage import lineage as lineage_of
        from thymos.report.lineage import draw

        draw(lineage_of(models, LIVING[part]), f"Cells of the {part.value}", lineage)
        err().print(f"Drawn in {lineage}")
        return
    if wiring:
        sys.stdout.write(chart(models) + "\n")
        return
    for model in models:
        sys.stdout.write(f"% {type(model).__name__}\n")
        for statement in statements(model):
            sys.stdout.write(f"\\[ {statement.latex} \\]  % {statement.kind}: {statement.name}\n")
