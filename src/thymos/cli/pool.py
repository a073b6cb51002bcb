"""Options that say who computes; results depend on none of them."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from thymos.trial.pool import Pool

CORES = os.cpu_count() or 1
Workers = Annotated[int, typer.Option(help="threads; results do not depend on it", min=1)]
AsProcesses = Annotated[bool, typer.Option("--processes", help="workers are processes, not threads")]
ClusterAddress = Annotated[
    str | None, typer.Option("--cluster", metavar="ADDRESS", help="scheduler of a Dask cluster that computes")
]


def pool(workers: int, processes: bool, cluster: str | None) -> "Pool":
    """Whoever was asked for."""
    from thymos.cli.screen import err
    from thymos.lang.errors import StudyError
    from thymos.trial.pool import Cluster, Processes, Threads

    if cluster is None:
        return Processes(workers) if processes else Threads(workers)
    if processes:
        raise StudyError("option --processes", "processes here or a cluster", "both", "leave one of them out")
    return Cluster(cluster, say=err().print)


def as_typed(workers: int, processes: bool, cluster: str | None) -> list[str]:
    """The words of these options, for a command that goes on with them."""
    return [
        *(["--workers", str(workers)] if workers != CORES else []),
        *(["--processes"] if processes else []),
        *(["--cluster", cluster] if cluster is not None else []),
    ]
