"""Write a fitted value into its row; nothing else in the file moves."""

from __future__ import annotations

import re

from thymos.evidence.bibliography import ASSUMED
from thymos.evidence.value import Value
from thymos.lang.errors import EvidenceError


def revised(text: str, value: Value, new: float) -> str:
    """The `.toml` text with `value` of one row replaced, and its grade set to calibrated if it rests on a source.

    new : in the unit the model declares; the row's unit has to be the same, as fits are made in it
    """
    name = value.name.split(".", 1)[1]
    table = re.search(rf"(?ms)^\[{re.escape(name)}\]\n.*?(?=^\[|\Z)", text)
    if table is None:
        raise EvidenceError(str(value.file), f"a table [{name}]", "none")
    row = re.sub(r"(?m)^(value\s*=\s*).*$", rf"\g<1>{new:.6g}", table[0], count=1)
    if value.source != ASSUMED:
        row = re.sub(r"(?m)^(grade\s*=\s*).*$", r'\g<1>"calibrated"', row, count=1)
    return text[: table.start()] + row + text[table.end() :]
