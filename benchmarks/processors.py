"""The machine: what it is, and which of its cores a process runs on, so that "per core" means one core."""

from __future__ import annotations

import os
import platform
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

# Not every system can say or choose; there the operating system decides.
HERE = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def one_processor() -> None:
    """Keep this thread and those it will start on the last processor."""
    if HERE:
        os.sched_setaffinity(0, HERE[-1:])


def all_processors() -> None:
    """Let this thread and those it will start run anywhere."""
    if HERE:
        os.sched_setaffinity(0, HERE)


def processor_name() -> str:
    """The processor in the words of its maker, as far as the system knows them."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def machine() -> dict[str, Any]:
    """Where and when."""
    return {
        "date": date.today().isoformat(),
        "processor": processor_name(),
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": sys.version.split()[0],
        "versions": {name: version(name) for name in ("thymos", "numpy", "llvmlite", "numba")},
    }
