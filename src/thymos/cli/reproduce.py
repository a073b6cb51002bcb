"""`thymos reproduce`: a stored run, computed again and compared."""

from pathlib import Path
from typing import Annotated

import typer

from thymos.cli.pool import CORES, AsProcesses, ClusterAddress, Workers, pool


def command(
    run: Annotated[Path, typer.Argument(help="run folder")],
    workers: Workers = CORES,
    processes: AsProcesses = False,
    cluster: ClusterAddress = None,
) -> None:
    """Run the stored study again and say whether every number is the same; exit code 1 if not."""
    from tempfile import TemporaryDirectory

    from thymos.cli.screen import out, progress
    from thymos.io.run_folder import differences, load_trial
    from thymos.trial.run import load_study, run_trial

    stored = load_trial(run)
    stored.check()
    study = load_study(str(run / "study.yaml"))
    with TemporaryDirectory() as folder, progress() as tick:
        who = pool(workers, processes, cluster)
        again = run_trial(study, out=Path(folder) / "again", pool=who, progress=tick)
    found = differences(stored, again)
    same = stored.digest == again.digest
    if same:
        out().print(f"The same: every number of {run} came out again, digest {stored.digest[:16]}.")
    else:
        out().print(f"Not the same: stored {stored.digest[:16]}, came out {again.digest[:16]}.")
    if found:
        out().print("\n  ".join(("What differs:", *found)))
    if not same:
        raise typer.Exit(1)
