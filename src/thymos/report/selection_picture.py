"""What another threshold would mean, drawn: survival, and recognition of self and foreign, over E_n."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.canvas import drawing, picture_kind, save
from thymos.report.palette import INK, REFERENCE, SOFT, TREATED, TWIN, Style

if TYPE_CHECKING:
    from pathlib import Path

KINDS = {
    "foreign": ("foreign peptide", TREATED[0]),
    "neoantigen": ("neo-antigen", TREATED[1]),
    "hidden_self": ("self that the thymus does not present", TWIN),
    "unselected": ("foreign peptide, by a receptor before selection", Style(SOFT, (1, 1.5), "D")),
}
SHARES = {"deleted": "deleted", "survives": "survive", "neglected": "neglected"}
COLOURS = {"deleted": "#D55E00", "survives": "#0072B2", "neglected": "#c9d1d9"}
TITLE = "Thymic selection over the threshold of deletion (simulated)"


def draw(found: dict[str, Any], path: Path) -> None:
    """Write the picture that the file name asks for."""
    picture_kind(path)
    with drawing(8.6, 6.4) as page:
        compose(page, found)
        save(page, path, TITLE)


def compose(page: Any, found: dict[str, Any]) -> None:
    """Recognition above, shares below, one axis of thresholds."""
    top, bottom = page.subplots(2, 1, sharex=True, height_ratios=(1.7, 1))
    course, at = found["course"], found["thresholds"]["negative"]
    recognised(top, course)
    counted(top, found)
    outcomes(bottom, course)
    for axes in (top, bottom):
        axes.axvline(at, color=INK, linewidth=1.2, linestyle=(0, (4, 2)), zorder=4)
    top.annotate(
        f"present threshold {words.number(at, 4)} kT", (at, 1), xycoords=("data", "axes fraction"),
        xytext=(5, -12), textcoords="offset points", fontsize=8.5, color=INK,
    )  # fmt: skip
    bottom.set_xlabel("threshold of deletion E_n [kT]; stronger bonds to the left")
    page.suptitle(f"Thymic selection, one host, energies: {found['energies']} (simulated)", x=0.01, ha="left")


def recognised(axes: Any, course: dict[str, Any]) -> None:
    """Chance of recognition, for each kind of peptide."""
    for key, (name, style) in KINDS.items():
        # A logarithmic axis has no place for what was never seen.
        chance = [x or float("nan") for x in course["recognition"].get(key, [])]
        if chance:
            axes.plot(
                course["threshold"], chance, color=style.colour, linestyle=style.line, linewidth=2, label=name
            )
    axes.set_yscale("log")
    axes.set_ylabel("chance that a cell recognises one")
    axes.set_title("Recognition")


def counted(axes: Any, found: dict[str, Any]) -> None:
    """The range of frequencies that was counted in people."""
    (row,) = (row for row in found["checks"] if row["name"] == "foreign_recognition")
    axes.axhspan(
        row["low"],
        row["high"],
        color=REFERENCE,
        alpha=0.25,
        linewidth=0,
        label="precursors counted in people",
    )
    axes.legend(frameon=False, fontsize=8.5, loc="lower right")


def outcomes(axes: Any, course: dict[str, Any]) -> None:
    """What becomes of receptors, as shares of one."""
    parts = [course["shares"][key] for key in SHARES]
    colours = [COLOURS[key] for key in SHARES]
    axes.stackplot(course["threshold"], *parts, colors=colours, labels=list(SHARES.values()), linewidth=0)
    axes.set_ylim(0, 1)
    axes.set_xlim(course["threshold"][0], course["threshold"][-1])
    axes.set_ylabel("share of receptors")
    axes.set_title("Outcome")
    axes.legend(fontsize=8.5, loc="upper left", framealpha=0.85, edgecolor="none")
