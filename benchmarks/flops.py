"""The floating-point operations of one step and one output of a system, counted in the code of its kernel.

Counted is the code as it is handed to LLVM, calls and loops followed: one for an addition, a subtraction, a
multiplication, a division or a square root, so two for a fused multiply-add; nothing for moves, comparisons, changes
of sign and whole numbers. exp and log stand there written out and count what they do. LLVM finds operations that need
not be done, so every function without a loop is counted a second time, in its machine code, and the lower count holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from thymos.engine.algebra import Algebra
from thymos.engine.host import Host
from thymos.engine.object_code import assembly, module_text

# What a kernel is called for once a step, and once an output time.
STEP, OUTPUT = ("attempt", "conclude"), ("dense", "interpolate", "observe")

_FUNCTION = re.compile(r"^define void @\"(\w+)\".*?\n\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_LABEL = re.compile(r"^(\S+):$")
_BACK = re.compile(r"br i1 .*?, label %\"(\S+?)\", label")
_TARGET = re.compile(r"label %\"(\S+?)\"")
_TRIPS = re.compile(r"icmp ult i64 .*, (\d+)$")
_CALL = re.compile(r"call void @\"(\w+)\"")
_SINGLE = re.compile(r"= f(?:add|sub|mul|div) |@\"llvm\.sqrt\.")
_FUSED = re.compile(r"@\"llvm\.fmuladd\.")
_MACHINE = re.compile(r"^\s+v?(fn?m(?:add|sub)\d{3}|add|sub|mul|div|sqrt)p[ds]\s", re.MULTILINE)


@dataclass(frozen=True)
class Count:
    """Operations on one patient; divisions are among the flops, and told apart since each takes as long as many."""

    flops: int = 0
    divisions: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.flops + other.flops, self.divisions + other.divisions)

    def __rmul__(self, times: int) -> Count:
        return Count(times * self.flops, times * self.divisions)


def total(counts: Iterable[Count]) -> Count:
    """Their sum."""
    return sum(counts, start=Count())


@dataclass(frozen=True)
class Body:
    """What one call of a function does itself, and how often it calls the others."""

    own: Count
    calls: tuple[tuple[str, int], ...]
    loops: bool


def bodies(text: str) -> dict[str, Body]:
    """Every function of a module of LLVM IR as the kernels' emitter writes it: straight code and counted loops."""
    return {name: _body(lines.splitlines()) for name, lines in _FUNCTION.findall(text)}


def _body(lines: list[str]) -> Body:
    blocks = _blocks(lines)
    repeats = dict.fromkeys(blocks, 1)
    for name, block in blocks.items():
        back = _BACK.search(block[-1])
        if back and name in (loop := _loop(blocks, back[1], name)):
            trips = next(int(found[1]) for line in reversed(block) if (found := _TRIPS.search(line)))
            for inside in loop:
                repeats[inside] *= trips
    own, calls = Count(), dict[str, int]()
    for name, block in blocks.items():
        for line in block:
            flops = len(_SINGLE.findall(line)) + 2 * len(_FUSED.findall(line))
            own += repeats[name] * Count(flops, line.count("= fdiv "))
            if called := _CALL.search(line):
                calls[called[1]] = calls.get(called[1], 0) + repeats[name]
    return Body(own, tuple(calls.items()), max(repeats.values()) > 1)


def _blocks(lines: list[str]) -> dict[str, list[str]]:
    blocks: dict[str, list[str]] = {}
    for line in lines:
        if label := _LABEL.match(line):
            block = blocks.setdefault(label[1].strip('"'), [])
        elif line.strip():
            block.append(line)
    return blocks


def _loop(blocks: dict[str, list[str]], first: str, last: str) -> set[str]:
    """The blocks of the loop that a branch from its last to its first block closes; empty if it closes none."""
    inside, waiting = {first}, [last]
    while waiting:
        name = waiting.pop()
        if name not in inside:
            inside.add(name)
            waiting += [other for other, block in blocks.items() if name in _TARGET.findall(block[-1])]
    entry = next(iter(blocks))
    return set() if entry in inside - {first} else inside


def machine_counts(text: str) -> dict[str, Count]:
    """Vector instructions by function of x86 assembly; true of one call only where there is no loop."""
    parts = re.split(r"(?m)^(\w+):", text)
    return {name: _machine_count(body) for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def _machine_count(body: str) -> Count:
    found = _MACHINE.findall(body)
    return Count(len(found) + sum(i.startswith("f") for i in found), sum(i == "div" for i in found))


@dataclass(frozen=True)
class Work:
    """The functions of a kernel, and what one call of each does itself: `written` in IR, `left` by LLVM."""

    functions: dict[str, Body]
    left: dict[str, Count]

    def written(self, name: str) -> Count:
        """One call, the calls it makes included, as handed to LLVM."""
        body = self.functions[name]
        return body.own + total(times * self.written(other) for other, times in body.calls)

    def least(self, name: str) -> Count:
        """The same, with the lower of the two counts where there are two."""
        body = self.functions[name]
        own = min(body.own, self.left.get(name, body.own), key=lambda count: count.flops)
        return own + total(times * self.least(other) for other, times in body.calls)

    def straight(self) -> Iterator[tuple[str, Count, Count]]:
        """(function, written, left) of those without loops that calculate."""
        for name, body in self.functions.items():
            if name in self.left and body.own.flops:
                yield name, body.own, self.left[name]

    @property
    def step(self) -> Count:
        """One step tried."""
        return total(map(self.least, STEP))

    @property
    def step_as_written(self) -> Count:
        """One step tried, before LLVM has looked at it."""
        return total(map(self.written, STEP))

    @property
    def output(self) -> Count:
        """One output time."""
        return total(map(self.least, OUTPUT))


def work(a: Algebra, host: Host) -> Work:
    """Count the kernel of a system; on other processors than x86 there is no second count."""
    functions = bodies(module_text(a, host.width))
    counted = machine_counts(assembly(a, host))
    found = {name: counted[name] for name, body in functions.items() if not body.loops and name in counted}
    return Work(functions, {name: count for name, count in found.items() if count.flops})
