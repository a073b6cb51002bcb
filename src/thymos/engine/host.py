"""The processor that kernels are made for: its name, features and vector width."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True)
class Host:
    """A processor as LLVM names it; `width` is the number of doubles in its vectors."""

    cpu: str
    features: str
    width: int

    def machine(self) -> Any:
        """LLVM's target machine for this host."""
        import llvmlite.binding as llvm

        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        target = llvm.Target.from_default_triple()
        # Without the last feature LLVM halves the vectors on many AVX-512 parts.
        features = self.features + (",-prefer-256-bit" if self.width == 8 else "")
        return target.create_target_machine(cpu=self.cpu, features=features, opt=2, jit=True)


@cache
def this_host() -> Host:
    """The processor we run on: 8 lanes with AVX-512, 4 with AVX, else 2."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    features = llvm.get_host_cpu_features()
    width = 8 if features.get("avx512f") else 4 if features.get("avx") else 2
    return Host(llvm.get_host_cpu_name(), features.flatten(), width)
