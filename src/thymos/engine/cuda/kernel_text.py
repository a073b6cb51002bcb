"""The whole kernel of one model as one text: sizes and tables, the model's functions, the step, the driver."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from thymos.engine import driver, rodas5p, step_code
from thymos.engine.algebra import Algebra
from thymos.engine.cuda.c_code import number, table
from thymos.engine.cuda.model_c import FUNCTIONS
from thymos.engine.signature import Jump

# The largest double: a day that never comes.
NEVER = 1.7976931348623157e308


def kernel_text(a: Algebra, events: tuple[Jump, ...]) -> str:
    """All of the kernel as C that NVRTC and a C compiler both take."""
    parts = [_fixed("prelude.cu"), *_definitions(_sizes(a, events) | _rules()), *_tableau(), *_events(events)]
    parts += [make(a).text() for make in FUNCTIONS]
    return "\n".join([*parts, _fixed("step.cu"), _fixed("driver.cu")])


def _fixed(name: str) -> str:
    return (files("thymos.engine.cuda") / name).read_text(encoding="utf-8")


def _definitions(values: Mapping[str, int | float]) -> list[str]:
    return [f"#define {name} {v if isinstance(v, int) else number(v)}" for name, v in values.items()]


def _sizes(a: Algebra, events: tuple[Jump, ...]) -> dict[str, int | float]:
    return {
        "STATES": a.size,
        "PARAMETERS": a.parameters,
        "HOISTED": len(a.hoisted),
        "CLOCK": len(a.clock),
        "DISTINCT": len(a.slopes),
        "SLOTS": len(a.elimination.slots),
        "OUTPUTS": len(a.outputs),
        "EVENTS": len(events),
        "CHANGES": len(a.jumps),
        "STAGES": rodas5p.STAGES,
    }


def _rules() -> dict[str, int | float]:
    """Rules of the step and of the driver: the same numbers as on the CPU, from where they stand."""
    names: tuple[str, ...] = (
        "OK",
        "STEP_TOO_SMALL",
        "TOO_MANY_STEPS",
        "NOT_FINITE",
        "UNSOLVED",
        "FAILED",
        "REDO",
    )
    names += (
        "FIRST_STEP",
        "STEP_AFTER_JUMP",
        "LEAST_STEP",
        "LANDING",
        "LANDING_TRIES",
        "MOST_MISSES",
        "MOST_FALLS",
    )
    rules = {name: getattr(driver, name) for name in names}
    shares = {"DEFECT_SHARE": step_code.DEFECT_SHARE, "DENSE_SHARE": step_code.DENSE_SHARE}
    return rules | shares | {"INVERSE_GAMMA": 1 / rodas5p.GAMMA, "NEVER": NEVER}


def _tableau() -> list[str]:
    """Coefficients of the method."""
    n = rodas5p.STAGES
    short_rows = {"A": (*rodas5p.A, *((),) * (n - len(rodas5p.A))), "C": rodas5p.C, "DENSE": rodas5p.DENSE}
    lines = {"TIMES": rodas5p.TIMES, "SLOPES": rodas5p.SLOPES}
    texts = [
        table(k, "double", ([number(v) for v in row] for row in rows), n) for k, rows in short_rows.items()
    ]
    return texts + [f"TABLE double {k}[{n}] = {{{', '.join(map(number, row))}}};" for k, row in lines.items()]


def _events(events: tuple[Jump, ...]) -> list[str]:
    """Columns of each event and of each change; -1 is none."""
    rows: list[list[int]] = []
    changes: list[tuple[int, int]] = []
    for event in events:
        first = len(changes)
        changes += [(state, int(replaces)) for state, replaces in event.changes]
        row = (event.at, event.when, event.reaches, first, len(changes))
        rows.append([-1 if k is None else k for k in row])
    return [
        "enum { AT, WHEN, REACHES, FIRST, LAST };",
        table("EVENT", "int", rows, 5),
        "enum { STATE, REPLACES };",
        table("CHANGE", "int", changes, 2),
    ]
