"""`thymos trial`: a study, run as a virtual trial."""

import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from thymos.cli.pool import CORES, AsProcesses, ClusterAddress, Workers, as_typed, pool


def command(
    study: Annotated[
        str, typer.Argument(help="scid-haplo, leukaemia-tdepleted, adult-cord-blood, or a study file (.yaml)")
    ],
    patients: Annotated[int | None, typer.Option(help="virtual patients of each arm", min=1)] = None,
    seed: Annotated[int | None, typer.Option(help="seed of all chance", min=0)] = None,
    draws: Annotated[int | None, typer.Option(help="draws of the uncertain values", min=1)] = None,
    out: Annotated[Path | None, typer.Option(help="run folder; runs/<study> where not given")] = None,
    workers: Workers = CORES,
    processes: AsProcesses = False,
    cluster: ClusterAddress = None,
    keep: Annotated[
        Literal["all", "summary"],
        typer.Option(help="every virtual patient, or only summary, curves, incidence and diversity"),
    ] = "all",
    json: Annotated[bool, typer.Option("--json", help="print the documented JSON object")] = False,
    show: Annotated[bool, typer.Option("--show", help="print the study file and stop")] = False,
) -> None:
    """Run a study and print its result; the same command again takes up a run that was interrupted."""
    from thymos.cli.screen import complain, err, progress
    from thymos.io.run_store import free_folder
    from thymos.io.study_file import study_text
    from thymos.lang.errors import WorkerError
    from thymos.trial.run import load_study, run_trial

    found = load_study(study)
    if show:
        sys.stdout.write(study_text(found))
        return
    folder = out or free_folder(Path("runs"), found.name)
    who = (workers, processes, cluster)
    again: dict[str, object] = {"--patients": patients, "--seed": seed, "--draws": draws, "--out": folder}
    again |= {} if keep == "all" else {"--keep": keep}
    words = [str(part) for key, value in again.items() if value is not None for part in (key, value)]
    line = shlex.join(["thymos", "trial", study, *words, *as_typed(*who)])
    kept = f"What is done is kept in {folder}; go on with\n  {line}"
    try:
        with progress() as tick:
            run = run_trial(
                found,
                out=folder,
                seed=seed,
                patients=patients,
                draws=draws,
                pool=pool(*who),
                keep=keep,
                progress=tick,
            )
    except KeyboardInterrupt:
        err().print(f"Interrupted. {kept}")
        raise typer.Exit(130) from None
    except WorkerError as problem:
        if not folder.exists():
            raise
        complain(problem)
        err().print(kept)
        raise typer.Exit(2) from None
    if json:
        from thymos.cli.screen import print_json

        print_json(run.summary())
    else:
        from thymos.cli.screen import out as console
        from thymos.report.terminal import show as print_result

        print_result(run, console())
