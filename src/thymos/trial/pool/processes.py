"""Processes of this machine: for work that Python's lock would hold up in threads; seconds to start."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from thymos.lang.errors import WorkerError
from thymos.trial.pool.pool import Order, Result, as_they_come

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType


class Processes:
    """A number of processes, each started afresh: a fork would copy the locks of threads that it does not copy."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def __enter__(self) -> Processes:
        self.executor = ProcessPoolExecutor(self.workers, get_context("spawn"), initializer=_begin)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.executor.shutdown(cancel_futures=True)

    def each(
        self, work: Callable[[Order], Result], orders: Iterable[Order]
    ) -> Iterator[tuple[Order, Result]]:
        """Results as they come, see `Pool`."""
        try:
            yield from as_they_come(
                lambda order: self.executor.submit(work, order), orders, lambda: 2 * self.workers
            )
        except BrokenProcessPool:
            try_ = "fewer --workers if memory ran out; a script needs `if __name__ == '__main__':` around its run"
            raise WorkerError("a worker process", "an answer", "its sudden end", try_) from None


def _begin() -> None:
    """Ctrl-C is for the parent, which then ends its workers; and none outlives a parent that was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := parent_process():
        wait([parent.sentinel])
        os._exit(1)
