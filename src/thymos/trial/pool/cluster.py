"""A Dask cluster: text and numbers go out, columns come back; Dask finds another worker for one that dies.

What is lost with the scheduler is only what was under way: stored chunks stay, and the run is taken up again.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import asdict
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from thymos.lang.errors import WorkerError
from thymos.trial.pool.pool import Order, Result, as_they_come
from thymos.trial.pool.versions import versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

PATIENCE = 4.0  # s; how long a scheduler may take to answer
FEWEST = 16  # orders given out even before a worker has come: an adaptive cluster grows by what waits
SAME = "install the same versions on every worker, for example by one container image"


class Cluster:
    """The workers of the Dask scheduler at `address`, for example `tcp://127.0.0.1:8786`.

    say : told, in words, when there is no worker to begin with
    """

    def __init__(self, address: str, say: Callable[[str], None] = lambda text: None) -> None:
        self.address, self.say = address, say

    def __enter__(self) -> Cluster:
        if not _greet(self.address)["n_workers"]:
            self.say(f"The cluster at {self.address} has no worker yet; waiting for the first.")
        from distributed import Client

        # On a lost connection Dask logs tracebacks; here it is one message.
        self.log = logging.getLogger("distributed.client")
        self.level = self.log.level
        self.log.setLevel(logging.CRITICAL)
        self.client = Client(self.address, timeout=PATIENCE, set_as_default=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()
        self.log.setLevel(self.level)

    def each(
        self, work: Callable[[Order], Result], orders: Iterable[Order]
    ) -> Iterator[tuple[Order, Result]]:
        """Results as they come, see `Pool`."""
        from distributed import KilledWorker
        from distributed.client import ClosedClientError

        executor = self.client.get_executor(pure=False)
        same = (_envoy(), versions(), _name(work))

        def submit(order: Order) -> Future[Result]:
            found: Future[Result] = executor.submit(*same, _name(type(order)), asdict(order))  # type: ignore[call-overload]  # a dataclass, as `Pool` asks
            return found

        where = f"cluster {self.address}"
        try:
            yield from as_they_come(submit, orders, self._most)
        except (CancelledError, ClosedClientError):
            raise WorkerError(where, "a scheduler until the end", "a lost connection") from None
        except ImportError as problem:
            raise WorkerError(where, "the same thymos on every worker", f"{problem}", SAME) from None
        except KilledWorker as problem:
            try_ = "look into the workers' logs; the usual reason is too little memory"
            said = f"{problem.allowed_failures + 1} that died of one task"
            raise WorkerError(where, "workers that live", said, try_) from None

    def _most(self) -> int:
        # It says nothing once the connection is lost; the orders under way say so themselves.
        threads = int(self.client.scheduler_info(n_workers=0).get("total_threads", 0))
        return max(FEWEST, 2 * threads)


def _name(thing: Callable[..., Any]) -> str:
    """Where to find a function or a class, for `pkgutil.resolve_name`."""
    return f"{thing.__module__}:{thing.__qualname__}"


def _envoy() -> Callable[..., Any]:
    """What Dask sends: a nested function travels whole, where the name of one of ours would end a worker without us."""

    def answer(*order: Any) -> Any:
        try:
            from thymos.trial.pool.cluster import answered
        except ImportError as problem:
            from distributed import get_worker

            raise ImportError(f"{problem} on {get_worker().address}") from None
        return answered(*order)

    return answer


def answered(wanted: dict[str, str], work: str, kind: str, fields: dict[str, Any]) -> Any:
    """The result of one order, on a worker; raises `WorkerError` where thymos or its libraries are not the same."""
    from distributed import get_worker

    here = versions()
    if odd := [name for name in wanted if here[name] != wanted[name]]:
        said = [", ".join(f"{name} {known[name]}" for name in odd) for known in (wanted, here)]
        raise WorkerError(f"worker {get_worker().address}", said[0], said[1], SAME)
    return resolve_name(work)(resolve_name(kind)(**fields))


def _greet(address: str) -> dict[str, Any]:
    """What the scheduler says of itself.

    Raises `WorkerError` unless one answers in time; Dask itself waits for ever on a silent port.
    """
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
            found = apart.submit(asyncio.run, _identity(address)).result()
    except TypeError as problem:
        try_ = "name your certificates in Dask's configuration, see docs/how-to/run-on-a-cluster.md"
        raise WorkerError(f"cluster {address}", "certificates for TLS", f"{problem}", try_) from None
    except Exception as problem:  # what a stranger at that port may answer is on no list
        raise WorkerError(f"cluster {address}", wanted, f"{problem}" or "no answer", try_) from None
    if found["type"] != "Scheduler":
        raise WorkerError(f"cluster {address}", wanted, f"that of a {found['type'].lower()}", try_)
    return found


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
