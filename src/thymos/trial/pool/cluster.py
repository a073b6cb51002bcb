"""A Dask cluster: text and numbers go out, columns come back; Dask finds another worker for one that dies.

What is lost with the scheduler is only what was under way: stored chunks stay, and the run is taken up again.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from thymos.lang.errors import WorkerError
from thymos.trial.pool.pool import Order, Result, as_they_come
from thymos.trial.pool.versions import versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

PATIENCE = 4.0  # s; how long a scheduler may take to answer
FEWEST = 16  # orders given out even before a worker has come: an adaptive cluster grows by what waits


class Cluster:
    """The workers of the Dask scheduler at `address`, for example `tcp://127.0.0.1:8786`."""

    def __init__(self, address: str) -> None:
        self.address = address

    def __enter__(self) -> Cluster:
        _greet(self.address)
        from distributed import Client

        self.client = Client(self.address, timeout=PATIENCE, set_as_default=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def each(
        self, work: Callable[[Order], Result], orders: Iterable[Order]
    ) -> Iterator[tuple[Order, Result]]:
        """Results as they come, see `Pool`."""
        from distributed import KilledWorker

        executor = self.client.get_executor(pure=False)
        try:
            yield from as_they_come(executor, partial(_checked, versions(), work), orders, self._most)
        except CancelledError:
            raise WorkerError(
                f"cluster {self.address}", "a scheduler until the end", "a lost connection"
            ) from None
        except KilledWorker as problem:
            try_ = "look into the workers' logs; the usual reason is too little memory"
            raise WorkerError(
                f"cluster {self.address}",
                "workers that live",
                f"{problem.allowed_failures + 1} that died",
                try_,
            ) from None

    def _most(self) -> int:
        return max(FEWEST, 2 * int(self.client.scheduler_info(n_workers=0)["total_threads"]))


def _checked(wanted: dict[str, str], work: Callable[[Order], Result], order: Order) -> Result:
    """The result of one order, on a worker that has the same thymos and the same libraries."""
    from distributed import get_worker

    here = versions()
    if odd := [name for name in wanted if here[name] != wanted[name]]:
        said = [", ".join(f"{name} {known[name]}" for name in odd) for known in (wanted, here)]
        try_ = "install the same versions on every worker, for example by one container image"
        raise WorkerError(f"worker {get_worker().address}", said[0], said[1], try_)
    return work(order)


def _greet(address: str) -> None:
    """Raise `WorkerError` unless a scheduler answers in time; Dask itself waits for ever on a silent port."""
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise WorkerError(
            "--cluster", "the extra `cluster`", "no package distributed", "pip install 'thymos[cluster]'"
        ) from None
    wanted, try_ = (
        "the address of a Dask scheduler",
        "give the one that it prints, such as tcp://127.0.0.1:8786",
    )
    try:
        # In a thread, because a notebook has an event loop of its own.
        with ThreadPoolExecutor(1) as apart:
            kind = apart.submit(asyncio.run, _identity(address)).result()["type"]
    except TypeError as problem:
        try_ = "name your certificates in Dask's configuration, see docs/how-to/run-on-a-cluster.md"
        raise WorkerError(f"cluster {address}", "certificates for TLS", f"{problem}", try_) from None
    except Exception as problem:  # what a stranger at that port may answer is on no list
        raise WorkerError(f"cluster {address}", wanted, f"{problem}" or "no answer", try_) from None
    if kind != "Scheduler":
        raise WorkerError(f"cluster {address}", wanted, f"that of a {kind.lower()}", try_)


async def _identity(address: str) -> dict[str, Any]:
    from distributed import Security
    from distributed.core import rpc

    # Certificates for tls:// are those of Dask's own configuration.
    peer = rpc(address, timeout=PATIENCE, connection_args=Security().get_connection_args("client"))
    try:
        async with asyncio.timeout(PATIENCE + 1):
            found: dict[str, Any] = await peer.identity()
            return found
    finally:
        await peer.close_rpc()
