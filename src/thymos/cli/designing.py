"""Joins the search of `inference` with the cultures of `therapy`; no science of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.inference.design.aim import Aim
from thymos.inference.design.belief import Runs
from thymos.inference.design.knowing import Told, next_knowledge
from thymos.inference.design.proposal import Reason, Rules
from thymos.inference.design.search import Found, Search, Settings
from thymos.inference.design.space import Factor, Space
from thymos.inference.design.why import turning
from thymos.io.culture_table import read_culture_table
from thymos.io.design_schema import Design, InformationAim, YieldAim
from thymos.io.draws_table import read_draws_table
from thymos.io.run_sheet import PlannedRun
from thymos.lang.errors import StudyError
from thymos.report.design import reason
from thymos.therapy.culture import culture_models
from thymos.therapy.design.bench import CultureBench
from thymos.therapy.design.doubt import Doubt
from thymos.therapy.design.experiment import Experiment
from thymos.therapy.design.outcomes import natural_scale, normal_scale, readout_units
from thymos.therapy.design.seen import SeenRuns, seen_runs
from thymos.therapy.sampling import values_of

if TYPE_CHECKING:
    from pathlib import Path

    from thymos.io.culture_table import CultureTable
    from thymos.therapy.culture_protocol import CultureProtocol

Floats = NDArray[np.float64]
Tick = Callable[[str], None]

# What a run sheet states of a vessel: the whole recipe of the first stage.
STATED = (
    "dl4", "integrin_ligand", "scf", "il7", "tpo", "flt3l", "tnf", "il3", "il15", "seeding_density",
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """A design, the tables of what was done, and how to compute."""

    design: Design
    tables: Sequence[CultureTable]
    seed: int
    workers: int = 1
    draws: Mapping[str, Floats] | None = None
    tick: Tick = lambda what: None

    @cached_property
    def experiment(self) -> Experiment:
        """The design in terms of cultures."""
        return Experiment(self.design)

    @cached_property
    def seen(self) -> SeenRuns:
        """The runs in the tables."""
        return seen_runs(self.experiment, self.tables)

    @cached_property
    def bench(self) -> CultureBench:
        """What members and donors say."""
        doubt = Doubt(self.design.source, self.design.doubt.switches, self.draws or {})
        return CultureBench(self.experiment, self.seen, doubt, self.seed, self.workers)

    @property
    def people(self) -> list[str]:
        """Donors of the tables and of the next batch, each once."""
        return list(dict.fromkeys((*self.seen.donors, *self.design.batch.donors)))

    @property
    def rules(self) -> Rules:
        """Of the next batch."""
        left = self.design.budget - self.seen.spent(self.experiment)
        return Rules(self.design.batch.runs, left, self.design.stop.gain, self.design.stop.loss)

    @property
    def at_hand(self) -> NDArray[np.intp]:
        """Numbers of the donors of the next batch."""
        return np.array([self.people.index(name) for name in self.design.batch.donors], np.intp)

    def search(self) -> Search:
        """The search, on the scales where readings are normal."""
        runs = self.seen.runs
        values = np.array([r.value for r in runs]).reshape(len(runs), len(self.experiment.readouts)).T
        donors = np.array([self.people.index(r.donor) for r in runs], np.intp)
        made = Runs(np.arange(len(runs)), donors, values)
        space = Space(tuple(map(self._factor, self.experiment.names)), self.experiment.allowed)
        return Search(self.bench, space, self._settings(), made, self.seed, self.tick)

    def _factor(self, name: str) -> Factor:
        span = self.design.factors.spans[name]
        if span.levels:
            return Factor(name, span.levels[0], span.levels[-1], levels=span.levels)
        assert span.low is not None and span.high is not None, "checked in the schema"  # noqa: PT018, S101
        return Factor(name, span.low, span.high, span.scale == "log")

    def _settings(self) -> Settings:
        d = self.design.doubt
        percent = [self.experiment.units[name] == "percent" for name in self.experiment.readouts]
        noise = np.where(percent, d.purity_sd, np.sqrt(np.log1p(d.yield_cv**2)))
        missed = np.where(percent, d.missed_purity, d.missed_yield)
        return Settings(d.members, d.conditions, noise, missed)


def read_tables(paths: Sequence[Path], source: str) -> list[CultureTable]:
    """Culture tables, whole or not at all."""
    return [read_culture_table(path, readout_units(source)) for path in paths]


def read_draws(path: Path | None, source: str) -> dict[str, Floats]:
    """Draws by full name of the parameter (draw,); empty where there is no file."""
    return read_draws_table(path, values_of(culture_models(source))) if path else {}


def next_runs(question: Question) -> tuple[dict[str, Any], list[PlannedRun]]:
    """What to do next, as the object behind `--json`, and the runs for the sheet."""
    aim = question.design.aim
    made = _for_yield(question, aim) if isinstance(aim, YieldAim) else _for_knowledge(question, aim)
    return made, _planned(question, made["runs"])


def _for_yield(q: Question, said: YieldAim) -> dict[str, Any]:
    purity = float(normal_scale("percent", np.array(said.purity.at_least)))
    aim = Aim(purity, said.purity.probability)
    found = q.search().next_batch(aim, q.at_hand, q.rules)
    p, batch = found.proposal, found.proposal.batch
    going = p.reason is Reason.go_on
    runs = [] if batch is None or not going else [
        _site(q, found, int(site), int(np.flatnonzero(p.outlook.sites == site)[0]))
        | {"donor": q.people[donor], "gain_alone": float(alone)}
        for site, donor, alone in zip(batch.site, batch.donor, batch.gain_alone, strict=True)
    ]  # fmt: skip
    for run in runs:
        run["reason"] = reason(run, said.purity.probability)
    return {
        **_head(q, found.effective, found.renewed),
        "discrepancy": found.belief.scales.missed,
        "donor_spread": dict(zip(q.experiment.readouts, found.belief.scales.donors, strict=True)),
        "recommended": _site(q, found, p.site, p.chosen),
        "expected_loss": p.regret,
        "highest_worth": float(p.outlook.worth.max()),
        "gain": None if batch is None else batch.gain,
        "cost": batch.cost if batch and going else 0.0,
        "stop": not going,
        "verdict": p.reason.name,
        "runs": runs,
    }


def _site(q: Question, found: Found, site: int, place: int) -> dict[str, Any]:
    """One site as the reader sees it: what it is, what is expected of it, and what that hangs on."""
    e, p = q.experiment, found.proposal
    settings, protocol = _settings(q, found.ensemble.x, site)
    on = turning(found.belief, found.ensemble.points, site)
    return {
        "settings": settings,
        "recipe": _recipe(protocol),
        "predicted": {
            name: _natural(e.units[name], p.outlook.forecast(found.belief.weights, k, place))
            for k, name in enumerate(e.readouts)
        },
        "holds": float(p.outlook.holds[place]),
        "worth": float(p.outlook.worth[place]),
        "best": float(p.best[place]),
        "turns_on": {"name": q.bench.doubt.names[on.place], "readout": e.readouts[on.reading], "r": on.r},
        "recommended": site == p.site,
        **_price(q, protocol, settings["days"]),
    }


def _for_knowledge(q: Question, said: InformationAim) -> dict[str, Any]:
    if q.draws:
        raise StudyError("option --draws", "an aim of yield", "an aim of information", "leave the draws out")
    names = q.bench.doubt.names
    if odd := [name for name in said.parameters if name not in names]:
        raise StudyError("aim.parameters", f"what is not known of this culture: {', '.join(names)}", odd[0])
    wanted = np.array([names.index(name) for name in said.parameters], np.intp)
    told = next_knowledge(q.search(), wanted, said.criterion, q.at_hand, q.rules)
    going = told.reason is Reason.go_on
    runs = [
        _told(q, told, i) | {"donor": q.people[donor], "gain_alone": float(told.nats[i])}
        for i, donor in enumerate(told.donor)
    ]
    for run in runs:
        run["reason"] = reason(run)
    return {
        **_head(q, told.effective, told.renewed),
        "parameters": {
            name: {"before": float(before), "after": float(after)}
            for name, before, after in zip(said.parameters, told.before, told.after, strict=True)
        },
        "gain": float(told.nats.sum()),
        "cost": told.cost if going else 0.0,
        "stop": not going,
        "verdict": told.reason.name,
        "runs": runs if going else [],
    }


def _told(q: Question, told: Told, i: int) -> dict[str, Any]:
    settings, protocol = _settings(q, told.ensemble.x, int(told.site[i]))
    aim = q.design.aim
    assert isinstance(aim, InformationAim), "asked for knowledge"  # noqa: S101
    return {
        "settings": settings,
        "recipe": _recipe(protocol),
        "tells": aim.parameters[int(told.most[i])],
        **_price(q, protocol, settings["days"]),
    }


def _head(q: Question, effective: float, renewed: bool) -> dict[str, Any]:
    spent = q.seen.spent(q.experiment)
    d = q.design
    return {
        "design": d.name,
        "title": d.title,
        "source": d.source,
        "aim": d.aim.model_dump(),
        "seed": q.seed,
        "seen": {"runs": len(q.seen.runs), "donors": len(q.seen.donors), "unused_readings": q.seen.unused},
        "members": {"drawn": d.doubt.members, "effective": effective, "renewed": renewed},
        "budget": {"total": d.budget, "spent": spent, "left": d.budget - spent},
        "limits": {"gain": d.stop.gain, "loss": d.stop.loss},
        "units": {name: q.experiment.units[name] for name in q.experiment.readouts},
    }


def _settings(q: Question, x: Floats, site: int) -> tuple[dict[str, float], CultureProtocol]:
    """The factors of a site and the day, and its protocol."""
    condition, moment = divmod(site, len(q.experiment.days))
    settings = dict(zip(q.experiment.names, map(float, x[condition]), strict=True))
    protocol = q.experiment.protocol(settings)
    return settings | {"days": float(q.experiment.days[moment])}, protocol


def _recipe(protocol: CultureProtocol) -> dict[str, float]:
    return {name: float(getattr(protocol, name)) for name in STATED}


def _price(q: Question, protocol: CultureProtocol, days: float) -> dict[str, Any]:
    costs = q.experiment.costs
    used = {name: ug for name, ug in costs.reagents(protocol, days).items() if ug > 0}
    return {"cost": costs.of(protocol, days), "reagents_ug": used}


def _natural(unit: str, three: tuple[float, float, float]) -> dict[str, Any]:
    median, low, high = (float(natural_scale(unit, np.array(x))) for x in three)
    return {"median": median, "low": low, "high": high, "unit": unit}


def _planned(q: Question, runs: Sequence[dict[str, Any]]) -> list[PlannedRun]:
    """The batch as a plate of its own, numbered after those that the tables name."""
    plate = f"batch {q.seen.plates + 1}"
    return [
        PlannedRun(run["donor"], plate, str(well), run["recipe"] | {"day": run["settings"]["days"]})
        for well, run in enumerate(runs, start=1)
    ]
