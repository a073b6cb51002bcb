"""Pictures of a culture fit: every well beside its prediction, and the dose-response surfaces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from thymos.report.canvas import drawing
from thymos.report.palette import INK, SOFT

if TYPE_CHECKING:
    from collections.abc import Iterable

AXES = ("dl4", "tnf", "il3", "scf", "flt3l", "tpo", "il15", "il7")  # the first that varies is drawn along x
UNITS = {"dl4": "µg/mL", "day": "day"}
NAMES = {
    "dl4": "DL4", "tnf": "TNF", "il3": "IL-3", "scf": "SCF", "flt3l": "Flt3L", "tpo": "TPO", "il15": "IL-15",
    "il7": "IL-7", "day": "day", "cd7_cd5neg_cells": "CD7+CD5\u2212 cells", "cd7_cd5pos_cells": "CD7+CD5+ cells",
    "cd7_cells": "CD7+ cells",
}  # fmt: skip
MAP = "viridis"


def draw(found: dict[str, Any], path: Path) -> None:
    """Readings, and the 95 % band of the level and of one more reading, a panel for each donor, plate and readout."""
    panels: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = {}
    for well in found["wells"]:
        panels.setdefault((well["donor"], well["plate"]), {}).setdefault(well["readout"], []).append(well)
    readouts = list(dict.fromkeys(w["readout"] for w in found["wells"]))
    across = [(key, readout) for key in panels for readout in readouts if readout in panels[key]]
    columns = min(4, len(across)) if len(across) > 2 else len(across)
    lines = -(-len(across) // columns)
    with drawing(3.1 * columns, 2.55 * lines + 0.6) as figure:
        grid = figure.subplots(lines, columns, squeeze=False)
        for axes in grid.ravel()[len(across) :]:
            axes.set_axis_off()
        for axes, ((donor, plate), readout) in zip(grid.ravel(), across, strict=False):
            _panel(axes, panels[donor, plate][readout])
            axes.set_title(
                f"Donor {donor}{f', {plate}' if plate else ''}: {NAMES.get(readout, readout)}", fontsize=8.5
            )
        figure.suptitle(
            "Measured wells (filled; hollow: excluded) and the posterior: line and band, level of the culture (95 %);"
            " thin bar, one more well (95 %)",
            fontsize=9, color=INK, x=0.01, ha="left",
        )  # fmt: skip
        figure.savefig(path, dpi=110)


def _panel(axes: Any, wells: list[dict[str, Any]]) -> None:
    import matplotlib as mpl

    along = next((n for n in (*AXES, "day") if len({_at(w, n) for w in wells}) > 1), "day")
    others = [n for n in (*AXES, "day") if n != along and len({_at(w, n) for w in wells}) > 1]
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for well in wells:
        groups.setdefault(tuple(_at(well, n) for n in others), []).append(well)
    place = _places({_at(w, along) for w in wells}, along)
    colours = mpl.colormaps[MAP]
    for i, key in enumerate(sorted(groups, key=str if any(None in k for k in groups) else None)):
        colour = colours(0.9 * i / max(len(groups) - 1, 1))
        label = ", ".join(f"{NAMES[n]} {x:g}" for n, x in zip(others, key, strict=True) if x is not None)
        _curve(axes, sorted(groups[key], key=lambda w: place[_at(w, along)]), along, place, colour, label)
    axes.set_yscale("log")
    axes.set_xticks(list(place.values()), ["–" if d is None else f"{d:g}" for d in place])
    axes.set_xlabel(f"{NAMES[along]} [{UNITS.get(along, 'ng/mL')}]", fontsize=8)
    axes.tick_params(labelsize=7)
    if len(groups) > 1:
        axes.legend(
            fontsize=5.6, frameon=False, loc="lower right", ncols=2, handlelength=1.2, columnspacing=0.8
        )


def _curve(
    axes: Any, wells: list[dict[str, Any]], along: str, place: dict[Any, float], colour: Any, label: str
) -> None:
    x = [place[_at(w, along)] for w in wells]
    level = {k: [w["level"][k] for w in wells] for k in ("low", "median", "high")}
    axes.fill_between(x, level["low"], level["high"], color=colour, alpha=0.18, linewidth=0)
    axes.plot(x, level["median"], color=colour, linewidth=1.2, label=label or None)
    for at, well in zip(x, wells, strict=True):
        axes.plot(
            [at, at], [well["reading"]["low95"], well["reading"]["high95"]], color=colour, alpha=0.25, lw=0.6
        )
        face = "none" if well["exclude"] else colour
        edge = "#D55E00" if well["exclude"] else colour
        axes.plot(at, well["value"], "o", ms=4.2, mfc=face, mec=edge, mew=1.1)
    for at, well in zip(x, wells, strict=True):
        if well["exclude"] and well is next(w for w in wells if w["exclude"]):
            reason = well["exclude"] if len(well["exclude"]) < 34 else well["exclude"][:32] + "…"
            axes.annotate(reason, (at, well["value"]), fontsize=4.6, color="#D55E00", xytext=(3, 4),
                          textcoords="offset points")  # fmt: skip


def _at(well: dict[str, Any], name: str) -> Any:
    return well["day"] if name == "day" else well["conditions"].get(name)


def _places(doses: Iterable[Any], name: str) -> dict[Any, float]:
    """Where each dose stands along x: days as they are, doses evenly."""
    known = sorted(doses, key=lambda d: (d is not None, d if d is not None else 0.0))
    return {d: float(d) for d in known} if name == "day" else {d: float(i) for i, d in enumerate(known)}


def draw_surfaces(surfaces: list[dict[str, Any]], path: Path) -> None:
    """Relative yield of the typical donor in colour; wells in the same colours, so that a misfit stands out."""
    import numpy as np

    from thymos.lang.errors import DataError

    if not surfaces:
        raise DataError("option --surface", "a plate that varies two conditions", "none in these data")
    with drawing(4.4 * min(2, len(surfaces)), 3.7 * -(-len(surfaces) // 2)) as figure:
        grid = figure.subplots(-(-len(surfaces) // 2), min(2, len(surfaces)), squeeze=False).ravel()
        for axes, one in zip(grid, surfaces, strict=False):
            (name_x, x), (name_y, y) = one["axes"].items()
            px, py = (np.arange(len(v), dtype=float) for v in (x, y))
            mesh = axes.pcolormesh(px, py, one["relative"].T, cmap=MAP, vmin=0, vmax=1.1, shading="nearest")
            lines = axes.contour(px, py, one["relative"].T, levels=[0.1, 0.25, 0.5, 0.75, 0.9], colors="white",
                                 linewidths=0.7)  # fmt: skip
            axes.clabel(lines, fontsize=6)
            _points(axes, one["points"], x, y)
            for set_ticks, v in ((axes.set_xticks, x), (axes.set_yticks, y)):
                at = range(0, len(v), 6)
                set_ticks(list(at), [f"{v[i]:.2g}" for i in at], fontsize=7)
            axes.set_xlabel(f"{NAMES[name_x]} [{UNITS.get(name_x, 'ng/mL')}]", fontsize=8)
            axes.set_ylabel(f"{NAMES[name_y]} [{UNITS.get(name_y, 'ng/mL')}]", fontsize=8)
            axes.set_title(NAMES.get(one["readout"], one["readout"]))
            axes.grid(False)
            figure.colorbar(mesh, ax=axes, label="yield over the plateau" if axes is grid[0] else None)
        figure.suptitle(
            "Typical donor (colour, simulated) and wells (circles in the same colours; crosses: excluded)",
            fontsize=9, color=INK, x=0.01, ha="left",
        )  # fmt: skip
        figure.savefig(path, dpi=110)


def _points(axes: Any, points: list[dict[str, Any]], x: Any, y: Any) -> None:
    import numpy as np

    donors = list(dict.fromkeys(p["donor"] for p in points))
    for i, donor in enumerate(donors):
        shift = 0.75 * (i - (len(donors) - 1) / 2)
        for excluded, marker in ((False, "o"), (True, "x")):
            mine = [p for p in points if p["donor"] == donor and bool(p["exclude"]) == excluded]
            if not mine:
                continue
            at = [
                np.interp(np.log([max(p["doses"][k], v[1] / 2) for p in mine]),
                          np.log(np.maximum(v, v[1] / 2)), np.arange(len(v)))
                for k, v in enumerate((x, y))
            ]  # fmt: skip
            c = [p["relative"] for p in mine]
            edge = {} if excluded else {"edgecolors": SOFT, "linewidths": 0.5}
            axes.scatter(at[0] + shift, at[1], c=c, cmap=MAP, vmin=0, vmax=1.1, s=18, marker=marker, **edge)
