"""What holds for every recipient: any plausible numbers, any age, any state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from thymos.engine import Status
from thymos.lang import parameter, sqrt
from thymos.lang.errors import UnitError
from thymos.lang.statement import Output, Transition
from thymos.lang.system import System
from thymos.lang.trace import trace
from thymos.therapy.recipient import recipient_models, recipient_program
from thymos.therapy.sampling import Block, fill, sample

Floats = NDArray[np.float64]
Values = dict[str, float]

INSIDE = (
    "niches",
    "occupancy",
    "infused_seeding",
    *(f"{what}[{j}]" for j in ("CD4", "CD8") for what in ("naive_reference", "memory_reference")),
    *(f"{what}[{j}]" for j in ("CD4", "CD8") for what in ("naive_loss", "naive_division", "activation")),
    *(f"memory_division[{j}]" for j in ("CD4", "CD8")),
)
PATIENT: Values = {
    "weight": 25.0,
    "engraftment_day": 15.0,
    "cyclophosphamide_start": 3.0,
    "cyclophosphamide_end": 5.0,
    "infusion_day": 8.0,
    "second_infusion_day": 30.0,
    "dose": 1e7,
    "second_dose": 1e7,
    "atg_level": 2.0,
    "alemtuzumab_level": 0.3,
    "graft_t_cells": 1e5,
    "graft_naive_share": 0.3,
    "graft_cd4_share": 0.6,
    "graft_burst": 1.0,
    "steroid_start": 12.0,
    "steroid_end": 40.0,
    "residual_t_cells": 1e4,
    "initial_nk": 50.0,
    "rituximab_doses": 0.5,
    "reference_cd4": 50.0,
    "reference_cd4_slope": 1.0,
    "reference_nk": 217.0,
    "reference_cd4_allo": 10.0,
    "reference_naive": 20.0,
    "reference_naive_slope": 1.2,
    "gvhd_baseline": 0.4,
    "gvhd_threshold": 1.0,
    "gvhd_severity": 0.7,
    "relapse_baseline": 0.3,
    "infection_baseline": 0.5,
    "mortality_baseline": 0.1,
}
STATES = 73
SHARES = ("chimerism", "host_progenitors", "host_block", "conditioning_injury")
YES_OR_NO = ("irradiated", "calcineurin_inhibitor", "cmv")
LARGEST = {
    "marrow": 1.0,
    "stroma": 1.0,
    "homing": 1e7,
    "thymus": 1e10,
    "periphery": 1e12,
    "trec": 1e11,
    "natural_killer": 1e3,
    "b_cells": 2e3,
    "serotherapy": 20.0,
}


class Evaluated:
    """The traced recipient as functions of time, states and parameters; no dataclass, for its repr is a book."""

    def __init__(self, system: System) -> None:
        import sympy

        arguments = [system.time, [s.symbol for s in system.states], [q.symbol for q in system.parameters]]
        jumps = [c for f in system.transitions for _, c in f.changes]
        self.system = system
        self.rates = sympy.lambdify(arguments, [f.rate for f in system.transitions], "numpy", cse=True)
        self.jumps = sympy.lambdify(arguments[2:], jumps, "numpy")
        self.seen = sympy.lambdify(arguments, [o.expression for o in system.outputs], "numpy", cse=True)

    @property
    def states(self) -> list[str]:
        return [s.name for s in self.system.states]

    def flows(self, t: float, y: Floats, p: Values) -> Floats:
        """Rates of all transitions: (flow,), or (flow, column) where y is (state, column)."""
        found = self.rates(t, list(y), [p[q.name] for q in self.system.parameters])
        return np.array(np.broadcast_arrays(*found))

    def inside(self, t: float, y: Floats, p: Values) -> Values:
        found = self.seen(t, list(y), [p[q.name] for q in self.system.parameters])
        return dict(zip(INSIDE, found, strict=True))

    def changes(self, p: Values) -> list[list[tuple[int, float]]]:
        """What one event of each transition changes: (state, amount)."""
        amounts = iter(self.jumps([p[q.name] for q in self.system.parameters]))
        return [[(i, float(next(amounts))) for i, _ in f.changes] for f in self.system.transitions]

    def change(self, t: float, y: Floats, p: Values) -> Values:
        """Right-hand side by state."""
        total = np.zeros(len(self.states))
        for rate, changes in zip(self.flows(t, y, p), self.changes(p), strict=True):
            for i, amount in changes:
                total[i] += rate * amount
        return dict(zip(self.states, total.tolist(), strict=True))


@pytest.fixture(scope="module")
def recipient() -> Evaluated:
    return Evaluated(trace(recipient_models(), "recipient", INSIDE))


def patient(seed: int, age: float, choices: int, share: float) -> Values:
    """Numbers as `seed` draws them from the evidence; the bits of `choices` set switches and yes-or-no."""
    drawn = {k: float(v[0]) for k, v in sample(recipient_models(), seed, Block(0, 0, 1)).items()}
    switches = [q.name for m in recipient_models() for q in trace_switches(m)]
    coins = {name: float(choices >> i & 1) for i, name in enumerate((*YES_OR_NO, *switches))}
    return PATIENT | drawn | coins | dict.fromkeys(SHARES, share) | {"age": age, "healthy": 0.0}


def trace_switches(model: Any) -> list[Any]:
    """Indicators of the alternatives of a model's switches, as the tracer names them."""
    from thymos.lang.system import ParameterInfo

    return [
        ParameterInfo(f"{model.named()}.{s.name}={choice}", "", "", "switch", None)
        for s in model.switches()
        for choice in s.choices[1:]
    ]


