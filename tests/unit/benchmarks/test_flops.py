"""The operation counter against counts by hand."""

from dataclasses import dataclass

import pytest

from thymos.engine.algebra import algebra
from thymos.engine.host import this_host
from thymos.engine.object_code import module_text
from thymos.lang import Model, Output, Transition, parameter, state
from thymos.lang.trace import trace


@dataclass(frozen=True)
class Prey(Model):
    """x' = a x - b x y,  y' = b x y - c y; the sum is observed."""

    x = state("", "prey")
    y = state("", "predators")
    a = parameter("1/day", "birth")
    b = parameter("1/day", "meeting")
    c = parameter("1/day", "death")

    def transitions(self, x, p, env):
        yield Transition("birth", p.a * x.x, {x.x: +1})
        yield Transition("meeting", p.b * x.x * x.y, {x.x: -1, x.y: +1})
        yield Transition("death", p.c * x.y, {x.y: -1})

    def gives(self, x, p, env):
        yield Output("both", "", x.x + x.y, "prey and predators", observe=True)


@pytest.fixture(scope="module")
def small():
    return algebra(trace((Prey(),), "prey"))


def test_functions_of_a_model_of_two_states(small):
    from flops import Count, bodies

    found = bodies(module_text(small, 4), ("attempt", "observe"))
    # a x, b x, (b x) y, c y; two differences.
    assert found["rhs"].own == Count(6)
    # x + y.
    assert found["observe"].own == Count(1)
    # Four sums of two.
    assert found["step"].loops
    assert dict(found["step"].calls) | {"clock": 0} == {
        "jacobian": 1, "factorise": 1, "rhs": 8, "solve": 8, "defect": 1, "clock": 0,
    }  # fmt: skip


def test_loops_inside_loops_multiply():
    import llvmlite.ir as ir
    from flops import Count, bodies

    from thymos.engine.vector import VectorFunction

    module = ir.Module("test")
    inner = VectorFunction(module, "inner", ("x",), 4)
    x = inner.load(inner.arguments["x"])
    inner.store(inner.fma(x, x, inner.div(x, inner.add(x, x))), inner.arguments["x"])
    inner.done()
    outer = VectorFunction(module, "outer", ("x",), 4)
    with outer.loop(5):
        outer.call(inner, outer.arguments["x"])
        with outer.loop(3) as (i, _):
            value = outer.load(outer.arguments["x"], i)
            outer.store(outer.mul(value, value), outer.arguments["x"], i)
    outer.call(inner, outer.arguments["x"])
    outer.done()
    found = bodies(str(module), ["outer"])
    assert found["inner"].own == Count(4, 1)
    assert found["outer"].own == Count(5 * 3)
    assert found["outer"].calls == (("inner", 6),)


def test_a_loop_of_unknown_length_is_refused():
    import llvmlite.ir as ir
    from flops import bodies

    from thymos.engine.vector import INT64, VectorFunction

    module = ir.Module("test")
    v = VectorFunction(module, "open", ("x",), 4)
    end = v.builder.ptrtoint(v.arguments["x"], INT64)
    with v.loop(end):
        pass
    v.done()
    with pytest.raises(ValueError, match="open: a loop without a first and last number"):
        bodies(str(module), ["open"])


def test_assembly_is_counted_by_its_instructions():
    from flops import Count, machine_counts

    text = """
first:
        vmovupd (%rdi), %zmm0
        vfmadd213pd (%rsi), %zmm1, %zmm0
        vfnmsub231pd %zmm1, %zmm2, %zmm0
        vdivpd  %zmm0, %zmm1, %zmm0
        vaddsd  %xmm0, %xmm1, %xmm0
second:
        vsqrtpd %ymm0, %ymm0
        vsubpd  %ymm0, %ymm1, %ymm0
"""
    assert machine_counts(text) == {"first": Count(5, 1), "second": Count(2)}


@pytest.mark.skipif(this_host().width == 2, reason="no vectors of x86 to count")
def test_both_counts_agree_where_nothing_can_be_saved(small):
    from flops import work

    for name, written, left in work(small, this_host()).straight():
        if name in ("rhs", "observe"):
            assert left == written, name
