"""From algebra to machine code, and from machine code to addresses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thymos.engine.algebra import Algebra
    from thymos.engine.host import Host
    from thymos.engine.vector import VectorFunction

# The functions the driver calls, in the order of the addresses it is given; the last stands in for the first where
# the linear solves need pivoting.
ENTRIES = ("attempt", "dense", "interpolate", "conclude", "observe", "starts", "jumps", "attempt_pivoted")


def module_text(a: Algebra, width: int) -> str:
    """All functions of one model as LLVM IR."""
    import llvmlite.ir as ir

    from thymos.engine import model_code, step_code

    module = ir.Module("thymos")
    parts = {
        make.__name__: make(module, a, width)
        for make in (
            model_code.clock,
            model_code.rhs,
            model_code.jacobian,
            model_code.factorise,
            model_code.solve,
            model_code.defect,
        )
    }
    parts["error"] = step_code.error(module, a, width)
    parts["step"] = step_code.step(module, a, width, parts, "step", len(a.elimination.slots))
    step_code.attempt(module, a, width, parts, "attempt")
    _pivoted(module, a, width, parts)
    for make in (step_code.dense, step_code.interpolate, step_code.conclude):
        make(module, a, width)
    for make in (model_code.observe, model_code.starts, model_code.jumps):
        make(module, a, width)
    return with_full_vectors(str(module), width)


def _pivoted(module: Any, a: Algebra, width: int, parts: dict[str, VectorFunction]) -> None:
    """The same step with dense, pivoted solves; beyond the size they can be had for, the plain one again."""
    from thymos.engine import pivoted_code, step_code

    if a.jacobian.order <= pivoted_code.MOST_UNKNOWNS:
        parts |= {
            make.__name__: make(module, a, width) for make in (pivoted_code.factorise, pivoted_code.solve)
        }
        parts["step"] = step_code.step(module, a, width, parts, "step_pivoted", pivoted_code.length(a))
    step_code.attempt(module, a, width, parts, "attempt_pivoted")


def with_full_vectors(text: str, width: int) -> str:
    """Ask for whole vectors in every function; llvmlite has no call for attributes with a value."""
    bits = min(64 * width, 512)
    group = f'attributes #0 = {{ "prefer-vector-width"="{bits}" "min-legal-vector-width"="{bits}" "stackrealign" }}'
    return re.sub(r"(?m)^(define void @.*\))", r"\1 #0", text) + "\n" + group + "\n"


def _optimised(text: str, host: Host) -> tuple[Any, Any]:
    """The target machine and the module after LLVM's passes."""
    import llvmlite.binding as llvm

    machine = host.machine()
    module = llvm.parse_assembly(text)
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    # Everything is a vector already.
    options.loop_vectorization = options.slp_vectorization = False
    passes = llvm.create_pass_builder(machine, options)
    passes.getModulePassManager().run(module, passes)
    return machine, module


def object_code(a: Algebra, host: Host) -> bytes:
    """The functions as an object file for the host."""
    return compiled(module_text(a, host.width), host)


def compiled(text: str, host: Host) -> bytes:
    """LLVM IR as an object file for the host."""
    machine, module = _optimised(text, host)
    return bytes(machine.emit_object(module))


def assembly(a: Algebra, host: Host) -> str:
    """The functions as assembly, to be read."""
    machine, module = _optimised(module_text(a, host.width), host)
    return str(machine.emit_assembly(module))


def load(code: bytes, host: Host, entries: Sequence[str] = ENTRIES) -> tuple[Any, list[int]]:
    """Put object code into memory: LLVM's engine, which has to be kept, and the addresses of `entries`."""
    import llvmlite.binding as llvm

    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), host.machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine, [engine.get_function_address(name) for name in entries]
