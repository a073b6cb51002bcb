"""Response surfaces of an infusion as tables in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import infusion_words, words
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console


def show(found: dict[str, Any], value: str, console: Console) -> None:
    """Print one value: over the settings as known, then the best of each assumption."""
    kind = found["values"][value]
    console.print(f"What the product gains: {kind['text']}  (simulated)", style="bold")
    pairs = f"{words.count(found['pairs'])} pairs of twins, {found['draws']} draws of what is not known"
    held = infusion_words.held(found)
    console.print(
        " · ".join(filter(None, (found["title"], held, pairs, f"seed {found['seed']}"))), style="dim"
    )
    console.print()
    console.print(_grid_title(found, value), style="bold")
    console.print(_grid(found, value))
    console.print(f"{_meaning(kind)}\n", style="dim")
    console.print(_best(found, value))


def _meaning(kind: dict[str, Any]) -> str:
    worth = infusion_words.gain(kind["worth"], kind["unit"]) + infusion_words.unit(kind["unit"])
    middle, spread = (
        ("mean", "upper end of the 95% interval over what is not known")
        if kind["share"]
        else ("median pair", "the gain of 97.5% of the pairs")
    )
    return f"{middle}, and the chance to gain more than {worth}; ∅ where {spread} is below that: no help"


def _grid(found: dict[str, Any], value: str) -> Any:
    """Medians and chances as known, the first setting down and the second across."""
    axes, unit = found["axes"], found["values"][value]["unit"]
    cells = iter(found["assumptions"][0]["points"])
    across = axes[1] if len(axes) > 1 else None
    heads = [infusion_words.setting(across["name"], x) for x in across["values"]] if across else ["gain"]
    table = plain("", "", *heads)
    for x in axes[0]["values"]:
        row = [_cell(next(cells)["values"][value], unit) for _ in heads]
        table.add_row(infusion_words.setting(axes[0]["name"], x), *row)
    return table


def _grid_title(found: dict[str, Any], value: str) -> str:
    """What runs down, what across, and in which unit the gain is."""
    names = [
        f"{infusion_words.SETTINGS[a['name']][0]} [{words.unit(a['unit']).strip()}]" for a in found["axes"]
    ]
    across = f", {names[1]} across" if len(names) > 1 else ""
    return f"Gain [{words.axis(found['values'][value]['unit'])}] as known: {names[0]} down{across}"


def _cell(value: dict[str, Any], unit: str) -> str:
    if value["median"] is None:
        return "failed"
    mark = " ∅" if value["no_help"] else ""
    return f"{infusion_words.gain(value['median'], unit)}{mark}\n({words.percent(value['chance'])})"


def _best(found: dict[str, Any], value: str) -> Any:
    """The largest gain under each assumption, and how much of the map brings no help."""
    unit = found["values"][value]["unit"]
    table = plain("Largest gain in the map, by assumption", "", "gain (95%)", "chance", "where", "no help at")
    for panel in found["assumptions"]:
        solved = [p for p in panel["points"] if p["values"][value]["median"] is not None]
        if not solved:
            table.add_row(infusion_words.assumption(panel["name"]), "failed", "", "", "")
            continue
        top = max(solved, key=lambda p: p["values"][value]["median"])
        best = top["values"][value]
        middle, low, high = (infusion_words.gain(best[k], unit) for k in ("median", "low", "high"))
        where = ", ".join(
            f"{infusion_words.setting(a['name'], top[a['name']])}{words.unit(a['unit'])}"
            for a in found["axes"]
        )
        share = words.percent(panel["no_help"][value])
        table.add_row(
            infusion_words.assumption(panel["name"]), f"{middle} ({low} to {high})", words.percent(best["chance"]),
            where, f"{share} of the map",
        )  # fmt: skip
    return table
