"""The infusion that was chosen, among all that were looked at, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.lang.errors import StudyError
from thymos.report import words
from thymos.report.canvas import drawing, panels, save
from thymos.report.infusion_choice import aim
from thymos.report.infusion_map import MAP
from thymos.report.palette import INK, SOFT, TWIN

if TYPE_CHECKING:
    from pathlib import Path


def draw(found: dict[str, Any], path: Path) -> None:
    """Score over dose and day for each number of infusions; what is as good, and what is chosen."""
    if "looked_at" not in found:
        raise StudyError("option --plot", "a choice to draw", "none was made", "the message above says why")
    numbers = sorted({one["doses"] for one in found["looked_at"]})
    with drawing(4.6 * len(numbers) + 1.0, 4.3) as page:
        grid = panels(page, len(numbers), len(numbers))
        ends = [one["score"] for one in found["looked_at"]]
        for axes, number in zip(grid, numbers, strict=True):
            mesh = _panel(axes, found, number, (min(ends), max(ends)))
        label = (
            "share of patients"
            if found["aim"]["kind"] == "reach"
            else f"mean gain [{words.axis(found['aim']['unit'])}]"
        )
        page.colorbar(mesh, ax=grid, label=label)
        page.suptitle(
            f"{found['title']} (simulated)\n{aim(found)}", fontsize=9.5, x=0.01, ha="left", color=INK
        )
        key = "Squares: looked at. Star: chosen. Circles: as good. Crosses: against a limit."
        page.supxlabel(key, fontsize=7.5, x=0.01, ha="left", color=SOFT)
        save(page, path, found["title"])


def _panel(axes: Any, found: dict[str, Any], number: int, ends: tuple[float, float]) -> Any:
    mine = [one for one in found["looked_at"] if one["doses"] == number]
    x, y, z = ([one[k] for one in mine] for k in ("total", "day", "score"))
    mesh = axes.scatter(
        x, y, c=z, cmap=MAP, vmin=ends[0], vmax=ends[1], s=90, marker="s", edgecolors=SOFT, linewidths=0.3
    )
    against = [one for one in mine if not one["allowed"]]
    axes.scatter(
        [o["total"] for o in against],
        [o["day"] for o in against],
        marker="x",
        color=SOFT,
        s=30,
        linewidths=0.8,
    )
    good = [one for one in found["as_good"] if one["doses"] == number and found["verdict"] == "found"]
    axes.scatter(
        [o["total"] for o in good],
        [o["day"] for o in good],
        s=34,
        facecolors="none",
        edgecolors=TWIN.colour,
        linewidths=1.3,
    )
    if found["chosen"]["doses"] == number:
        axes.scatter(
            found["chosen"]["total"],
            found["chosen"]["day"],
            marker="*",
            s=210,
            color=TWIN.colour,
            edgecolors="white",
        )
    axes.set_xscale("log")
    axes.set_xlabel("cells/kg in all")
    axes.set_ylabel("day of the first infusion")
    axes.set_title(
        "one infusion" if number == 1 else f"two infusions, {found['choices']['gap']:g} days apart"
    )
    return mesh
