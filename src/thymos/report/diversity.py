"""How diverse T cells are after transplant, by arm: in numbers of clones, and in where they come from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.canvas import as_svg, drawing, panels, watermark
from thymos.report.diversity_picture import SHARES, legend, panel
from thymos.report.element import Html, figure, folded, named, paragraph, section, table

if TYPE_CHECKING:
    from thymos.io.summary_schema import Difference, Diversity, Quantity
    from thymos.report.stored import Stored

DRAWN = ("receptors", "hill2", "infused", "lineages")
SHOWN = (60, 100, 180, 365)
READ = "families"


def diversity(stored: Stored) -> Html:
    """The section: four measures over time, then the numbers of all."""
    found = stored.summary.diversity
    if found is None:
        return section("diversity", "Diversity of T cells", paragraph("This run has no repertoires."))
    lead = (
        f"Clones of {words.count(found.pairs)} twin pairs, in closed form from each patient's own thymic export, "
        f"division and loss: no cell is drawn. Indices are of {words.count(found.depth)} sequenced T cells. How unlike "
        "bursts and memory clones are is assumed."
    )
    caption = "Line: median patient; band: 95% of patients. Where there is no line, there is too little to say it of."
    return section(
        "diversity",
        "Diversity of T cells",
        paragraph(sentence(found), class_="lead") if found.difference else Html(""),
        paragraph(lead),
        figure(draw(stored, found), caption),
        spectratypes(found),
        folded(
            "Numbers by arm and day",
            *(measure(stored, found, name) for name in found.measures if name != READ),
        ),
    )


def sentence(found: Diversity) -> str:
    """How the arms differ at day 60 and day 100."""
    parts = [
        f"{fold(found.difference[name][day])} the {what} at day {day}"
        for name, what in (("receptors", "receptors"), ("hill2", "effective clones"))
        for day in ("60", "100")
        if day in found.difference[name]
    ]
    return f"With the product, against the twin: {'; '.join(parts)}."


def fold(value: Difference) -> str:
    """A ratio with its interval."""
    if value.median is None:
        return "not known how many times"
    return f"{words.number(value.median)} times ({words.ends(value.low, value.high, words.number)})"


def draw(stored: Stored, found: Diversity) -> Html:
    """One panel for each measure."""
    arms = {arm.name: arm.title for arm in stored.summary.arms}
    with drawing(9.2, 6.4) as page:
        for axes, name in zip(panels(page, len(DRAWN), 2), DRAWN, strict=True):
            watermark(axes)
            panel(axes, *bands({arm: by[name] for arm, by in found.arms.items() if arm in arms}, name), name)
        page.legend(handles=legend(list(arms), arms), loc="outside lower left", ncols=2, frameon=False)
        return as_svg(
            page, "diversity", "Diversity of T cells over time, by arm", "The tables give the numbers."
        )


def bands(by_arm: dict[str, dict[str, Quantity]], name: str) -> tuple[list[float], dict[str, Any]]:
    """Days, and low, middle and high of one measure by arm; not a number where there is none."""
    days = [float(day) for day in next(iter(by_arm.values()))]

    def column(by: dict[str, Quantity], end: str) -> list[float]:
        values = (getattr(value, end) for value in by.values())
        return [math.nan if value is None else value for value in values]

    ends = {"low": "low", "middle": "median", "high": "high"}
    found = {arm: {name: {key: column(by, end) for key, end in ends.items()}} for arm, by in by_arm.items()}
    return days, found


def spectratypes(found: Diversity) -> Html:
    """The V-beta families of each arm on the day on which they are read."""
    parts = [
        f"{arm}: {plain(value, READ)} of 24 families normal at day {day}"
        for arm, by in found.arms.items()
        for day, value in by[READ].items()
        if value.median is not None
    ]
    return paragraph(f"V-beta spectratype (alarm below 13): {'; '.join(parts)}." if parts else "")


def measure(stored: Stored, found: Diversity, name: str) -> Html:
    """Each arm and the comparison on the days of the protocol."""
    days = [day for day in SHOWN if str(day) in next(iter(found.arms.values()))[name]]
    body = [
        (named(i, arm), *(plain(found.arms[arm.name][name][str(day)], name) for day in days))
        for i, arm in enumerate(stored.summary.arms)
    ]
    if found.difference:
        compared = found.difference[name]
        body.append(("Comparison", *(apart(compared[str(day)], name) for day in days)))
    return table(
        title(found.measures[name]), ("", *(words.day_name(day) for day in days)), body, class_="dense"
    )


def title(text: str) -> str:
    """What a measure is, as the head of a table."""
    return text[0].upper() + text[1:]


def plain(value: Quantity, name: str) -> str:
    """Median and 95 % of patients."""
    if value.median is None:
        return "–"
    write = share if name in SHARES else words.number
    return f"{write(value.median)} ({words.ends(value.low, value.high, write)})"


def share(value: float | None) -> str:
    """A share in per cent."""
    return words.number(value) if value is None else words.percent(value)


def apart(value: Difference, name: str) -> str:
    """Times as many, or points apart."""
    if value.median is None:
        return "–"
    if value.unit == "fold":
        return f"× {words.number(value.median)} ({words.ends(value.low, value.high, words.number)})"
    write = words.points if name in SHARES else words.number
    return f"{write(value.median)} ({words.ends(value.low, value.high, write)})"
