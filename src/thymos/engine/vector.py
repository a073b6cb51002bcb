"""One function of vector arithmetic in LLVM IR: W patients side by side, each operation on all of them.

Lanes never mix: every operation acts on each lane alone, so a patient's bits do not depend on its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import llvmlite.ir as ir

DOUBLE, INT64 = ir.DoubleType(), ir.IntType(64)

# Never nnan or ninf: a NaN has to reach the step test. `reassoc` and `arcp` let LLVM shorten sums, quotients.
LOOSE = ("nsz", "arcp", "contract", "reassoc")


class VectorFunction:
    """Builds `void name(vector pointers)`; pointers must be aligned to 8 W bytes and must not overlap."""

    def __init__(self, module: Any, name: str, arguments: Iterable[str], width: int) -> None:
        names = tuple(arguments)
        self.module, self.width = module, width
        self.vector = ir.VectorType(DOUBLE, width)
        self.integers = ir.VectorType(INT64, width)
        pointers = [self.vector.as_pointer()] * len(names)
        self.function = ir.Function(module, ir.FunctionType(ir.VoidType(), pointers), name)
        self.function.attributes.add("noinline")
        self.builder = ir.IRBuilder(self.function.append_basic_block())
        for argument in self.function.args:
            argument.add_attribute("noalias")
        self.arguments = dict(zip(names, self.function.args, strict=True))

    def number(self, x: float) -> Any:
        """The number x in every lane."""
        return ir.Constant(self.vector, [float(x)] * self.width)

    def whole(self, x: int) -> Any:
        """The 64-bit integer x in every lane."""
        return ir.Constant(self.integers, [x] * self.width)

    def at(self, pointer: Any, index: Any) -> Any:
        """Address of the vector number `index` (a Python int or an IR integer)."""
        return self.builder.gep(pointer, [ir.Constant(INT64, index) if isinstance(index, int) else index])

    def load(self, pointer: Any, index: Any = 0) -> Any:
        """Vector number `index` behind the pointer."""
        return self.builder.load(self.at(pointer, index), align=8 * self.width)

    def store(self, value: Any, pointer: Any, index: Any = 0) -> None:
        """Write the vector number `index` behind the pointer."""
        self.builder.store(value, self.at(pointer, index), align=8 * self.width)

    def scratch(self, vectors: int) -> Any:
        """Memory for `vectors` vectors, until the function returns."""
        pointer = self.builder.alloca(self.vector, ir.Constant(INT64, max(vectors, 1)))
        pointer.align = 8 * self.width
        return pointer

    def add(self, x: Any, y: Any) -> Any:
        """x + y."""
        return self.builder.fadd(x, y, flags=LOOSE)

    def sub(self, x: Any, y: Any) -> Any:
        """x - y."""
        return self.builder.fsub(x, y, flags=LOOSE)

    def mul(self, x: Any, y: Any) -> Any:
        """x * y."""
        return self.builder.fmul(x, y, flags=LOOSE)

    def div(self, x: Any, y: Any) -> Any:
        """x / y."""
        return self.builder.fdiv(x, y, flags=LOOSE)

    def neg(self, x: Any) -> Any:
        """-x."""
        return self.builder.fneg(x)

    def less(self, x: Any, y: Any) -> Any:
        """Lanes where x < y; false where either is NaN."""
        return self.builder.fcmp_ordered("<", x, y)

    def choose(self, where: Any, x: Any, y: Any) -> Any:
        """x in the lanes `where`, y in the others."""
        return self.builder.select(where, x, y)

    def larger(self, x: Any, y: Any) -> Any:
        """The larger of x and y; x where either is NaN."""
        return self.choose(self.less(x, y), y, x)

    def smaller(self, x: Any, y: Any) -> Any:
        """The smaller of x and y; x where either is NaN."""
        return self.choose(self.less(y, x), y, x)

    def intrinsic(self, name: str, *values: Any) -> Any:
        """An LLVM intrinsic over vectors, such as `sqrt` or `fabs`."""
        full = f"llvm.{name}.v{self.width}f64"
        kind = ir.FunctionType(self.vector, [self.vector] * len(values))
        return self.builder.call(
            self.module.globals.get(full) or ir.Function(self.module, kind, full), values
        )

    def fma(self, x: Any, y: Any, z: Any) -> Any:
        """x * y + z, fused where the host can."""
        return self.intrinsic("fmuladd", x, y, z)

    def combination(self, terms: Iterable[tuple[float, Any]]) -> Any:
        """Sum of number x vector; terms with the number 0 are left out."""
        total = None
        for factor, value in terms:
            if factor:
                part = self.mul(self.number(factor), value)
                total = part if total is None else self.add(total, part)
        return self.number(0.0) if total is None else total

    def splat(self, index: Any) -> Any:
        """An IR integer as a number in every lane."""
        number = self.builder.sitofp(index, DOUBLE)
        one = self.builder.insert_element(
            ir.Constant(self.vector, ir.Undefined), number, ir.Constant(INT64, 0)
        )
        mask = ir.Constant(ir.VectorType(ir.IntType(32), self.width), [0] * self.width)
        return self.builder.shuffle_vector(one, ir.Constant(self.vector, ir.Undefined), mask)

    @contextmanager
    def loop(self, end: Any, first: Any = 0, totals: int = 0) -> Iterator[tuple[Any, list[Any]]]:
        """Repeat the body for an index from `first` to `end` - 1, Python ints or IR integers.

        Yields the index as an IR integer and a list of vectors that begin at 0; what the body puts into the list
        is carried to the next turn, and after the loop the list holds the last values.
        """
        bounds = [ir.Constant(INT64, x) if isinstance(x, int) else x for x in (first, end)]
        before = self.builder.block
        head, body, after = (self.builder.append_basic_block() for _ in range(3))
        self.builder.branch(head)
        self.builder.position_at_end(head)
        index = self.builder.phi(INT64)
        index.add_incoming(bounds[0], before)
        begun = [self.builder.phi(self.vector) for _ in range(totals)]
        self.builder.cbranch(self.builder.icmp_unsigned("<", index, bounds[1]), body, after)
        self.builder.position_at_end(body)
        carried = list(begun)
        yield index, carried
        index.add_incoming(self.builder.add(index, ir.Constant(INT64, 1)), self.builder.block)
        for phi, value in zip(begun, carried, strict=True):
            phi.add_incoming(self.number(0.0), before)
            phi.add_incoming(value, self.builder.block)
        carried[:] = begun
        self.builder.branch(head)
        self.builder.position_at_end(after)

    def call(self, other: VectorFunction, *pointers: Any) -> None:
        """Call another function of the same module."""
        self.builder.call(other.function, pointers)

    def done(self) -> VectorFunction:
        """Close the function."""
        self.builder.ret_void()
        return self
