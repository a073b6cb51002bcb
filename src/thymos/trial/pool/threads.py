"""Threads of this process: no start-up, shared kernels; the engine lets other threads run while it integrates."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from thymos.trial.pool.pool import Order, Result, as_they_come

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType


class Threads:
    """A number of threads."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def __enter__(self) -> Threads:
        self.executor = ThreadPoolExecutor(self.workers, thread_name_prefix="thymos")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.executor.shutdown(cancel_futures=True)

    def each(
        self, work: Callable[[Order], Result], orders: Iterable[Order]
    ) -> Iterator[tuple[Order, Result]]:
        """Results as they come, see `Pool`."""
        return as_they_come(lambda order: self.executor.submit(work, order), orders, lambda: 2 * self.workers)
