"""`thymos explain`: where a number comes from, and in which equation it acts."""

from typing import Annotated

import typer


def command(
    name: Annotated[str, typer.Argument(help="name of a parameter, for example homing_fraction")],
    json: Annotated[bool, typer.Option("--json", help="print a JSON list")] = False,
) -> None:
    """Show a parameter: value, unit, uncertainty, source, grade, and the equations in which it acts."""
    from thymos.cli.screen import out, print_json
    from thymos.evidence.explain import explain
    from thymos.report.explanation import as_json, show
    from thymos.trial.run import load_study, models_of, shipped

    models = {type(model): model for study in shipped() for model in models_of(load_study(study))}
    found = explain(name, models.values())
    if json:
        print_json([as_json(explanation) for explanation in found])
    else:
        show(found, out())