patients = st.builds(
    patient,
    seed=st.integers(0, 2**32 - 1),
    age=st.floats(0.05, 80),
    choices=st.integers(0, 2**12 - 1),
    share=st.floats(0, 0.95),
)
days = st.floats(0, 2000)
unit_states = arrays(np.float64, STATES, elements=st.floats(0, 1, allow_subnormal=False))


def state_of(recipient: Evaluated, unit: Floats, t: float, p: Values) -> Floats:
    """Any state with non-negative amounts and some intact stroma, its niches free or three times overbooked."""
    y = np.array([u * LARGEST.get(n.split(".")[0], 1.0) for u, n in zip(unit, recipient.states, strict=True)])
    at = {n: i for i, n in enumerate(recipient.states)}
    y[at["stroma.intact"]] = max(unit[at["stroma.intact"]], 0.01)
    y[at["serotherapy.steroid"]] = unit[at["serotherapy.steroid"]]
    room = recipient.inside(t, y, p)["niches"] * y[at["stroma.intact"]]
    for s in "HIR":
        y[at[f"thymus.etp[{s}]"]] = unit[at[f"thymus.etp[{s}]"]] * room
    return y


@example(p=patient(0, 8.0, 0, 0.5), t=10.0, unit=np.ones(STATES))
@given(p=patients, t=days, unit=unit_states)
def test_no_transition_has_a_negative_rate(recipient: Evaluated, p: Values, t: float, unit: Floats) -> None:
    rates = recipient.flows(t, state_of(recipient, unit, t, p), p)
    negative = [f.name for f, r in zip(recipient.system.transitions, rates, strict=True) if not r >= -1e-9]
    assert not negative


@given(p=patients, t=days, unit=unit_states)
def test_an_empty_state_never_drains(recipient: Evaluated, p: Values, t: float, unit: Floats) -> None:
    y = state_of(recipient, unit, t, p)
    emptied = np.repeat(y[:, None], STATES, axis=1) * (1 - np.eye(STATES))
    stroma = recipient.states.index("stroma.intact")
    # Without stroma there are no niches to be a share of; its own flows are tested below.
    emptied[stroma, stroma] = y[stroma]
    rates = recipient.flows(t, emptied, p)
    for flow, rate, changes in zip(recipient.system.transitions, rates, recipient.changes(p), strict=True):
        for i, amount in changes:
            if i != stroma and amount < 0:
                assert rate[i] == 0, f"{flow.name} drains {recipient.states[i]}"


@given(p=patients, t=days, unit=unit_states)
def test_stroma_stays_between_none_and_all(recipient: Evaluated, p: Values, t: float, unit: Floats) -> None:
    y = state_of(recipient, unit, t, p)
    i = recipient.states.index("stroma.intact")
    y[i] = 1.0
    assert recipient.change(t, y, p)["stroma.intact"] <= 0
    y[i] = 1e-9
    assert recipient.change(t, y, p)["stroma.intact"] >= -1e-9


