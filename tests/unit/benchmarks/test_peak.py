"""The loop that stands for the processor's limit does the arithmetic it is timed for."""

import re

import pytest

from thymos.engine.host import this_host


@pytest.mark.skipif(this_host().width == 2, reason="no fused multiply-add of x86")
def test_every_chain_is_one_instruction_on_whole_vectors():
    import llvmlite.binding as llvm
    from peak import CHAINS, module_text

    host = this_host()
    text = host.machine().emit_assembly(llvm.parse_assembly(module_text(host.width)))
    register = {8: "zmm", 4: "ymm"}[host.width]
    assert len(re.findall(rf"vfmadd\d+pd.*{register}", text)) == CHAINS
    assert len(re.findall(rf"vdivpd.*{register}", text)) == CHAINS
