"""The trial at its registered size: how often would it show what the model says?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from thymos.report import words
from thymos.report.element import Html, paragraph, section, table, tag

if TYPE_CHECKING:
    from thymos.io.summary_schema import RegisteredSize
    from thymos.report.stored import Stored


def power(stored: Stored) -> Html:
    """The section: ten times ten replicate trials, those that succeed filled in, then the numbers."""
    size = stored.summary.registered_size
    title = "The trial at its registered size"
    if size is None:
        return section("power", title, paragraph("This study names no registered size."))
    needed = (
        f"{size.critical_value} or more responders reject"
        if size.critical_value <= size.n
        else "not even a response in every patient rejects"
    )
    text = (
        f"With n = {size.n} and a one-sided level of {words.number(100 * size.alpha)}%, {needed} a rate of "
        f"{words.percent(size.reference_rate)} ({reference(size)}) for “{words.endpoint(size.endpoint)}”. "
        f"Of {words.count(size.replicates)} such trials drawn from the virtual patients, "
        f"{words.percent(size.power.p)} do."
    )
    body = [
        ("Power", words.proportion(size.power), f"{words.count(size.power.n)} trials"),
        (
            "The same without the product: untreated twins",
            words.proportion(size.untreated),
            f"{words.count(size.untreated.n)} trials",
        ),
        ("Type I error, if the true rate is the reference", words.percent(size.type_one_error), "exact"),
    ]
    numbers = table("Replicate trials (95% interval)", ("", "Share that reject", "From"), body)
    picture = tag("div", dots(size), paragraph(text, class_="beside"), class_="power")
    return section("power", title, picture, numbers)


def reference(size: RegisteredSize) -> str:
    """Whose rate is to be rejected."""
    return (
        "that of the untreated twins"
        if size.reference == "untreated-twins"
        else f"published, {size.reference}"
    )


def dots(size: RegisteredSize) -> Html:
    """A hundred trials, the successful ones filled."""
    filled = round(100 * size.power.p)
    circles = [
        tag(
            "circle", cx=9 + 18 * (i % 10), cy=9 + 18 * (i // 10), r=6.4, class_="yes" if i < filled else "no"
        )
        for i in range(100)
    ]
    title = f"{filled} of 100 trials with {size.n} patients would reject the reference rate"
    return tag(
        "svg",
        tag("title", title),
        *circles,
        viewBox="0 0 180 180",
        role="img",
        class_="dots",
        aria_label=title,
    )
