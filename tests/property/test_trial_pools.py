"""One study, one digest, whoever computes: threads, processes, a Dask cluster, and one whose workers die."""

import os
import signal
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest
from distributed import LocalCluster

from thymos.io.run_folder import RunFolder
from thymos.lang.errors import WorkerError
from thymos.trial import run as trial_run
from thymos.trial.pool import Cluster, Pool, Processes, Threads, cluster
from thymos.trial.run import load_study, run_trial

SIZE, CHUNKS = 4, 10


@pytest.fixture(autouse=True, scope="module")
def many_chunks() -> Iterator[None]:
    """Ten chunks of four patients, and no ranking of assumptions, which is no part of the digest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial_run, "TOGETHER", SIZE)
        patch.setattr(trial_run, "ranked", lambda *given: [])
        yield


@pytest.fixture(scope="module")
def two_workers() -> Iterator[LocalCluster]:
    """Two processes of one thread each."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as made:
        yield made


@pytest.fixture
def here() -> Iterator[LocalCluster]:
    """A scheduler with one worker in this process: no time to start, enough to see what errors look like."""
    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    ) as made:
        yield made


def ignore(done: int, total: int, what: str) -> None:
    pass


def run(out: Path, pool: Pool, progress: Callable[[int, int, str], None] = ignore) -> RunFolder:
    return run_trial(
        load_study("scid-haplo"), out=out, patients=SIZE * CHUNKS, draws=CHUNKS, pool=pool, progress=progress
    )


@pytest.fixture(scope="module")
def digest(tmp_path_factory: pytest.TempPathFactory) -> str:
    """That of one thread."""
    return run(tmp_path_factory.mktemp("run") / "whole", Threads(1)).digest


@pytest.mark.parametrize(
    "pool", [Threads(2), Threads(4), Processes(2)], ids=["2 threads", "4", "2 processes"]
)
def test_workers_of_this_machine_give_the_digest_of_one(digest: str, tmp_path: Path, pool: Pool) -> None:
    assert run(tmp_path / "run", pool).digest == digest


def test_a_cluster_gives_the_same_digest(digest: str, tmp_path: Path, two_workers: LocalCluster) -> None:
    assert run(tmp_path / "run", Cluster(two_workers.scheduler_address)).digest == digest


def test_a_worker_that_is_killed_changes_nothing(
    digest: str, tmp_path: Path, two_workers: LocalCluster
) -> None:
    killed: list[int] = []

    def kill_one(done: int, total: int, what: str) -> None:
        if 0 < done < total and not killed:
            killed.append(two_workers.workers[0].process.pid)
            os.kill(killed[0], signal.SIGKILL)

    assert run(tmp_path / "run", Cluster(two_workers.scheduler_address), kill_one).digest == digest
    assert killed


def test_a_lost_scheduler_is_one_message_and_the_run_goes_on(
    digest: str, tmp_path: Path, here: LocalCluster
) -> None:
    def stop_it(done: int, total: int, what: str) -> None:
        if done:
            here.close()

    with pytest.raises(WorkerError, match="expected a scheduler until the end, got a lost connection"):
        run(tmp_path / "run", Cluster(here.scheduler_address), stop_it)
    stored = len(list((tmp_path / "run" / "blocks").glob("*.json")))
    assert 0 < stored < CHUNKS
    begun: list[int] = []
    assert run(tmp_path / "run", Threads(2), lambda done, *rest: begun.append(done)).digest == digest
    assert begun[0] == SIZE * stored


def test_a_worker_of_another_version_is_named_and_refused(
    tmp_path: Path, here: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = cluster.versions()
    # Asked first by whoever hands out the work; after that by the workers, one order after another.
    answers = chain([ours | {"numpy": "1.0"}], repeat(ours))
    monkeypatch.setattr(cluster, "versions", answers.__next__)
    with pytest.raises(
        WorkerError, match=rf"worker tcp://127.0.0.1:\d+: expected numpy 1.0, got numpy {ours['numpy']}"
    ):
        run(tmp_path / "run", Cluster(here.scheduler_address))
