"""Response surfaces of an infusion as pictures: maps with the region where it cannot help, or curves."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from thymos.report import infusion_words, words
from thymos.report.canvas import drawing, panels, save, watermark
from thymos.report.palette import INK, SOFT, TREATED, TWIN

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MAP = "YlGnBu"
CHANCES = (0.1, 0.25, 0.5, 0.75, 0.9)
HATCH = "////"
LEVELS = 9
TITLE, CHARACTERS = 11, 15  # letters of the title and of the key, in an inch of width


def draw(found: dict[str, Any], value: str, path: Path) -> None:
    """One value under each assumption; every value where there is only what is known."""
    alone = len(found["assumptions"]) == 1
    shown = (
        [(found["assumptions"][0], name) for name in found["values"]]
        if alone
        else [(p, value) for p in found["assumptions"]]
    )
    columns = 2 if alone else _columns(len(shown))
    rows = -(-len(shown) // columns)
    size = (9.6, 3.7 * rows + 0.9) if alone else (2.95 * columns + 0.8, 2.75 * rows + 0.9)
    with drawing(*size) as page:
        grid = panels(page, len(shown), columns)
        bands = {name: _levels(found, name) for _, name in shown}
        for axes, (panel, name) in zip(grid, shown, strict=True):
            title = infusion_words.value(name) if alone else infusion_words.assumption(panel["name"])
            axes.set_title(title, fontsize=9)
            if len(found["axes"]) == 1:
                _curve(axes, found, panel, name)
                continue
            mesh = _map(axes, found, panel, name, bands[name])
            if alone:
                page.colorbar(mesh, ax=axes, label=_label(found, name), shrink=0.9)
        if not alone and len(found["axes"]) == 2:
            page.colorbar(mesh, ax=grid, label=_label(found, value), shrink=0.6, aspect=30)
        subject = "every value" if alone else infusion_words.value(value)
        title = textwrap.fill(f"What an infusion gains: {subject} (simulated)", int(TITLE * size[0]))
        whom = textwrap.fill(found["title"], int(TITLE * size[0]))
        page.suptitle(f"{title}\n{whom}", fontsize=9.5, x=0.01, ha="left", color=INK)
        key = textwrap.fill(_key(found, shown), int(CHARACTERS * size[0]))
        page.supxlabel(key, fontsize=7.5, x=0.01, ha="left", color=SOFT)
        save(page, path, f"Response surface of an infusion: {subject}")


def _label(found: dict[str, Any], name: str) -> str:
    kind = found["values"][name]
    return f"{'mean' if kind['share'] else 'median'} gain [{words.axis(kind['unit'])}]"


def _key(found: dict[str, Any], shown: list[tuple[dict[str, Any], str]]) -> str:
    """What colours, lines and hatches mean."""
    kinds = {name: found["values"][name] for _, name in shown}
    worth = "; ".join(
        f"{infusion_words.value(name)} {infusion_words.gain(k['worth'], k['unit'])}{infusion_words.unit(k['unit'])}"
        for name, k in kinds.items()
    )
    lines = (
        "Lines: chance of more"
        if len(found["axes"]) == 2
        else "Line: median pair, of a share the mean; band: 95% interval; dotted: worthwhile"
    )
    hatched = "Hatched: no help, the upper end of the 95% interval is below what is worthwhile"
    said = [f"Worthwhile: {worth}", lines, hatched]
    if any(axis["name"] == "dose" for axis in found["axes"]) and len(found["axes"]) == 2:
        said.append("Dashed: dose that fills the free niches once (median)")
    if {axis["name"] for axis in found["axes"]} == {"atg", "day"}:
        said.append("Dotted: ATG at the infusion [AU/mL] (median)")
    held = infusion_words.held(found)
    return ". ".join([*said, *([f"Held: {held}"] if held else [])]) + "."


def _columns(count: int) -> int:
    """Panels in a row, so that few places stay empty."""
    return min(count, 5 if count > 4 and count % 4 in (1, 2) else 4)


def _levels(found: dict[str, Any], name: str) -> NDArray[Any]:
    """Steps of the colours: the same in every panel, from no gain or below to the largest."""
    import numpy as np
    from matplotlib.ticker import MaxNLocator

    scale = _scale(found, name)
    gains = [scale * (p["values"][name]["median"] or 0.0) for a in found["assumptions"] for p in a["points"]]
    top = max(*gains, 1e-3)
    low = min(gains)
    return np.asarray(MaxNLocator(LEVELS).tick_values(low if low < -0.05 * top else 0.0, top))


def _scale(found: dict[str, Any], name: str) -> float:
    return 100.0 if found["values"][name]["unit"] in words.SHARES else 1.0


def _field(found: dict[str, Any], panel: dict[str, Any], name: str, key: str) -> NDArray[Any]:
    """One number over the map, second axis down and first across."""
    import numpy as np

    shape = [len(axis["values"]) for axis in found["axes"]]
    flat = [p["values"][name][key] for p in panel["points"]]
    return np.array([np.nan if x is None else x for x in flat], float).reshape(shape).T


def _map(axes: Any, found: dict[str, Any], panel: dict[str, Any], name: str, bands: Any) -> Any:
    import numpy as np

    across, down = found["axes"]
    scale, worth = _scale(found, name), found["values"][name]["worth"]
    x, y = across["values"], down["values"]
    # Nothing lies above the highest step; what is a hair below the lowest is drawn as that.
    gain = np.maximum(scale * _field(found, panel, name, "median"), bands[0])
    mesh = axes.contourf(x, y, gain, levels=bands, cmap=MAP)
    axes.text(0.98, 0.02, "simulated", transform=axes.transAxes, ha="right", fontsize=6.5, color=SOFT)
    high = _field(found, panel, name, "high")
    below = min((h for h in high.flat if h < worth), default=None)
    if below is not None:
        hatched = axes.contourf(x, y, high, levels=[below - 1, worth], colors="none", hatches=[HATCH])
        hatched.set_edgecolor(SOFT)
        hatched.set_linewidth(0.0)
    _lines(axes, x, y, _field(found, panel, name, "chance"), CHANCES, "{:.0%}", INK)
    _scales(axes, across, down)
    _cap(axes, across, down, panel)
    if {across["name"], down["name"]} == {"atg", "day"}:
        level = np.array([p["atg_at_infusion"] for p in panel["points"]], float).reshape(len(x), len(y)).T
        _lines(axes, x, y, level, (0.1, 0.3, 1.0, 3.0, 10.0), "{:g}", TWIN.colour, ":")
    return mesh


def _lines(
    axes: Any, x: Any, y: Any, z: NDArray[Any], levels: Any, form: str, colour: str, style: str = "-"
) -> None:
    inside = [level for level in levels if (z < level).any() and (z > level).any()]
    if inside:
        drawn = axes.contour(x, y, z, levels=inside, colors=colour, linewidths=0.8, linestyles=style)
        axes.clabel(drawn, fmt=form.format, fontsize=6.5)


def _cap(axes: Any, across: dict[str, Any], down: dict[str, Any], panel: dict[str, Any]) -> None:
    """The dose that fills the free niches once, where dose is one of the axes."""
    if "dose" not in (across["name"], down["name"]):
        return
    other, flip = (down, False) if across["name"] == "dose" else (across, True)
    caps = [_cap_at(panel, other, i, flip) for i in range(len(other["values"]))]
    line = [float("nan") if c is None else c for c in caps]
    limits = axes.get_xlim(), axes.get_ylim()
    path = (other["values"], line) if flip else (line, other["values"])
    axes.plot(*path, color=TWIN.colour, linewidth=1.3, linestyle=(0, (4, 2)))
    axes.set_xlim(limits[0])
    axes.set_ylim(limits[1])


def _cap_at(panel: dict[str, Any], other: dict[str, Any], i: int, first: bool) -> float | None:
    """The cap at one value of the other setting; it does not depend on the dose."""
    points, count = panel["points"], len(other["values"])
    place = i * (len(points) // count) if first else i
    found: float | None = points[place]["niche_cap"]
    return found


def _scales(axes: Any, across: dict[str, Any], down: dict[str, Any] | None = None) -> None:
    """Names, units and ticks of the settings."""
    from matplotlib.ticker import FuncFormatter, NullLocator

    sides = [(across, axes.set_xscale, axes.set_xlabel, axes.xaxis)]
    sides += [(down, axes.set_yscale, axes.set_ylabel, axes.yaxis)] if down else []
    for one, set_scale, set_label, axis in sides:
        what, unit = infusion_words.SETTINGS[one["name"]]
        set_label(f"{what} [{unit}]", fontsize=7.5)
        if one["log"]:
            set_scale("log")
            axis.set_minor_locator(NullLocator())
            if one["name"] == "age":
                ticks = [
                    t
                    for t in (0.1, 0.5, 1, 2, 5, 10, 20, 40, 60)
                    if one["values"][0] <= t <= one["values"][-1]
                ]
                axis.set_ticks(ticks)
                axis.set_major_formatter(FuncFormatter(lambda t, _: f"{t:g}"))
    axes.tick_params(labelsize=7.5)
    axes.grid(visible=False)


def _curve(axes: Any, found: dict[str, Any], panel: dict[str, Any], name: str) -> None:
    """One setting: the median gain, its band, and what is worthwhile."""
    watermark(axes)
    across, scale = found["axes"][0], _scale(found, name)
    x = across["values"]
    low, middle, high = (
        [
            scale * (p["values"][name][k] if p["values"][name][k] is not None else float("nan"))
            for p in panel["points"]
        ]
        for k in ("low", "median", "high")
    )
    axes.fill_between(x, low, high, color=TREATED[0].colour, alpha=0.15, linewidth=0)
    axes.plot(x, middle, color=TREATED[0].colour, linewidth=2)
    worth = scale * found["values"][name]["worth"]
    axes.axhline(worth, color=INK, linewidth=0.9, linestyle=(0, (1, 2)))
    axes.fill_between(
        x, 0, 1, where=[h < worth for h in high], transform=axes.get_xaxis_transform(), facecolor="none",
        edgecolor=SOFT, hatch=HATCH, linewidth=0, alpha=0.5,
    )  # fmt: skip
    axes.set_ylabel(f"gain [{words.axis(found['values'][name]['unit'])}]", fontsize=7.5)
    _scales(axes, across)
