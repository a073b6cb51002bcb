"""What a pool is, and the window that keeps its memory bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AbstractContextManager
from itertools import islice
from typing import Protocol, TypeVar

Order = TypeVar("Order")
Result = TypeVar("Result")


class Pool(AbstractContextManager["Pool"], Protocol):
    """Whoever computes; at work from `with` to its end, which drops what is still under way."""

    def each(
        self, work: Callable[[Order], Result], orders: Iterable[Order]
    ) -> Iterator[tuple[Order, Result]]:
        """Every order with its result, as they come: in any order, a bounded number under way.

        work : a function of a module, so that its name is enough to find it elsewhere
        orders : each a dataclass of text, numbers, and tuples and dictionaries of them
        Raises `WorkerError` when whoever computes is lost, and what `work` raises.
        """


def as_they_come(
    submit: Callable[[Order], Future[Result]], orders: Iterable[Order], most: Callable[[], int]
) -> Iterator[tuple[Order, Result]]:
    """Results as they come, with at most `most()` orders given out and not yet taken back."""
    waiting = iter(orders)
    under_way: dict[Future[Result], Order] = {}
    try:
        while True:
            for order in islice(waiting, max(0, most() - len(under_way))):
                under_way[submit(order)] = order
            if not under_way:
                return
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                yield under_way.pop(future), future.result()
    finally:
        for future in under_way:
            future.cancel()
