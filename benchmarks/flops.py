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
_TARGET = re.compile(r"label %\"(\S+?)\"")
_BEGIN = re.compile(r"phi  ?i64 \[(\d+), ")
_END = re.compile(r"icmp ult i64 .*, (\d+)$")
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


def bodies(text: str, roots: Iterable[str]) -> dict[str, Body]:
    """The named functions of a module of LLVM IR, and all that they call.

    Raises `ValueError` at a loop whose length is not written as a number.
    """
    known = {name: lines.splitlines() for name, lines in _FUNCTION.findall(text)}
    found: dict[str, Body] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _body(name, _blocks(known[name]))
            waiting += [other for other, _ in found[name].calls]
    return found


def _body(function: str, blocks: dict[str, list[str]]) -> Body:
    repeats = dict.fromkeys(blocks, 1)
    for head, last in _closing(blocks):
        trips = _trips(function, blocks[head], blocks[last])
        for inside in _loop(blocks, head, last):
            repeats[inside] *= trips
    own, calls = Count(), dict[str, int]()
    for name, block in blocks.items():
        for line in block:
            flops = len(_SINGLE.findall(line)) + 2 * len(_FUSED.findall(line))
            own += repeats[name] * Count(flops, line.count("= fdiv "))
            if called := _CALL.search(line):
                calls[called[1]] = calls.get(called[1], 0) + repeats[name]
    return Body(own, tuple(calls.items()), any(_closing(blocks)))


def _blocks(lines: list[str]) -> dict[str, list[str]]:
    blocks: dict[str, list[str]] = {}
    for line in lines:
        if label := _LABEL.match(line):
            block = blocks.setdefault(label[1].strip('"'), [])
        elif line.strip():
            block.append(line)
    return blocks


def _closing(blocks: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """(first, last) block of every loop: the last leads back to a block on the way to itself."""
    way: list[tuple[str, Iterator[str]]] = []
    seen = set()
    following = next(iter(blocks), None)
    while following or way:
        if following and following not in seen:
            seen.add(following)
            way.append((following, iter(_TARGET.findall(blocks[following][-1]))))
        elif following and any(following == name for name, _ in way):
            yield following, way[-1][0]
        following = next(way[-1][1], None)
        if following is None:
            way.pop()


def _loop(blocks: dict[str, list[str]], head: str, last: str) -> set[str]:
    """The blocks from which the last is reached without passing the first."""
    inside, waiting = {head}, [last]
    while waiting:
        name = waiting.pop()
        if name not in inside:
            inside.add(name)
            waiting += [other for other, block in blocks.items() if name in _TARGET.findall(block[-1])]
    return inside


def _trips(function: str, head: list[str], last: list[str]) -> int:
    """From the first value of the index to the number it is compared with."""
    begins = [int(found[1]) for line in head if (found := _BEGIN.search(line))]
    ends = [int(found[1]) for line in (*head, *last) if (found := _END.search(line))]
    if len(begins) != 1 or not ends:
        raise ValueError(f"{function}: a loop without a first and last number: {head}")
    return ends[-1] - begins[0]


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
    functions = bodies(module_text(a, host.width), (*STEP, *OUTPUT))
    counted = machine_counts(assembly(a, host))
    found = {name: counted[name] for name, body in functions.items() if not body.loops and name in counted}
    return Work(functions, {name: count for name, count in found.items() if count.flops})
