"""Where commands write: results to stdout, everything else to stderr."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from thymos.lang.errors import ThymosError

WIDE = 120


def any_terminal() -> None:
    """Let a terminal without Unicode show a question mark where it lacks a sign."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def out() -> Console:
    """The console of results; wide where it is a file or a pipe, so that tables are not folded."""
    # No markup: a path or a title may hold brackets.
    return Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else WIDE)


def err() -> Console:
    """The console of progress and messages."""
    return Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def complain(problem: ThymosError) -> None:
    """The message of an error: its class in red, the rest as it is."""
    kind, _, rest = str(problem).partition(": ")
    err().print(Text(f"{kind}: ", style="bold red") + Text(rest, style="not bold"))


def print_json(found: Any) -> None:
    """One JSON object on stdout, and nothing else."""
    escaped = not (sys.stdout.encoding or "").lower().startswith("utf")
    sys.stdout.write(json.dumps(found, indent=1, ensure_ascii=escaped, allow_nan=False) + "\n")


@contextmanager
def progress() -> Iterator[Callable[[int, int, str], None]]:
    """A bar for each thing that is done; call it with (done, total, what)."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = err()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks: dict[str, Any] = {}

        def tick(done: int, total: int, what: str) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield tick


@contextmanager
def spinner() -> Iterator[Callable[[str], None]]:
    """A sign of life; call it with what is being done."""
    console = err()
    with console.status("...") as status:
        yield lambda what: status.update(what)