@given(p=patients, t=days, unit=unit_states)
def test_full_niches_admit_no_one(recipient: Evaluated, p: Values, t: float, unit: Floats) -> None:
    """The corner is rounded over a millionth: half of that share is still open when the last niche is taken."""
    y = state_of(recipient, unit, t, p)
    at = {n: i for i, n in enumerate(recipient.states)}
    room = recipient.inside(t, y, p)["niches"] * y[at["stroma.intact"]]
    full, empty = y.copy(), y.copy()
    for s, part in (("H", 0.5), ("I", 0.25), ("R", 0.25)):
        full[at[f"thymus.etp[{s}]"]], empty[at[f"thymus.etp[{s}]"]] = part * room, 0.0
    names = [f.name for f in recipient.system.transitions]
    admitted, asked = (dict(zip(names, recipient.flows(t, x, p), strict=True)) for x in (full, empty))
    for s in "HIR":
        assert admitted[f"{s} settling"] <= 0.51e-6 * asked[f"{s} settling"]


@example(p=patient(65536, 0.0625, 0, 0.0), t=0.0)
@given(p=patients, t=days)
def test_the_closure_asks_for_no_negative_rate_at_any_age(recipient: Evaluated, p: Values, t: float) -> None:
    inside = recipient.inside(t, np.ones(STATES), p)
    for name in INSIDE[3:]:
        assert inside[name] >= 0, name


@example(p=patient(902662, 18.0, 0, 0.0), t=0.0)
@given(p=patients, t=days)
def test_activation_is_part_of_the_loss_of_naive_cells(recipient: Evaluated, p: Values, t: float) -> None:
    """Section 5 of the design: l contains alpha."""
    inside = recipient.inside(t, np.ones(STATES), p)
    for j in ("CD4", "CD8"):
        assert inside[f"activation[{j}]"] <= inside[f"naive_loss[{j}]"]


def full_body(recipient: Evaluated, p: Values, t: float, times: float) -> Floats:
    """Healthy pools, `times` over, all of graft origin, and nothing else but stroma."""
    inside = recipient.inside(t, np.ones(STATES), p)
    y = np.zeros(STATES)
    y[recipient.states.index("stroma.intact")] = 1.0
    for kind in ("naive", "memory"):
        for j in ("CD4", "CD8"):
            pool = times * inside[f"{kind}_reference[{j}]"]
            y[recipient.states.index(f"periphery.{kind}[G,{j}]")] = pool
    return y


@given(p=patients, t=days)
def test_without_a_thymus_naive_cells_fall_at_loss_less_division(
    recipient: Evaluated, p: Values, t: float
) -> None:
    y, inside = full_body(recipient, p, t, 1.0), recipient.inside(t, np.ones(STATES), p)
    change = recipient.change(t, y, p)
    for j in ("CD4", "CD8"):
        name = f"periphery.naive[G,{j}]"
        fall = -change[name] / y[recipient.states.index(name)]
        loss, division = inside[f"naive_loss[{j}]"], inside[f"naive_division[{j}]"]
        assert fall == pytest.approx(loss - division, abs=0.005 * division + 1e-9)


@given(p=patients, t=days)
def test_a_body_twice_as_full_as_in_health_loses_cells_of_every_kind(
    recipient: Evaluated, p: Values, t: float
) -> None:
    p = p | {"age": max(p["age"], 2.0), "cmv": 0.0}
    y = full_body(recipient, p, t, 2.0)
    change = recipient.change(t, y, p)
    healthy = full_body(recipient, p, t, 1.0)
    at_rest = recipient.change(t, healthy, p)
    for i, name in enumerate(recipient.states):
        if y[i] > 0 and name.startswith("periphery"):
            assert change[name] / y[i] < at_rest[name] / healthy[i]
            assert change[name] < 0 or "memory" in name


