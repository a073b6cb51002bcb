"""`thymos population`: virtual patients of a study, weighted so that they have published figures."""

from pathlib import Path
from typing import Annotated

import typer

from thymos.cli.pool import CORES, Workers


def command(
    study: Annotated[
        str | None,
        typer.Argument(help="scid-haplo, leukaemia-tdepleted, adult-cord-blood, or a study file (.yaml)"),
    ] = None,
    targets: Annotated[
        Path | None, typer.Option(help="file of published figures (.yaml); without it nobody is weighted")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="the population, .parquet (a trial can take it) or .csv")
    ] = None,
    candidates: Annotated[
        int, typer.Option(help="virtual patients to begin with", min=10, max=1_000_000)
    ] = 5000,
    draws: Annotated[int, typer.Option(help="draws of the uncertain values among them", min=1)] = 100,
    seed: Annotated[
        int | None, typer.Option(help="seed of all chance; the study's where not given", min=0)
    ] = None,
    workers: Workers = CORES,
    plot: Annotated[
        Path | None, typer.Option(help="draw published, before and after into this file (.png, .svg, .pdf)")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="print the documented JSON object")] = False,
    show: Annotated[
        bool, typer.Option("--show", help="print a file of targets to begin with, and stop")
    ] = False,
) -> None:
    """Draw virtual patients of a study, and weight them so that they have published figures."""
    from thymos.io.target_file import EXAMPLE, read_targets

    if show:
        typer.echo(EXAMPLE, nl=False)
        return
    from thymos.cli.populating import fitted, unweighted
    from thymos.cli.screen import err, print_json, progress
    from thymos.cli.screen import out as console
    from thymos.io.population_file import population_kind, write_population
    from thymos.io.study_file import override
    from thymos.lang.errors import StudyError
    from thymos.report.canvas import picture_kind
    from thymos.report.population import show as print_result
    from thymos.trial.run import load_study

    if study is None:
        raise StudyError(
            "argument STUDY", "a study by name, or a study file", "none", "`thymos population --help`"
        )
    for path, kind in ((out, population_kind), (plot, picture_kind)):
        if path is not None:
            kind(path)
    who = override(load_study(study), seed=seed)
    published = unweighted() if targets is None else read_targets(targets)
    with progress() as tick:
        found = fitted(
            who, published, candidates, draws, workers, lambda done: tick(done, candidates, "candidates")
        )
    summary = found.summary()
    if out is not None:
        write_population(out, found.file())
    if plot is not None:
        from thymos.report.population_picture import draw

        draw(summary, plot)
    if json:
        print_json(summary)
        return
    print_result(summary, console())
    for path in (out, plot):
        if path is not None:
            err().print(f"Written: {path}")
