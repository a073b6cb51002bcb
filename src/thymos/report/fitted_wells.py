"""Pictures of a culture fit: every well beside its prediction, and the dose-response surfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.lang.errors import DataError
from thymos.report.canvas import drawing, panels, save
from thymos.report.palette import INK, TWIN

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

AXES = ("dl4", "tnf", "il3", "scf", "flt3l", "tpo", "il15", "il7")
UNITS = {"dl4": "µg/mL", "day": "day"}
NAMES = {
    "dl4": "DL4", "tnf": "TNF", "il3": "IL-3", "scf": "SCF", "flt3l": "Flt3L", "tpo": "TPO", "il15": "IL-15",
    "il7": "IL-7", "day": "day", "cd7_cd5neg_cells": "CD7+CD5\u2212 cells", "cd7_cd5pos_cells": "CD7+CD5+ cells",
    "cd7_cells": "CD7+ cells",
}  # fmt: skip
MAP, EXCLUDED = "viridis", TWIN.colour
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)


def draw(found: dict[str, Any], path: Path) -> None:
    """Readings, and the 95 % band of the level and of one more reading, a panel for each donor, plate and readout."""
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for well in found["wells"]:
        groups.setdefault((well["donor"], well["plate"], well["readout"]), []).append(well)
    reasons = list(dict.fromkeys(w["exclude"] for w in found["wells"] if w["exclude"]))
    letters = {reason: chr(ord("a") + i % 26) for i, reason in enumerate(reasons)}
    columns = min(4, len(groups))
    lines = -(-len(groups) // columns)
    with drawing(3.2 * columns, 2.5 * lines + 0.9) as figure:
        grid = panels(figure, len(groups), columns)
        for axes, ((donor, plate, readout), wells) in zip(grid, groups.items(), strict=True):
            _panel(axes, wells, letters)
            where = f"Donor {donor}, {plate}" if plate else f"Donor {donor}"
            axes.set_title(f"{where}: {NAMES.get(readout, readout)}", fontsize=8.5)
        figure.suptitle(
            "Wells (filled) and the fit. Line and band: level of the culture (95 %); thin bar: one more well (95 %)",
            fontsize=9, color=INK, x=0.01, ha="left",
        )  # fmt: skip
        if reasons:
            notes = "; ".join(f"{letter}: {reason}" for reason, letter in letters.items())
            figure.supxlabel(f"Hollow: excluded. {notes}", fontsize=7, color=EXCLUDED, x=0.01, ha="left")
        save(figure, path, "Wells and the fitted culture")


def _panel(axes: Any, wells: list[dict[str, Any]], letters: dict[str, str]) -> None:
    import matplotlib as mpl

    levels = {n: len({_at(w, n) for w in wells}) for n in (*AXES, "day")}
    # What has the most levels along x; of equals the first.
    varied = sorted((n for n in levels if levels[n] > 1), key=lambda n: -levels[n])
    along, others = (varied[0], varied[1:]) if varied else ("day", [])
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for well in wells:
        groups.setdefault(tuple(_at(well, n) for n in others), []).append(well)
    place = _places({_at(w, along) for w in wells}, along)
    for i, key in enumerate(sorted(groups, key=lambda k: [(x is not None, x or 0.0) for x in k])):
        colour = mpl.colormaps[MAP](0.9 * i / max(len(groups) - 1, 1))
        label = ", ".join(f"{NAMES[n]} {x:g}" for n, x in zip(others, key, strict=True) if x is not None)
        _curve(axes, sorted(groups[key], key=lambda w: place[_at(w, along)]), along, place, colour, label)
    _hollow(axes, [w for w in wells if w["exclude"]], along, place, letters)
    _count_axis(axes)
    axes.set_xticks(list(place.values()), ["–" if d is None else f"{d:g}" for d in place])
    axes.set_xlabel(f"{NAMES[along]} [{UNITS.get(along, 'ng/mL')}]", fontsize=8)
    if len(groups) > 1:
        axes.legend(fontsize=5.6, frameon=False, loc="best", ncols=2, handlelength=1.2, columnspacing=0.8)


def _count_axis(axes: Any) -> None:
    """A logarithmic axis with 1, 2 and 5 as plain numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(LogLocator(10, subs=(1.0, 2.0, 5.0) if high / low < 40 else (1.0,)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:,.0f}" if y >= 1 else f"{y:g}"))
    axes.tick_params(labelsize=7)


def _curve(
    axes: Any, wells: list[dict[str, Any]], along: str, place: dict[Any, float], colour: Any, label: str
) -> None:
    x = [place[_at(w, along)] for w in wells]
    level = {k: [w["level"][k] for w in wells] for k in ("low", "median", "high")}
    axes.fill_between(x, level["low"], level["high"], color=colour, alpha=0.18, linewidth=0)
    axes.plot(x, level["median"], color=colour, linewidth=1.2, label=label or None)
    for at, well in zip(x, wells, strict=True):
        ends = [well["reading"]["low95"], well["reading"]["high95"]]
        axes.plot([at, at], ends, color=colour, alpha=0.25, linewidth=0.6)
        if not well["exclude"]:
            axes.plot(at, well["value"], "o", markersize=4.2, color=colour)


def _hollow(
    axes: Any, wells: list[dict[str, Any]], along: str, place: dict[Any, float], letters: dict[str, str]
) -> None:
    """Excluded wells, each with the letter of its reason."""
    for well in wells:
        at = place[_at(well, along)], well["value"]
        axes.plot(*at, "o", markersize=4.2, markerfacecolor="none", markeredgecolor=EXCLUDED)
        axes.annotate(
            letters[well["exclude"]],
            at,
            xytext=(4, -2),
            textcoords="offset points",
            fontsize=6,
            color=EXCLUDED,
        )


def _at(well: dict[str, Any], name: str) -> Any:
    return well["day"] if name == "day" else well["conditions"].get(name)


def _places(doses: Iterable[Any], name: str) -> dict[Any, float]:
    """Where each dose stands along x: days as they are, doses evenly."""
    known = sorted(doses, key=lambda d: (d is not None, d if d is not None else 0.0))
    return {d: float(d) for d in known} if name == "day" else {d: float(i) for i, d in enumerate(known)}


def draw_surfaces(surfaces: list[dict[str, Any]], path: Path) -> None:
    """Relative yield of the typical donor in colour; wells in the same colours, so that a misfit stands out."""
    if not surfaces:
        raise DataError("option --surface", "a plate that varies two conditions", "none in these data")
    columns = min(2, len(surfaces))
    lines = -(-len(surfaces) // columns)
    with drawing(4.6 * columns, 3.7 * lines + 0.3) as figure:
        for axes, one in zip(panels(figure, len(surfaces), columns), surfaces, strict=True):
            mesh = _surface(axes, one)
        figure.colorbar(mesh, ax=figure.axes, label="yield over the plateau, typical donor", shrink=0.6)
        donors = ", ".join(dict.fromkeys(p["donor"] for one in surfaces for p in one["points"]))
        figure.suptitle(
            f"Simulated surface, and wells of donors {donors} (side by side, left to right; crosses: excluded)",
            fontsize=9, color=INK, x=0.01, ha="left",
        )  # fmt: skip
        save(figure, path, "Dose-response surfaces of the fitted culture")


def _surface(axes: Any, one: dict[str, Any]) -> Any:
    import numpy as np

    names = sorted(one["axes"], key=AXES.index)
    order = [list(one["axes"]).index(name) for name in names]
    fine = [np.asarray(one["axes"][name]) for name in names]
    relative = np.transpose(one["relative"], order)
    px, py = (np.arange(len(v), dtype=float) for v in fine)
    mesh = axes.pcolormesh(px, py, relative.T, cmap=MAP, vmin=0, vmax=1.1, shading="nearest")
    lines = axes.contour(px, py, relative.T, levels=LEVELS, colors="white", linewidths=0.7)
    axes.clabel(lines, fontsize=6)
    donors = list(dict.fromkeys(p["donor"] for p in one["points"]))
    for point in one["points"]:
        at = [_along(fine[k], point["doses"][order[k]]) for k in (0, 1)]
        at[0] += 0.7 * (donors.index(point["donor"]) - (len(donors) - 1) / 2)
        style = (
            {"marker": "x"} if point["exclude"] else {"marker": "o", "edgecolors": "white", "linewidths": 0.4}
        )
        axes.scatter(*at, c=[point["relative"]], cmap=MAP, vmin=0, vmax=1.1, s=20, **style)
    for k, set_ticks in enumerate((axes.set_xticks, axes.set_yticks)):
        doses = sorted({p["doses"][order[k]] for p in one["points"]})
        set_ticks([_along(fine[k], d) for d in doses], [f"{d:g}" for d in doses], fontsize=7)
    axes.set_xlabel(f"{NAMES[names[0]]} [{UNITS.get(names[0], 'ng/mL')}]", fontsize=8)
    axes.set_ylabel(f"{NAMES[names[1]]} [{UNITS.get(names[1], 'ng/mL')}]", fontsize=8)
    axes.set_title(NAMES.get(one["readout"], one["readout"]))
    axes.grid(False)
    return mesh


def _along(fine: Any, dose: float) -> float:
    """Where a dose stands among the fine ones, evenly on a log scale."""
    import numpy as np

    floor = fine[fine > 0].min() / 2
    return float(np.interp(np.log(max(dose, floor)), np.log(np.maximum(fine, floor)), np.arange(len(fine))))
