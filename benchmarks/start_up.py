"""From nothing to the first patient's result, in a new process: with no kernel kept, and with one."""

from __future__ import annotations

import tempfile
from pathlib import Path

from seat import Seat
from thymos_lanes import Thymos


def start_up(problem: Path) -> dict[str, float]:
    """Seconds to the first result, interpreter and imports included.

    cold : neither the system's kernel nor the driver that all systems share is compiled
    driver_kept : the driver is, as after the first system ever compiled
    warm : both are
    """
    with tempfile.TemporaryDirectory() as kernels, tempfile.TemporaryDirectory() as driver:
        kept = {"THYMOS_CACHE": kernels, "NUMBA_CACHE_DIR": driver}
        cold, warm = _seconds(problem, kept), _seconds(problem, kept)
        with tempfile.TemporaryDirectory() as fresh:
            half = _seconds(problem, kept | {"THYMOS_CACHE": fresh})
    return {"cold": cold, "driver_kept": half, "warm": warm}


def _seconds(problem: Path, environment: dict[str, str]) -> float:
    seat = Seat("thymos_lanes", Thymos.__name__, problem, environment)
    seat.close()
    return seat.ready_seconds
