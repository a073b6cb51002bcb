"""What published patients say of the recipient, shown: targets, switches, parameters, and how the sampling went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.canvas import drawing, picture_kind, save
from thymos.report.palette import INK, REFERENCE, TREATED
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

CONVERGED = 1.05  # R-hat above it: the populations have not met
LEARNT = (
    0.35  # of a parameter: shift of its middle, or loss of its width, in standard deviations before the fit
)
SHOWN = 24


def show(found: dict[str, Any], console: Console) -> None:
    """Print what `thymos fit recipient` found."""
    console.print("Recipient, learnt from published patients without product", style="bold", markup=False)
    console.print()
    _targets(found["targets"], console)
    console.print()
    table = plain("Switches", "", "share of draws", "of each population")
    for name, s in found["switches"].items():
        apart = ", ".join(words.percent(x) for x in s["by_population"])
        table.add_row(name.replace("=", ": "), words.percent(s["share"]), apart)
    console.print(table)
    console.print()
    table = plain("Parameters that were learnt most about", "", "posterior (95%)", "before", "unit")
    for name, p in learnt(found["parameters"])[:SHOWN]:
        table.add_row(name, _interval(p), _interval(p["prior"]), p["unit"])
    console.print(table)
    console.print()
    _sampling(found, console)


def learnt(parameters: dict[str, dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Parameters of which the data say more than a little, most first."""

    def much(p: dict[str, Any]) -> float:
        return abs(float(p["shift"])) + max(0.0, 1 - float(p["width"]))

    ordered = sorted(parameters.items(), key=lambda item: -much(item[1]))
    return [(name, p) for name, p in ordered if much(p) > LEARNT]


def _targets(targets: list[dict[str, Any]], console: Console) -> None:
    table = plain("Targets", "", "posterior (95%)", "published (range)", "before the fit", "", "")
    for t in targets:
        unit = words.unit(t["unit"])
        published = f"{words.number(t['published'])} ({words.span(t['published_low'], t['published_high'])})"
        use = "fitted" if t["use"] == "calibrate" else "checked"
        table.add_row(
            t["text"], _interval(t["posterior"]) + unit, published, _interval(t["prior"]), use, t["verdict"]
        )
    console.print(table)


def _interval(x: dict[str, float]) -> str:
    return f"{words.number(x['median'])} ({words.span(x['low'], x['high'])})"


def _sampling(found: dict[str, Any], console: Console) -> None:
    s = found["sampling"]
    met = (
        "the populations met"
        if s["rhat"] < CONVERGED
        else "the populations have NOT met: more --moves or --members"
    )
    different = " and ".join(words.count(n) for n in s["different"])
    stages = " and ".join(str(n) for n in s["stages"])
    console.print(
        f"{len(s['stages'])} populations of {words.count(found['members'])} draws, {stages} stages; "
        f"{different} different draws; R-hat at most {s['rhat']:.3f}, {met}."
    )


def draw(found: dict[str, Any], path: Path) -> None:
    """Each target: before the fit, after it, and as published; relative to the published value."""
    picture_kind(path)
    targets = [t for t in found["targets"] if t["published"] > 0]
    with drawing(9.2, 0.36 * len(targets) + 1.4) as page:
        axes = page.subplots()
        for place, t in enumerate(reversed(targets)):
            _line(axes, t, place)
        axes.set_xscale("log")
        axes.set_xlim(0.05, 20)
        axes.axvline(1, color=INK, linewidth=0.8)
        axes.set_yticks(range(len(targets)), [t["text"] for t in reversed(targets)], fontsize=8.5)
        axes.set_xlabel("predicted over published")
        axes.legend(loc="lower right", frameon=False, fontsize=8.5)
        title = "Recipient without product: what was published, believed before, and learnt"
        page.suptitle(title, x=0.01, ha="left", fontsize=12)
        save(page, path, title)


def _line(axes: Any, t: dict[str, Any], place: int) -> None:
    first = place == 0
    ends = (max(t["published_low"], 1e-9) / t["published"], t["published_high"] / t["published"])
    axes.plot(
        ends,
        (place, place),
        color=REFERENCE,
        linewidth=9,
        alpha=0.35,
        solid_capstyle="butt",
        label="published range" if first else None,
    )
    for key, height, width, label in (
        ("prior", 0.22, 1.0, "before, 95%"),
        ("posterior", -0.05, 2.6, "after, 95%"),
    ):
        x = [max(t[key][end], 1e-9) / t["published"] for end in ("low", "median", "high")]
        axes.plot(
            (x[0], x[2]),
            (place + height,) * 2,
            color=TREATED[0].colour if key == "posterior" else INK,
            linewidth=width,
            label=label if first else None,
        )
        axes.plot(
            x[1], place + height, "o", color=TREATED[0].colour if key == "posterior" else INK, markersize=4
        )