@given(p=patients, t=days, unit=unit_states, mix=st.floats(0, 1))
def test_what_cells_are_called_changes_no_total(
    recipient: Evaluated, p: Values, t: float, unit: Floats, mix: float
) -> None:
    """The sum over origins obeys the equation without labels."""
    y = state_of(recipient, unit, t, p)
    at = {n: i for i, n in enumerate(recipient.states)}
    relabelled = y.copy()
    for kind in ("naive", "memory"):
        for j in ("CD4", "CD8"):
            r, g = at[f"periphery.{kind}[R,{j}]"], at[f"periphery.{kind}[G,{j}]"]
            both = y[r] + y[g]
            relabelled[r], relabelled[g] = mix * both, (1 - mix) * both
    for kind in ("naive", "memory"):
        for j in ("CD4", "CD8"):
            names = [f"periphery.{kind}[{s},{j}]" for s in "HIRG"]
            before, after = (
                sum(recipient.change(t, state, p)[n] for n in names) for state in (y, relabelled)
            )
            assert after == pytest.approx(before, rel=1e-9, abs=1e-3)


@given(p=patients, t=days, unit=unit_states)
def test_trec_is_made_by_export_alone(recipient: Evaluated, p: Values, t: float, unit: Floats) -> None:
    """Without thymocytes, copies only move from naive to memory cells or vanish."""
    y = state_of(recipient, unit, t, p)
    y[[n.startswith("thymus") for n in recipient.states]] = 0.0
    change = recipient.change(t, y, p)
    for j in ("CD4", "CD8"):
        naive, memory = change[f"trec.in_naive[{j}]"], change[f"trec.in_memory[{j}]"]
        assert naive <= 0
        assert naive + memory <= 1e-9 * abs(naive)


HAZARDS = ("gvhd.hazard", "relapse.hazard", "infection.hazard", "mortality.hazard")


@given(p=patients, t=days, one=unit_states, other=unit_states)
def test_without_association_no_hazard_sees_the_immune_state(
    recipient: Evaluated, p: Values, t: float, one: Floats, other: Floats
) -> None:
    p = p | {"immune_state.shrink": 0.0}
    first, second = (recipient.change(t, state_of(recipient, u, t, p), p) for u in (one, other))
    for name in HAZARDS:
        assert first[name] == pytest.approx(second[name], rel=1e-12)


@given(p=patients, t=days, unit=unit_states, nk=st.floats(0, 1e3))
def test_relapse_reads_cd4_or_nk_and_never_both(
    recipient: Evaluated, p: Values, t: float, unit: Floats, nk: float
) -> None:
    y = state_of(recipient, unit, t, p)
    other_nk, other_t = y.copy(), y.copy()
    other_nk[recipient.states.index("natural_killer.nk")] = nk
    for i, name in enumerate(recipient.states):
        if name.startswith("periphery"):
            other_t[i] *= 0.1
    idle = other_t if p["relapse.relapse_driver=nk"] else other_nk
    before, after = (recipient.change(t, state, p)["relapse.hazard"] for state in (y, idle))
    assert after == pytest.approx(before, rel=1e-12)


# ---- solved courses

VISITS = np.arange(0, 731.0, 30)


def many(n: int, values: Values | None = None) -> Floats:
    """The parameter table of `n` sampled patients of all ages."""
    rng = np.random.default_rng(5)
    varied: dict[str, Floats | float] = {
        "age": np.exp(rng.uniform(np.log(0.1), np.log(65), n)),
        "healthy": 0.0,
        "chimerism": rng.uniform(0.5, 1, n),
        "host_progenitors": rng.uniform(0, 1, n),
        "host_block": rng.uniform(0, 1, n),
        "conditioning_injury": rng.uniform(0, 0.8, n),
        "gvhd_threshold": rng.exponential(1, n),
    }
    varied |= {name: rng.integers(0, 2, n).astype(float) for name in YES_OR_NO}
    drawn = sample(recipient_models(), 11, Block(0, 0, n))
    return fill(recipient_program(), n, drawn, PATIENT, varied, values or {})


def test_a_dose_that_does_not_home_is_no_dose_bit_for_bit() -> None:
    program = recipient_program()
    control, unable = many(150, {"dose": 0.0, "second_dose": 0.0}), many(150, {"homing.homing_fraction": 0.0})
    first, second = program.solve(control, VISITS), program.solve(unable, VISITS)
    assert np.array_equal(first.outputs, second.outputs, equal_nan=True)
    assert np.array_equal(first.final, second.final, equal_nan=True)
    assert np.array_equal(first.fired, second.fired, equal_nan=True)


