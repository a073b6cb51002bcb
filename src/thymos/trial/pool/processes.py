"""Processes of this machine: for work that Python's lock would hold up in threads; seconds to start."""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
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
        spawn = get_context("spawn")
        lifeline, self.hold = spawn.Pipe(duplex=False)
        self.executor = ProcessPoolExecutor(self.workers, spawn, initializer=_begin, initargs=(lifeline,))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hold.close()
        self.executor.shutdown(cancel_futures=True)

    def each(
        self, work: Callable[[Order], Result], orders: Iterable[Order]
    ) -> Iterator[tuple[Order, Result]]:
        """Results as they come, see `Pool`."""

        def submit(order: Order) -> Future[Result]:
            with _ctrl_c_held_back():  # an order may start a process
                return self.executor.submit(_unless_let_go, work, order)

        try:
            yield from as_they_come(submit, orders, lambda: 2 * self.workers)
        except BrokenProcessPool:
            try_ = "fewer --workers if memory ran out; a script needs `if __name__ == '__main__':` around its run"
            raise WorkerError("a worker process", "an answer", "its sudden end", try_) from None


@contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Ctrl-C is for the parent, which ends its workers: these inherit that it is blocked, even while they start."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_held: list[Connection] = []
"""In a worker: the end of a pipe that says when its parent has let go."""


def _begin(lifeline: Connection) -> None:
    """No worker minds Ctrl-C on any system, and none outlives a parent that was killed."""
    _held.append(lifeline)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := parent_process():
        wait([parent.sentinel])
        os._exit(1)


def _unless_let_go(work: Callable[[Order], Result], order: Order) -> Result:
    """The result, or at once an error that nobody reads: what has been handed to a worker cannot be taken back."""
    if _held[0].poll():
        raise InterruptedError("the run has ended")
    return work(order)
