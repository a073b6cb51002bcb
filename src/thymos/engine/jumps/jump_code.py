"""The functions of a process of jumps as vector code: the exact race of its transitions, and the parts of a leap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.engine import model_code
from thymos.engine.algebra import Algebra
from thymos.engine.elimination import eliminate
from thymos.engine.graph import Node
from thymos.engine.invariant import largest_still
from thymos.engine.jacobian import Jacobian
from thymos.engine.jumps.process import WHEN, WHICH, Dice, Process
from thymos.engine.model_code import Expressions
from thymos.engine.object_code import with_full_vectors
from thymos.engine.reader import TIME, Reader
from thymos.engine.vector import VectorFunction

if TYPE_CHECKING:
    from thymos.engine.host import Host
    from thymos.lang.system import System

# The functions the driver calls, in the order of the addresses it is given.
ENTRIES = ("race", "propensities", "chances", "observe", "starts", "jumps")


class JumpCode:
    """The graph of a process, and the kernels made of it."""

    def __init__(self, made: Process) -> None:
        system = made.system
        reader = Reader(system)
        *events, jump = system.events
        self.size = len(system.states)
        self.jump = [(i, how, reader.read(e)) for i, how, e in jump.changes]
        self.rates = reader.read_all(made.rates)
        self.slopes = reader.read_all(system.rhs[:-2])
        self.changes = reader.read_all(c for _, _, c in made.changes)
        nodes = (*self.rates, *self.slopes, *self.changes, *(node for _, _, node in self.jump))
        dice = Dice(tuple(p.symbol for p in system.parameters[-4:-1]), system.states[-1].symbol)
        self.chances = reader.read_all(dice.uniform(k) for k in (WHICH, WHEN))
        self.algebra = _algebra(reader, system, events, nodes)

    @property
    def is_still(self) -> bool:
        """Whether nothing moves between jumps: neither states nor rates."""
        graph = self.algebra.graph
        timed = any(graph.operations[n] == ("leaf", (), TIME) for n in graph.needed(self.rates))
        return not timed and all(graph.value(s) == 0.0 for s in self.slopes)

    def text(self, host: Host) -> str:
        """All functions as LLVM IR."""
        import llvmlite.ir as ir

        module, a, width = ir.Module("thymos jumps"), self.algebra, host.width
        self._race(module, width)
        self._propensities(module, width)
        self._chances(module, width)
        for make in (model_code.observe, model_code.starts, model_code.jumps):
            make(module, a, width)
        return with_full_vectors(str(module), width)

    def _propensities(self, module: Any, width: int) -> None:
        """At t and y: the rate of each discrete transition, the slope of each state, each change."""
        v = VectorFunction(module, "propensities", ("t", "y", "p", "rates", "slopes", "changes"), width)
        write = Expressions(self.algebra, v)
        for into in ("rates", "slopes", "changes"):
            for i, node in enumerate(getattr(self, into)):
                v.store(write.value(node), v.arguments[into], i)
        v.done()

    def _chances(self, module: Any, width: int) -> None:
        """Two random numbers at the present count of draws."""
        v = VectorFunction(module, "chances", ("y", "p", "u"), width)
        write = Expressions(self.algebra, v)
        for i, node in enumerate(self.chances):
            v.store(write.value(node), v.arguments["u"], i)
        v.done()

    def _race(self, module: Any, width: int) -> None:
        """Jump after jump in every lane, until one lane has reached its stop, the level of a trigger or its quota.

        `halt` holds the level of each trigger, inf once it has acted; `jumped` counts the jumps made.
        """
        v = VectorFunction(module, "race", ("t", "y", "p", "stop", "quota", "jumped", "halt"), width)
        b = v.builder
        body, after = b.append_basic_block(), b.append_basic_block()
        v.store(v.number(0.0), v.arguments["jumped"])
        b.branch(body)
        b.position_at_end(body)
        running, goes_on = (b.bitcast(mask, _bits(width)) for mask in self._one_jump(v))
        none = b.icmp_unsigned("==", running, _bits(width)(0))
        b.cbranch(b.or_(none, b.icmp_unsigned("!=", running, goes_on)), after, body)
        b.position_at_end(after)
        v.done()

    def _one_jump(self, v: VectorFunction) -> tuple[Any, Any]:
        """The next jump of every lane that is under way; those lanes, and those of them that go on."""
        b, write = v.builder, Expressions(self.algebra, v)
        t, y, stop, halt = (v.arguments[k] for k in ("t", "y", "stop", "halt"))
        now, end, hazard_row = v.load(t), v.load(stop), self.size - 2
        hazard, total = v.load(y, hazard_row), write.value(self.algebra.rhs[hazard_row])
        running = v.less(now, end)
        # Rounding of the hazard may put the jump a hair into the past.
        arrival = v.add(now, v.larger(v.div(v.neg(hazard), total), v.number(0.0)))
        fires = b.and_(running, v.less(arrival, end))
        idle = b.and_(running, b.not_(fires))
        left = v.add(hazard, v.mul(total, v.sub(end, now)))
        new = {i: v.load(y, i) for i, _, _ in self.jump}
        for i, how, node in self.jump:
            value = write.value(node)
            new[i] = v.choose(fires, v.add(new[i], value) if how == "add" else value, new[i])
        new[hazard_row] = v.choose(idle, left, new[hazard_row])
        for i, value in new.items():
            v.store(value, y, i)
        # An arrival that is not a number becomes the time, where the driver sees it.
        over = v.choose(b.fcmp_ordered(">=", arrival, end), end, arrival)
        later = v.choose(fires, arrival, v.choose(running, over, now))
        v.store(later, t)
        jumped = v.add(v.load(v.arguments["jumped"]), v.choose(fires, v.number(1.0), v.number(0.0)))
        v.store(jumped, v.arguments["jumped"])
        under_way = b.and_(v.less(later, end), v.less(jumped, v.load(v.arguments["quota"])))
        return running, b.and_(running, b.and_(under_way, b.not_(self._reached(v, new, halt))))

    def _reached(self, v: VectorFunction, new: dict[int, Any], halt: Any) -> Any:
        """Lanes in which a state has risen to the level of a trigger that is waited for."""
        b = v.builder
        reached = v.less(v.number(1.0), v.number(0.0))
        for row, i in enumerate(self.algebra.triggers):
            value = new[i] if i in new else v.load(v.arguments["y"], i)
            reached = b.or_(reached, b.fcmp_ordered(">=", value, v.load(halt, row)))
        return reached


def _bits(width: int) -> Any:
    import llvmlite.ir as ir

    return ir.IntType(width)


def _algebra(reader: Reader, system: System, events: list[Any], roots: tuple[Node, ...]) -> Algebra:
    """The process as arithmetic without derivatives: nothing is solved here."""
    size = len(system.states)
    rhs = reader.read_all(system.rhs)
    outputs = reader.read_all(o.expression for o in system.outputs)
    jumps = reader.read_all(change[2] for event in events for change in event.changes)
    return Algebra(
        graph=reader.graph,
        size=size,
        parameters=len(system.parameters),
        rhs=rhs,
        jacobian=Jacobian(size, (), {}),
        slopes=(),
        time_slopes=(),
        outputs=outputs,
        starts=reader.read_all(system.starts),
        jumps=jumps,
        triggers=tuple(event.when for event in events if event.when is not None),
        elimination=eliminate(size, set()),
        hoisted=largest_still(reader.graph, (*roots, *rhs, *outputs, *jumps), moving=(TIME, "y")),
        clock=(),
    )