def test_no_course_leaves_what_is_possible() -> None:
    program = recipient_program()
    solution = program.solve(many(150), VISITS)
    assert (solution.status == Status.ok).all(), solution.failures()
    # The solver keeps to a millionth, and to 1e-8 where next to nothing is left.
    below = solution.final.min(axis=0) / (1e-6 * solution.final.max(axis=0) + 1e-6)
    assert not [q.name for q, b in zip(program.states, below, strict=True) if b < -1]
    stroma = solution.outputs[:, :, program.output_index("stroma")]
    assert ((stroma > 0) & (stroma <= 1)).all()
    assert (solution.outputs[:, :, program.output_index("occupancy")] <= 1).all()
    for name in ("gvhd_hazard", "relapse_hazard", "infection_hazard", "mortality_hazard"):
        assert (np.diff(solution.outputs[:, :, program.output_index(name)], axis=1) >= -1e-9).all()


# ---- units

# Read by the course of events, not by an equation; units are checked where they are used.
READ_ELSEWHERE = ("fatality", "death_delay", "relapse_survival", "ratio")


def mistaken() -> list[Any]:
    """Every number of every model; the first of each model in the quick tests, the others in the slow ones."""
    cases = []
    for m in recipient_models():
        used = [
            d.name
            for d in m.parameters()
            if not (m.named() == "mortality" and any(word in d.name for word in READ_ELSEWHERE))
        ]
        cases += [
            pytest.param(m.named(), name, marks=[pytest.mark.slow] * (i > 0)) for i, name in enumerate(used)
        ]
    return cases


def redeclared(model: str, name: str, unit: str) -> tuple[Any, ...]:
    """The recipient with one number declared in another unit."""
    models = []
    for m in recipient_models():
        if m.named() == model:
            kind = type(m)
            body = {name: parameter(unit, kind.declarations[name].text), "__module__": kind.__module__}
            models.append(type(kind.__name__, (kind,), body)())
        else:
            models.append(m)
    return tuple(models)


@pytest.mark.parametrize(("model", "name"), mistaken())
def test_a_number_with_a_wrong_dimension_is_refused(model: str, name: str) -> None:
    declared = {m.named(): type(m) for m in recipient_models()}[model].declarations[name].unit
    with pytest.raises(UnitError, match=r"^UnitError: \w+\.py \w+ \[.+\]: expected .+, got "):
        trace(redeclared(model, name, f"{declared}*kg" if declared else "kg"), "recipient")


def test_a_rate_per_hour_is_refused_with_a_hint() -> None:
    with pytest.raises(UnitError, match=r"Stroma \[repair\][\s\S]*the kind is right"):
        trace(redeclared("stroma", "repair", "1/hour"), "recipient")


def test_a_count_of_cells_is_no_concentration() -> None:
    with pytest.raises(UnitError, match=r"NaturalKiller \[.+\]: expected .*cell meter\^-3"):
        trace(redeclared("natural_killer", "production", "cell/day"), "recipient")


def test_a_rate_that_forgets_its_state_is_refused() -> None:
    kind = {m.named(): type(m) for m in recipient_models()}["stroma"]

    class Stroma(kind):  # type: ignore[misc, valid-type]  # the class is found at run time
        def transitions(self, x: Any, p: Any, env: Any) -> Any:
            yield Transition("repair", p.repair * sqrt(p.repair), {x.intact: +1})

    models = tuple(Stroma() if m.named() == "stroma" else m for m in recipient_models())
    with pytest.raises(UnitError, match=r"Stroma \[repair\]: expected \(1\)/day"):
        trace(models, "recipient")


def test_an_output_in_another_unit_is_refused() -> None:
    kind = {m.named(): type(m) for m in recipient_models()}["natural_killer"]

    class NaturalKiller(kind):  # type: ignore[misc, valid-type]  # the same
        def gives(self, x: Any, p: Any, env: Any) -> Any:
            yield Output("nk", "cell/mL", x.nk, "NK cells", observe=True)

    models = tuple(NaturalKiller() if m.named() == "natural_killer" else m for m in recipient_models())
    with pytest.raises(UnitError, match=r"NaturalKiller \[nk\]: expected cell/mL[\s\S]*the scale is not"):
        trace(models, "recipient")
