"""The jump process from the same transitions as the ODE: exact, by leaps, or where few cells meet many."""

from thymos.engine.jumps.program import JUMPS, JumpProgram, compile_jumps

__all__ = ["JUMPS", "JumpProgram", "compile_jumps"]
