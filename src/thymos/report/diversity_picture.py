"""Diversity over time: one panel for each index, one line with its interval for each arm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.lang.errors import StudyError
from thymos.report.canvas import count_axis, drawing, panels, picture_kind, save, time_axis, watermark
from thymos.report.palette import INK, SOFT, styles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike

    Band = Mapping[str, ArrayLike]

INDICES = {
    "receptors": ("Receptors in the body", "receptors"),
    "seen": ("Receptors among 10,000 T cells", "receptors"),
    "richness": ("Clones in blood", "clones"),
    "hill1": ("Effective clones, exp(Shannon)", "clones"),
    "hill2": ("Effective clones, 1/Simpson", "clones"),
    "clonality": ("Clonality", "0: all equal, 1: one clone"),
    "chao1": ("Chao1, a lower bound", "clones"),
    "emigrants": ("On naive cells out of this thymus", "share of receptors"),
    "infused": ("From infused progenitors", "share of receptors"),
    "stem": ("From stem cells of the graft", "share of receptors"),
    "mature": ("From mature cells of the graft", "share of receptors"),
    "host": ("The host's own", "share of receptors"),
    "lineages": ("Progenitors behind naive cells", "progenitors"),
    "families": ("V families with a normal spectratype", "families of 24"),
    "virus": ("Viral epitopes with 10 naive cells", "share of epitopes"),
    "fungus": ("The same of fungi, model-based", "share of epitopes"),
    "tumour": ("The same of mutants of self, model-based", "share of epitopes"),
}
SHARES = (
    "clonality", "emigrants", "infused", "stem", "mature", "host", "virus", "fungus", "tumour",
)  # fmt: skip


def draw(
    days: ArrayLike, arms: Mapping[str, Mapping[str, Band]], path: Path, title: str,
    titles: Mapping[str, str] | None = None, simulated: bool = True,
) -> None:  # fmt: skip
    """Write the picture that the file name asks for.

    days   : days after transplant (time,)
    arms   : by arm, the untreated twin first, and by index of `INDICES`: `low`, `middle`, `high` (time,)
    titles : what an arm is called in the legend, by its name
    """
    picture_kind(path)
    names = _names(arms)
    columns = 2 if len(names) in (2, 4) else min(len(names), 3)
    rows = -(-len(names) // columns)
    with drawing(3.7 * columns, 3.1 * rows + 0.9) as page:
        for axes, name in zip(panels(page, len(names), columns), names, strict=True):
            if simulated:
                watermark(axes)
            panel(axes, days, arms, name)
        page.legend(
            handles=legend(list(arms), titles), loc="outside lower left", ncols=3, frameon=False, fontsize=8.5
        )
        page.suptitle(title, x=0.01, ha="left", fontsize=12, weight="bold")
        save(page, path, title)


def _names(arms: Mapping[str, Mapping[str, Band]]) -> Sequence[str]:
    """The indices that there are, in the order of `INDICES`; raises `StudyError` where there is none."""
    have = {name for bands in arms.values() for name in bands}
    names = [name for name in INDICES if name in have]
    if not names:
        raise StudyError("diversity over time", f"one of {', '.join(INDICES)}", ", ".join(have) or "no index")
    return names


def panel(axes: Any, days: ArrayLike, arms: Mapping[str, Mapping[str, Band]], name: str) -> None:
    """One index of every arm that has it."""
    import numpy as np

    shown, ends = styles(list(arms)), []
    day = np.asarray(days, dtype=np.float64)
    for arm, bands in arms.items():
        if name not in bands:
            continue
        low, middle, high = (
            np.asarray(bands[name][end], dtype=np.float64) for end in ("low", "middle", "high")
        )
        if name not in SHARES and name != "families":  # less than a clone has no logarithm to show
            low, middle, high = (np.maximum(x, 1) for x in (low, middle, high))
        style = shown[arm]
        axes.fill_between(day, low, high, color=style.colour, alpha=0.15, linewidth=0)
        axes.plot(day, middle, color=style.colour, linestyle=style.line, linewidth=2, zorder=style.above)
        ends += [x[np.isfinite(x)] for x in (low, high)]
    title, unit = INDICES[name]
    _scale(axes, name, np.concatenate([*ends, np.ones(1)]) if ends else np.ones(1))
    time_axis(axes, float(day.max()))
    axes.set_title(title)
    axes.set_ylabel(unit)
    axes.set_xlabel("days after transplant")


def _scale(axes: Any, name: str, values: Any) -> None:
    import numpy as np

    if name in SHARES:
        axes.set_ylim(0, 1)
    elif name == "families":
        axes.set_ylim(0, 24.6)
        axes.set_yticks((0, 6, 12, 18, 24))
        axes.axhline(13, color=SOFT, linewidth=0.9, linestyle=(0, (4, 2)))
        place = {"transform": axes.get_yaxis_transform(), "ha": "right"}
        axes.text(0.99, 13.3, "alarm below 13", **place, fontsize=7.5, color=INK)
    else:
        count_axis(
            axes, 10.0 ** np.floor(np.log10(values.min())), 10.0 ** np.ceil(np.log10(values.max()) + 0.05)
        )


def legend(arms: Sequence[str], titles: Mapping[str, str] | None = None) -> list[Any]:
    """Entries of the arms."""
    from matplotlib.lines import Line2D

    shown = styles(list(arms))
    named = titles or {}
    return [
        Line2D([], [], color=style.colour, linestyle=style.line, linewidth=2.2, label=named.get(arm, arm))
        for arm, style in shown.items()
    ]
