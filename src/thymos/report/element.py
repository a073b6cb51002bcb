"""HTML as nested calls. Text is escaped unless it is an `Html` already."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from thymos.io.summary_schema import Arm

VOID = {"meta", "link", "br", "hr", "col"}


class Html(str):
    """Markup that is not to be escaped again."""

    __slots__ = ()


def join(parts: Iterable[str], between: str = "") -> Html:
    """The parts one after the other, text among them escaped."""
    return Html(between.join(part if isinstance(part, Html) else escape(part, quote=False) for part in parts))


def tag(name: str, /, *children: str, **attributes: str | int | float) -> Html:
    """One element; `class_` stands for class, and `_` in other names for a hyphen."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"' for key, value in attributes.items()
    )
    return Html(f"<{name}{written}>") if name in VOID else Html(f"<{name}{written}>{join(children)}</{name}>")


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], class_: str = "") -> Html:
    """A data table; the first cell of each row names it. A row of one cell heads the rows below it."""
    header = tag("tr", *(tag("th", cell, scope="col") for cell in head))
    body = [
        tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:]))
        if len(row) > 1
        else tag("tr", tag("th", row[0], scope="rowgroup", colspan=len(head)), class_="group")
        for row in rows
    ]
    inner = tag("table", tag("caption", caption), tag("thead", header), tag("tbody", *body), class_=class_)
    return tag("div", inner, class_="scroll", tabindex=0, role="region", aria_label=caption)


def figure(drawing: Html, caption: str, *behind: Html) -> Html:
    """A drawing with its caption, and the numbers behind it folded below."""
    return tag("figure", drawing, tag("figcaption", caption), *behind)


def folded(title: str, *inside: Html) -> Html:
    """Something that opens on demand."""
    return tag("details", tag("summary", title), *inside)


def section(key: str, title: str, *inside: Html) -> Html:
    """A numbered part of the page, with an anchor."""
    return tag(
        "section", tag("h2", title, id=f"{key}-title"), *inside, id=key, aria_labelledby=f"{key}-title"
    )


def paragraph(*text: str, class_: str = "") -> Html:
    """Running text."""
    return tag("p", *text, class_=class_) if class_ else tag("p", *text)


def named(i: int, arm: Arm) -> Html:
    """The title of an arm, with the mark of its colour."""
    return join((tag("span", "", class_=f"mark{i}", aria_hidden="true"), arm.title))
