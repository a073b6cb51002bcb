"""What must hold between the wells of one plate."""

from __future__ import annotations

from statistics import fmean

from thymos.io.well import Plate, Well
from thymos.lang.errors import DataError


def check_plate(plate: Plate) -> None:
    """Raise `DataError` at the first thing that cannot be: rows that repeat, or controls that do not serve."""
    if not plate.of_kind("sample"):
        raise DataError(plate.name, "wells of kind sample", "control wells alone")
    _no_well_twice(plate)
    _no_replicate_twice(plate)
    if plate.scale != "lysis":
        for sample in {well.controls: well for well in reversed(plate.of_kind("sample"))}.values():
            _controls(plate, sample)


def _no_well_twice(plate: Plate) -> None:
    seen: dict[tuple[str, str], int] = {}
    for well in plate.wells:
        first = seen.setdefault((well.plate, well.well), well.line)
        if first != well.line:
            where = f"{plate.name}, row {well.line}, column well"
            raise DataError(
                where,
                f"each well once in plate {well.plate or '(unnamed)'}",
                f"{well.well} of row {first} again",
            )


def _no_replicate_twice(plate: Plate) -> None:
    seen: dict[tuple[object, ...], int] = {}
    for well in plate.wells:
        first = seen.setdefault((*well.condition, well.replicate), well.line)
        if first != well.line:
            where = f"{plate.name}, row {well.line}, column replicate"
            raise DataError(
                where, "a number of its own for each replicate", f"{well.replicate} of row {first} again"
            )


def _controls(plate: Plate, sample: Well) -> None:
    """Control wells of the same plate, target and time; the maximum above the spontaneous release."""
    mine = f"{sample.target} at {sample.hours:g} hour" + (f" in plate {sample.plate}" if sample.plate else "")
    where = f"{plate.name}, row {sample.line}, column kind"
    means = {}
    for kind in ("spontaneous", "maximum"):
        found = [
            well.signal for well in plate.wells if well.kind == kind and well.controls == sample.controls
        ]
        if not found and (kind, plate.scale) != ("maximum", "percent"):
            raise DataError(
                where, f"wells of kind {kind} for {mine}", "none", "add them, or give a column `lysis`"
            )
        means[kind] = fmean(found) if found else 100.0
    if means["maximum"] <= means["spontaneous"]:
        wanted = f"maximum above spontaneous release for {mine}"
        got = f"means of {means['maximum']:.6g} and {means['spontaneous']:.6g} {plate.unit}"
        raise DataError(where, wanted, got, "are the two kinds exchanged?")
