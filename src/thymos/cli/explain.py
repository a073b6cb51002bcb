"""`thymos explain`: where a number comes from, and in which equation it acts."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer


def command(
    name: Annotated[str, typer.Argument(help="name of a parameter, for example homing_fraction")],
    json: Annotated[bool, typer.Option("--json", help="print a JSON list")] = False,
) -> None:
    """Show a parameter: value, unit, uncertainty, source, grade, and the equations in which it acts."""
    from thymos import assay
    from thymos.biology import repertoire
    from thymos.cli.screen import out, print_json
    from thymos.evidence.explain import explain
    from thymos.report.explanation import as_json, show
    from thymos.therapy.campaign import campaign_models
    from thymos.therapy.culture import culture_models
    from thymos.therapy.posterior import posterior
    from thymos.therapy.switches import switches_of
    from thymos.trial.run import load_study, models_of, shipped

    models = {type(model): model for study in shipped() for model in models_of(load_study(study))}
    models |= {kind: kind() for kind in (*assay.MODELS, *repertoire.MODELS)}
    models |= {type(model): model for model in culture_models("mobilised-blood", vector=True)}
    models |= {type(model): model for model in campaign_models("mobilised-blood")}
    quarrels = {k: d for k, d in switches_of(models.values()).items() if name in (k, k.rpartition(".")[2])}
    if quarrels:
        show_switches(quarrels, json)
        return
    found, learnt = explain(name, models.values()), posterior()
    intervals = {e.value.name: learnt.interval(e.value.name) for e in found if e.value.name in learnt.values}
    if json:
        print_json([as_json(explanation, intervals) for explanation in found])
    else:
        show(found, out(), intervals)


def show_switches(quarrels: Mapping[str, Any], json: bool) -> None:
    """Print scientific switches of that name: what is at stake, and the choices, default first."""
    from thymos.cli.screen import out, print_json
    from thymos.therapy.posterior import posterior

    if json:
        print_json([{"name": k, "choices": list(d.choices), "text": d.text} for k, d in quarrels.items()])
        return
    for name, switch in quarrels.items():
        default, *others = switch.choices
        out().print(f"{name}: {switch.text}", markup=False)
        out().print(f"  default {default}; or {', '.join(others)}", markup=False)
        for choice in others:
            if f"{name}={choice}" in posterior().values:
                share = posterior().values[f"{name}={choice}"].mean()
                out().print(
                    f"  {choice} in {share:.0%} of the joint draws given published patients", markup=False
                )
        out().print(f"  in a study:  switches: {{{name.rpartition('.')[2]}: {others[0]}}}", markup=False)
