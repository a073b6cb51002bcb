"""Reading files of population targets. Every failure says file, line, field, wanted, got and what to try."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from thymos.io.study_file import build, complaint, compose, read_text
from thymos.io.target_schema import Targets

if TYPE_CHECKING:
    from pathlib import Path

SHOW = "thymos population --show"
EXAMPLE = """\
# A population as published; every figure with its unit. Keys: median, quartiles, mean, above with share,
# within; of traits value with share.
format: 1
title: early CD4 recovery after T-depleted transplant
targets:
  - {of: cd4, day: "100 day", above: "50 cell/uL", share: 0.547, source: vanroessel2020}
  - {of: age, within: ["1 year", "30 year"], median: "10 year", source: assumed}
  - {of: diagnosis, value: aml, share: 0.5, source: assumed}
"""


def read_targets(path: Path) -> Targets:
    """The targets in the file at `path`."""
    return parse_targets(read_text(path, "targets"), str(path))


def parse_targets(text: str, where: str) -> Targets:
    """The targets in `text`; `where` names it in messages."""
    root = compose(text, where, "file of targets", SHOW)
    try:
        return Targets.model_validate(build(root, where))
    except ValidationError as problem:
        raise complaint(problem, root, where) from None
