"""Models as a process of chance: the same transitions as the ODE, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thymos.engine.host import Host, this_host
from thymos.engine.jumps.process import CARRIED, CHANCE
from thymos.engine.kernel_file import (
    Kernel,
    cache_folder,
    generator_key,
    kernel_path,
    read_kernel,
    write_kernel,
)
from thymos.engine.program import BLOCK, Integrator, Program, parameter_table
from thymos.engine.signature import Quantity
from thymos.engine.solution import Solution
from thymos.engine.source import Source
from thymos.lang.errors import SolveError
from thymos.lang.streams import stream

if TYPE_CHECKING:
    from thymos.engine.jumps.process import Process
    from thymos.lang.model import Model
    from thymos.lang.system import System

LARGEST_PERSON = 2**52


@dataclass(frozen=True)
class Method:
    """A way to run a process: how its kernel is made, and how a kernel is bound to a driver."""

    build: Callable[[Process, Host], Kernel]
    bind: Callable[[Kernel, Host], Integrator]
    flows: bool
    """Whether states may change without being counted, and rates with time."""


def _build_leaps(made: Process, host: Host) -> Kernel:
    from thymos.engine.jumps.lanes import build

    return build(made, host)


def _bind_exact(kernel: Kernel, host: Host) -> Integrator:
    from thymos.engine.jumps.lanes import JumpLanes

    return JumpLanes(kernel, host, leaping=False)


def _bind_tau(kernel: Kernel, host: Host) -> Integrator:
    from thymos.engine.jumps.lanes import JumpLanes

    return JumpLanes(kernel, host, leaping=True)


def _build_hybrid(made: Process, host: Host) -> Kernel:
    from thymos.engine.algebra import algebra
    from thymos.engine.lanes import build

    return build(made.system, algebra(made.system), host)


def _bind_hybrid(kernel: Kernel, host: Host) -> Integrator:
    from thymos.engine.lanes import Lanes

    return Lanes(kernel, host)


JUMPS: dict[str, Method] = {
    "exact": Method(_build_leaps, _bind_exact, flows=False),
    "tau": Method(_build_leaps, _bind_tau, flows=True),
    "hybrid": Method(_build_hybrid, _bind_hybrid, flows=True),
}


def compile_jumps(
    models: Sequence[Model],
    name: str,
    outputs: Sequence[str] | None = None,
    method: str = "exact",
    counted: Sequence[str] | None = None,
    tally: Sequence[str] = (),
    cache_dir: str | Path | None = None,
) -> JumpProgram:
    """Make a jump process from models: seconds the first time, then from the cache on disk.

    outputs   : names of the quantities to record; None records those the models mark with `observe`
    method    : one of `JUMPS`. "exact" makes every jump and needs all states counted and rates that move with them
                alone; "tau" leaps over many jumps at once; "hybrid" makes every jump of the counted states, while
                the rest flows by its ODE
    counted   : names of the states that are whole numbers; None takes all those measured in `cell`
    tally     : transitions (`thymus.I settling`) whose number is recorded as an output `count[...]`
    cache_dir : where kernels are kept; else $THYMOS_CACHE, else the user's cache folder

    Raises `SolveError` for an unknown name, and where the method cannot run the process as it is.
    """
    if method not in JUMPS:
        raise SolveError(f"{name}, method", f"one of {', '.join(JUMPS)}", method)
    source, host, how = Source.of(models, name, outputs), this_host(), JUMPS[method]
    choice = repr((method, None if counted is None else tuple(counted), tuple(tally)))
    parts = (source.key, choice, generator_key(), host.cpu, host.features, str(host.width))
    path = kernel_path(cache_folder(cache_dir), name, *parts)
    kernel = read_kernel(path)
    if kernel is None:
        kernel = how.build(_process(source.system(), how, counted, tally), host)
        write_kernel(path, kernel)
    return JumpProgram(Program(kernel.signature, how.bind(kernel, host)), method)


def _process(system: System, how: Method, counted: Sequence[str] | None, tally: Sequence[str]) -> Process:
    from thymos.engine.jumps.partition import partition, refuse_flow
    from thymos.engine.jumps.process import process
    from thymos.engine.jumps.tally import with_tallies

    split = partition(system, counted)
    if not how.flows:
        refuse_flow(system, split)
    return process(*with_tallies(system, split, tally))


@dataclass(frozen=True)
class JumpProgram:
    """A jump process ready to be run for many patients, wells or replicates at once."""

    program: Program
    method: str

    @property
    def name(self) -> str:
        """Name of the system."""
        return self.program.name

    @property
    def states(self) -> tuple[Quantity, ...]:
        """(name, unit, text, kind) of every state, in the order of `Solution.final`; tallies come last."""
        return self.program.states[: -len(CARRIED)]

    @property
    def parameters(self) -> tuple[Quantity, ...]:
        """(name, unit, text, kind) of every row of the parameter array."""
        return self.program.parameters[: -len(CHANCE)]

    @property
    def outputs(self) -> tuple[Quantity, ...]:
        """(name, unit, text, kind) of every output, in the order of `Solution.outputs`; tallies come last."""
        return self.program.outputs

    @property
    def events(self) -> tuple[str, ...]:
        """Names of the events, in the order of `Solution.fired`."""
        return self.program.events[:-1]

    def parameter_index(self, name: str) -> int:
        """Row of a parameter, covariate or switch."""
        return self.program.parameter_index(name)

    def output_index(self, name: str) -> int:
        """Column of an output."""
        return self.program.output_index(name)

    def state_index(self, name: str) -> int:
        """Column of a state."""
        return self.program.state_index(name)

    def run(
        self,
        parameters: ArrayLike,
        times: ArrayLike,
        seed: int,
        people: ArrayLike | None = None,
        accuracy: float = 0.03,
        rtol: float = 1e-6,
        atol: float = 1e-8,
        workers: int = 1,
        max_steps: int = 100_000_000,
        block: int = BLOCK,
    ) -> Solution:
        """One course of chance for each column of parameters, from day 0 to the last time.

        parameters : (parameter, patient), rows in the order of `self.parameters`; repeat a column for replicates
        times      : rising output times [day], the first at 0 or later
        seed       : of the study; the stream is `jumps.` and the name of the system
        people     : (patient,) whole numbers that say whose chance it is; None counts from 0. The same person has the
                     same chance wherever it stands and whoever else is run
        accuracy   : of "tau": share by which rates may change within a leap
        rtol, atol : of "hybrid": as in `Program.solve`
        max_steps  : jumps, leaps or steps of the solver after which a patient has failed

        The bits of a result depend on seed, person and parameters alone. `Solution.undershoot` is not measured by
        "hybrid" (NaN).
        """
        table = parameter_table(self.name, len(self.parameters), parameters)
        if not 0 < accuracy < 1:
            raise SolveError(f"{self.name}, accuracy", "a share above 0 and below 1", f"{accuracy:g}")
        chance = self._chance(seed, self._people(people, table.shape[1]))
        share = accuracy if self.method == "tau" else rtol
        full = np.concatenate([table, chance])
        whole = self.program.solve(full, times, share, atol, workers, max_steps, block)
        # The hazard is below 0 by design, which says nothing of the states.
        unknown = np.full_like(whole.undershoot, np.nan if self.method == "hybrid" else 0.0)
        final, fired = whole.final[:, : -len(CARRIED)], whole.fired[:, :-1]
        return replace(whole, final=final, fired=fired, undershoot=unknown)

    def _chance(self, seed: int, people: NDArray[np.float64]) -> NDArray[np.float64]:
        """The rows of `CHANCE`: two words of key, the person, and the level 0."""
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
            raise SolveError(f"{self.name}, seed", "a whole number, 0 or more", f"{seed!r}")
        first, second = stream(int(seed), f"jumps.{self.name}").integers(2**52, size=2).tolist()
        n = people.size
        return np.array([np.full(n, first), np.full(n, second), people, np.zeros(n)], dtype=np.float64)

    def _people(self, people: ArrayLike | None, n: int) -> NDArray[np.float64]:
        if people is None:
            return np.arange(n, dtype=np.float64)
        who = np.asarray(people)
        if (
            who.shape != (n,)
            or who.dtype.kind not in "iu"
            or (who < 0).any()
            or (who >= LARGEST_PERSON).any()
        ):
            raise SolveError(
                f"{self.name}, people",
                f"{n} whole numbers from 0 to 2**52 - 1, one for each column of parameters",
                f"{who.dtype} of shape {who.shape}",
            )
        return who.astype(np.float64)
