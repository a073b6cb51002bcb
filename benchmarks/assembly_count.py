"""The same count from the machine code: vector instructions of the functions without a loop, as LLVM left them."""

from __future__ import annotations

import re

from flops import Count
from thymos.engine.algebra import Algebra
from thymos.engine.host import Host
from thymos.engine.object_code import assembly

_ARITHMETIC = re.compile(r"^\s+v?(fn?m(?:add|sub)\d{3}|add|sub|mul|div|sqrt)pd\s", re.MULTILINE)


def assembly_count(a: Algebra, host: Host) -> dict[str, Count]:
    """Operations on one patient by name of function; an x86 processor's instructions."""
    parts = re.split(r"(?m)^(\w+):", assembly(a, host))
    return {name: of_text(body) for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def of_text(body: str) -> Count:
    """Operations of a piece of assembly without loops; a fused instruction counts two."""
    found = _ARITHMETIC.findall(body)
    fused, divisions = sum(i.startswith("f") for i in found), sum(i == "div" for i in found)
    return Count(len(found) + fused, divisions)
