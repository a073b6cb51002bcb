"""What a measurement would be worth: ranked tables, sentences, and curves by the number of patients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.canvas import drawing, panels, picture_kind, save, watermark
from thymos.report.palette import INK, SOFT
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

QUANTITIES = {
    "gain_cd4_day100": "gain in CD4 at day 100",
    "magnitude_cd4_day100": "order of magnitude of that gain",
    "gain_cd4_ir_day100": "gain in the share recovered by day 100",
    "sooner_cd4_200": "days sooner above 200 CD4",
    "gain_trec_day180": "gain in TREC at day 180",
    "homing.homing_fraction": "homing fraction",
    "thymic_capacity.cells_per_seeding": "T cells per settled cell",
    "thymic_capacity.niche_number=fixed": "niches fixed or shrinking with age",
}
SHORT = {
    "gain_cd4_day100": "gain\nCD4",
    "magnitude_cd4_day100": "its\norder",
    "gain_cd4_ir_day100": "gain\n> 50",
    "sooner_cd4_200": "days\n> 200",
    "gain_trec_day180": "gain\nTREC",
    "homing.homing_fraction": "homing",
    "thymic_capacity.cells_per_seeding": "yield",
    "thymic_capacity.niche_number=fixed": "niche",
}
LABEL = (
    "The label is a mark that only the product's T cells carry: a transgene, or their own receptor sequences."
)
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = "os^Dv<>"
CURVES, EXACT = 6, 8
TOLD = 12  # patients in each arm, of those that are simulated, for the table over all quantities


def show(found: dict[str, Any], quantity: str, console: Console) -> None:
    """Print what is known now, what each measurement would add to `quantity`, and what exact knowledge would."""
    console.print(f"What to measure next in {found['study']} (simulated)", style="bold")
    learnt = "joint draws that data left" if found["knowledge"] == "posterior" else "independent draws"
    drawn, simulated = words.count(found["draws"]), words.count(found["simulated"])
    console.print(f"{drawn} {learnt}, {simulated} virtual patients, seed {found['seed']}\n", style="dim")
    console.print(_now(found))
    console.print()
    console.print(_by_patients(found, quantity))
    console.print()
    console.print(_by_quantity(found, quantity))
    console.print()
    console.print(_exact(found, quantity))
    console.print()
    console.print(f"{LABEL}\n{sentence(found, quantity)}")


def _now(found: dict[str, Any]) -> Any:
    title = "What the product does and what decides it, as far as is known"
    table = plain(title, "", "mean", "standard deviation", "95% interval", "")
    for q in found["quantities"]:
        unit = "log10" if q["scale"] else "share" if q["unit"] == "1" else q["unit"].replace("uL", "µL")
        numbers = (words.number(q[key]) for key in ("mean", "sd"))
        table.add_row(QUANTITIES[q["name"]], *numbers, words.span(q["low"], q["high"]), unit)
    return table


def _by_patients(found: dict[str, Any], quantity: str) -> Any:
    sizes = sorted({m["patients"] for m in found["measurements"]})
    title = f"Cut of the standard deviation, % (95% interval): {QUANTITIES[quantity]}"
    table = plain(title, "patients in each arm", *(str(size) for size in sizes))
    for name, text in ranked(found, quantity):
        cells = (cut(_of(found, name, size)["worth"][quantity]) for size in sizes)
        table.add_row(text, *cells)
    return table


def _by_quantity(found: dict[str, Any], quantity: str) -> Any:
    names = [q["name"] for q in found["quantities"]]
    title = f"The same for all of the above, %, with {TOLD} patients in each arm"
    table = plain(title, "", *(SHORT[name] for name in names))
    for name, text in ranked(found, quantity):
        one = _of(found, name, TOLD)["worth"]
        table.add_row(text, *(f"{100 * one[q]['cut']:.0f}" for q in names))
    return table


def _exact(found: dict[str, Any], quantity: str) -> Any:
    table = plain("If it were known exactly", "", "cut, %", "grade")
    # By the lower end: of so many inputs some look telling by chance.
    rows = sorted(found["exact"], key=lambda row: _lower_first(row["worth"][quantity]))
    for row in rows[:EXACT]:
        table.add_row(words.spoken(row["name"]), cut(row["worth"][quantity]), row["grade"])
    return table


def _lower_first(worth: dict[str, float]) -> tuple[float, float]:
    return (-worth["low"], -worth["cut"])


def ranked(found: dict[str, Any], quantity: str) -> list[tuple[str, str]]:
    """Measurements (name, text), the most telling in `TOLD` patients first."""
    at = [m for m in found["measurements"] if m["patients"] == TOLD]
    return [(m["name"], m["text"]) for m in sorted(at, key=lambda m: -m["worth"][quantity]["cut"])]


def cut(worth: dict[str, float]) -> str:
    """A cut with its interval."""
    low, high = (f"{100 * worth[end]:.0f}" for end in ("low", "high"))
    return f"{100 * worth['cut']:.0f} ({low}\N{EN DASH}{high})"


def sentence(found: dict[str, Any], quantity: str, patients: int = 6) -> str:
    """The answer in words: the most telling measurement of few treated patients."""
    at = [m for m in found["measurements"] if m["patients"] == patients and len(m["arms"]) == 1]
    best = max(at, key=lambda m: m["worth"][quantity]["cut"])
    worth = best["worth"][quantity]
    asked = next(q for q in found["quantities"] if q["name"] == quantity)
    unit = " powers of ten" if asked["scale"] else words.unit(asked["unit"])
    before, after = (words.number(worth[key], 2) for key in ("width_before", "width"))
    return (
        f"With {patients} patients the most telling is {best['text']}: it would cut the standard deviation of the "
        f"{QUANTITIES[quantity].replace('that gain', 'the gain in CD4')} by {cut(worth).replace(' (', '% (')}, "
        f"and the width of its 95% interval from {before} to {after}{unit}."
    )


def _of(found: dict[str, Any], name: str, patients: int) -> dict[str, Any]:
    return next(m for m in found["measurements"] if (m["name"], m["patients"]) == (name, patients))


def draw(found: dict[str, Any], quantity: str, path: Path) -> None:
    """Worth of the most telling measurements by the number of patients, for each quantity, into a picture file."""
    picture_kind(path)
    title = f"What to measure next in {found['study']} (simulated)"
    kept = ranked(found, quantity)[:CURVES]
    with drawing(12.5, 11.5) as page:
        shown = [q["name"] for q in found["quantities"]]
        *axes, legend = panels(page, len(shown) + 1, 3)
        for one, name in zip(axes, shown, strict=True):
            _panel(one, found, name, kept)
        legend.set_axis_off()
        handles, labels = axes[0].get_legend_handles_labels()
        legend.legend(handles, labels, loc="center left", frameon=False, fontsize=8)
        page.suptitle(title, x=0.01, ha="left", fontsize=12)
        said = (
            "Expected cut of the standard deviation, % (95% intervals), by the patients measured in each arm."
        )
        page.supxlabel(said, x=0.01, ha="left", fontsize=8.5, color=SOFT)
        save(page, path, title)


def _panel(axes: Any, found: dict[str, Any], quantity: str, kept: list[tuple[str, str]]) -> None:
    watermark(axes)
    sizes = sorted({m["patients"] for m in found["measurements"]})
    for i, (name, text) in enumerate(kept):
        worths = [_of(found, name, size)["worth"][quantity] for size in sizes]
        y, low, high = ([100 * w[key] for w in worths] for key in ("cut", "low", "high"))
        style = {"color": COLOURS[i], "marker": MARKERS[i], "markersize": 5, "linewidth": 1.6}
        axes.plot(sizes, y, label=_folded(text), **style)
        axes.fill_between(sizes, low, high, color=COLOURS[i], alpha=0.12, linewidth=0)
    axes.set_xscale("log")
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.minorticks_off()
    axes.set_ylim(0, None)
    axes.set_title(QUANTITIES[quantity], fontsize=9, color=INK)
    axes.set_xlabel("patients")


def _folded(text: str) -> str:
    from textwrap import fill

    return fill(text, 34)
