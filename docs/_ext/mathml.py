"""Equations as MathML, which browsers draw themselves: the built pages ask no other host for a script."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging

log = logging.getLogger(__name__)


def markup(node: nodes.Node, display: str) -> str:
    """The equation of `node` as a `<math>` element; where it cannot be read, a warning with the place."""
    text = " ".join(node.astext().split())
    try:
        return str(convert(text, display=display))
    except Exception as problem:  # the converter's own errors share no base class
        log.warning("cannot read the equation %r: %r", text, problem, location=node)
        return f"<code>{text}</code>"


def visit_inline(self: Any, node: nodes.Node) -> None:
    """Write an equation within a line."""
    self.body.append(markup(node, "inline"))
    raise nodes.SkipNode


def visit_display(self: Any, node: nodes.Node) -> None:
    """Write an equation on lines of its own."""
    self.body.append(f'<div class="math">{markup(node, "block")}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Offer the renderer under the name `mathml`."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
