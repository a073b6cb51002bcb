"""What moves a result: Sobol indices and Shapley effects as tables and as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.canvas import drawing, panels, picture_kind, save, watermark
from thymos.report.palette import INK, SOFT, TREATED
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

SHORT = {
    "cd4_day100": "CD4\nd 100",
    "cd4_day180": "CD4\nd 180",
    "cd4_day365": "CD4\n1 year",
    "cd4_ir_day100": "> 50\nd 100",
    "day_cd4_200": "day\n> 200",
    "trec_day180": "TREC\nd 180",
    "cd4_naive_day365": "naive\n1 year",
    "gain_cd4_day100": "gain\nCD4",
    "gain_cd4_ir_day100": "gain\n> 50",
    "gain_trec_day180": "gain\nTREC",
}
TITLES = {
    "cd4_day100": "CD4 at day 100",
    "cd4_day180": "CD4 at day 180",
    "cd4_day365": "CD4 at one year",
    "cd4_ir_day100": "CD4 above 50/µL twice by day 100",
    "day_cd4_200": "day of CD4 above 200/µL",
    "trec_day180": "TREC at day 180",
    "cd4_naive_day365": "naive CD4 at one year",
    "gain_cd4_day100": "gain over the twin: CD4 at day 100",
    "gain_cd4_ir_day100": "gain over the twin: above 50/µL by day 100",
    "gain_trec_day180": "gain over the twin: TREC at day 180",
}
GROUPS = {"patient": "how patients differ", "others": "all other values"}
READ_AS = "Full bar: alone (first-order index). Hollow: with all its interactions (total index). Lines: 95% intervals."
BARS = 7


def show(found: dict[str, Any], console: Console) -> None:
    """Print the indices of one patient, then the shares of the patients' mean."""
    title = f"What moves the result of {found['study']} (simulated)"
    console.print(title, style="bold")
    console.print(
        f"{found['inputs']} inputs drawn independently, {words.count(found['simulated'])} virtual patients, "
        f"seed {found['seed']}\n",
        style="dim",
    )
    of_gains = [o["name"].startswith("gain_") for o in found["outputs"]]
    for gains, said in ((False, "The treated patient"), (True, "What the product adds to the twin")):
        names = [o["name"] for o, gain in zip(found["outputs"], of_gains, strict=True) if gain == gains]
        console.print(_indices(found, names, said))
        console.print()
    console.print(_shares(found))
    shapley = found["shapley"]
    console.print(
        f"\nThe same {shapley['patients']} twins under {words.count(shapley['draws'])} joint draws "
        f"({'what data left' if shapley['knowledge'] == 'posterior' else 'nothing was learnt from data'}). "
        "Counts and gains as logarithms."
    )


def _indices(found: dict[str, Any], names: list[str], said: str) -> Any:
    table = plain(
        f"{said}: % of the variance, alone / with interactions", "", *(SHORT[name] for name in names)
    )
    for row in ranked(found["sobol"], names):
        cells = (f"{_percent(row[name]['first'])} / {_percent(row[name]['total'])}" for name in names)
        table.add_row(called(row), *cells)
    return table


def _shares(found: dict[str, Any]) -> Any:
    shapley, names = found["shapley"], [o["name"] for o in found["outputs"]]
    title = "The mean of the patients: % of its variance that each input answers for (Shapley)"
    table = plain(title, "", *(SHORT[name] for name in names))
    for row in shapley["players"]:
        table.add_row(words.spoken(row["name"]), *(_percent(row[name]) for name in names))
    left = ({"value": 1 - shapley["explained"][name]} for name in names)
    table.add_row("not explained by these", *(_percent(one) for one in left))
    return table


def _percent(share: dict[str, float]) -> str:
    return f"{100 * max(0.0, share['value']):.0f}"


def ranked(rows: list[dict[str, Any]], names: list[str]) -> list[dict[str, Any]]:
    """Inputs by their largest total index in these outputs, groups last."""
    return sorted(
        rows, key=lambda row: (row["kind"] == "group", -max(row[n]["total"]["value"] for n in names))
    )


def called(row: dict[str, Any]) -> str:
    """An input as it is spoken of, with its grade."""
    if row["kind"] == "group":
        return GROUPS[row["name"]]
    said = words.spoken(row["name"])
    grade = "switch" if row["kind"] == "switch" else row["grade"]
    return f"{said[:-1]}, {grade})" if said.endswith(")") else f"{said} ({grade})"


def draw(found: dict[str, Any], path: Path) -> None:
    """First and total indices of each output, the largest on top, into a picture file."""
    picture_kind(path)
    title = f"What moves the result of {found['study']} (simulated)"
    with drawing(13.5, 15) as page:
        for axes, output in zip(panels(page, len(found["outputs"]), 2), found["outputs"], strict=True):
            _panel(axes, found["sobol"], output["name"])
        page.suptitle(title, x=0.01, ha="left", fontsize=12)
        page.supxlabel(READ_AS, x=0.01, ha="left", fontsize=8.5, color=SOFT)
        save(page, path, title)


def _panel(axes: Any, rows: list[dict[str, Any]], name: str) -> None:
    watermark(axes)
    shown = sorted(rows, key=lambda row: -row[name]["total"]["value"])[:BARS]
    for place, row in enumerate(shown):
        colour = SOFT if row["kind"] == "group" else TREATED[0].colour
        for kind, height, filled in (("total", 0.72, False), ("first", 0.44, True)):
            share = {end: min(100.0, 100 * max(0.0, x)) for end, x in row[name][kind].items()}
            axes.barh(
                place,
                share["value"],
                height,
                facecolor=colour if filled else "none",
                edgecolor=colour,
                zorder=2,
            )
            axes.plot(
                [share["low"], share["high"]], [place + (0.1 if filled else -0.25)] * 2, color=INK, lw=0.9
            )
    axes.set_yticks(range(len(shown)), [called(row) for row in shown], fontsize=8)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlim(0, 100)
    axes.grid(visible=False, axis="y")
    axes.set_title(TITLES[name])
    axes.set_xlabel("% of the variance")
