"""The recipient programmed a second time, in plain numpy and from the text of its equations alone.

Every derivative, start and observation is compared with the traced system at random patients, states and
times. Whoever changes an equation changes it twice, or explains why only here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest

from thymos.lang.system import System
from thymos.lang.trace import trace
from thymos.therapy.recipient import recipient_models
from thymos.therapy.sampling import nominal

Numbers = dict[str, float]

CASES = 60
TOLERANCE = 1e-9
LINEAGES = ("CD4", "CD8")
THYMIC = ("H", "I", "R")
ORIGINS = ("H", "I", "R", "G")
STAGES = ("DN1", "DN2", "DN3", "DN4", "eDP1", "eDP2", "lDP", "SP1", "SP2")
PARTS = (
    "marrow",
    "serotherapy",
    "homing",
    "stroma",
    "thymus",
    "periphery",
    "trec",
    "natural_killer",
    "b_cells",
    "gvhd",
    "relapse",
    "infection",
    "mortality",
)
TYPICAL = {
    "age": 8.0,
    "weight": 25.0,
    "healthy": 0.0,
    "chimerism": 0.9,
    "engraftment_day": 15.0,
    "host_progenitors": 0.3,
    "host_block": 0.5,
    "atg_level": 2.0,
    "alemtuzumab_level": 0.3,
    "cyclophosphamide_start": 3.0,
    "cyclophosphamide_end": 5.0,
    "dose": 1e7,
    "infusion_day": 8.0,
    "second_dose": 1e6,
    "second_infusion_day": 20.0,
    "irradiated": 1.0,
    "calcineurin_inhibitor": 1.0,
    "conditioning_injury": 0.5,
    "graft_t_cells": 1e4,
    "graft_naive_share": 0.3,
    "graft_cd4_share": 0.6,
    "graft_burst": 3.0,
    "steroid_start": 12.0,
    "steroid_end": 40.0,
    "residual_t_cells": 1e3,
    "cmv": 1.0,
    "initial_nk": 50.0,
    "rituximab_doses": 0.5,
    "reference_cd4": 50.0,
    "reference_cd4_slope": 1.5,
    "reference_nk": 300.0,
    "reference_cd4_allo": 10.0,
    "reference_naive": 20.0,
    "reference_naive_slope": 1.2,
    "gvhd_baseline": 0.3,
    "gvhd_threshold": 1.0,
    "gvhd_severity": 0.7,
    "relapse_baseline": 0.3,
    "infection_baseline": 0.4,
    "mortality_baseline": 0.1,
}
NEVER_TRANSPLANTED = (
    "host_progenitors",
    "conditioning_injury",
    "atg_level",
    "alemtuzumab_level",
    "graft_t_cells",
    "residual_t_cells",
    "rituximab_doses",
)
YES_OR_NO = ("irradiated", "calcineurin_inhibitor", "cmv")


def above_zero(x: Any, width: float) -> Any:
    """max(0, x) with the corner rounded over `width`."""
    return (x + np.sqrt(x * x + width * width)) / 2


def larger(a: Any, b: Any, width: float) -> Any:
    return b + above_zero(a - b, width)


def smaller(a: Any, b: Any, width: float) -> Any:
    return b - above_zero(b - a, width)


def logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def cut(x: float, bound: float) -> float:
    """`x` where it lies within +-`bound`, else the bound; corners rounded over a tenth."""
    return float(larger(smaller(x, bound, 0.1), -bound, 0.1))


class Rates(NamedTuple):
    """Turnover of one lineage in health [1/day]."""

    loss: float
    division: float
    activation: float
    memory_loss: float
    memory_division: float


class Fate(NamedTuple):
    """What happens to every cell of one lineage now [1/day]."""

    division: float
    leaving: float
    conversion: float
    memory_division: float
    memory_leaving: float


@dataclass(repr=False)
class Moment:
    """One patient `p` in states `y` on day `t`."""

    p: Numbers
    y: Numbers
    t: float

    # ---- body, health

    @cached_property
    def age(self) -> float:
        return self.p["age"] + self.t / 365.25

    def volume(self, age: Any) -> Any:
        """Blood [uL]; the patient stays at his own multiple of the weight curve."""
        p = self.p

        def curve(a: Any) -> Any:
            infant = 1 - np.exp(-a / p["body.infant_time"])
            grown, born = (
                1 / (1 + np.exp((p["body.growth_age"] - x) / p["body.growth_spread"])) for x in (a, 0.0)
            )
            return (
                p["body.birth_weight"]
                + p["body.infant_gain"] * infant
                + p["body.growth_gain"] * (grown - born)
            )

        return p["body.volume_per_kg"] * p["weight"] * curve(age) / curve(p["age"])

    def healthy_pools(self, age: Any) -> dict[tuple[str, str], Any]:
        """Naive and memory cells of a healthy body by lineage."""
        p = {k.removeprefix("healthy_reference."): v for k, v in self.p.items()}
        cd4 = p["cd4_adult"] + p["cd4_infant_excess"] * np.exp(-age / p["cd4_decline"])
        adult, birth = p["cd8_ratio"], p["cd8_ratio_birth"]
        cd8 = cd4 * (adult + (birth - adult) * np.exp(-age / p["cd8_ratio_rise"]))
        old, young = p["naive_share_old"], p["naive_share_birth"]
        naive = old + (young - old) * np.exp(-age / p["naive_share_time"])
        body = self.volume(age) / p["body.blood_share"]
        return {
            (kind, j): count * share * body
            for j, count in (("CD4", cd4), ("CD8", cd8))
            for kind, share in (("naive", naive), ("memory", 1 - naive))
        }

    @cached_property
    def reference(self) -> dict[tuple[str, str], float]:
        return {k: float(v) for k, v in self.healthy_pools(self.age).items()}

    @cached_property
    def growth(self) -> dict[tuple[str, str], float]:
        """Relative growth of the reference pools [1/day], by a complex step: no derivative is written out."""
        step = 1e-30
        ahead = self.healthy_pools(self.p["age"] + (self.t + 1j * step) / 365.25)
        return {k: float(v.imag / v.real / step) for k, v in ahead.items()}

    # ---- thymus in health

    @cached_property
    def size(self) -> float:
        """g(a): output relative to that at one year; corners rounded over `bend`."""
        p = {k.removeprefix("thymic_capacity."): v for k, v in self.p.items()}
        grown = smaller(self.age, p["age_peak"], p["bend"]) / p["age_peak"]
        slopes = (0.0, p["decline_child"], p["decline_youth"], p["decline_adult"])
        corners = (p["age_peak"], p["age_child"], p["age_youth"])
        fall = sum(
            (after - before) * above_zero(self.age - corner, p["bend"])
            for corner, (before, after) in zip(corners, pairwise(slopes), strict=True)
        )
        return float((p["newborn_share"] + (1 - p["newborn_share"]) * grown) * np.exp(-fall))

    @cached_property
    def fast(self) -> bool:
        return bool(self.p["thymic_capacity.turnover_pair=fast"])

    @cached_property
    def fixed(self) -> bool:
        return bool(self.p["thymic_capacity.niche_number=fixed"])

    @cached_property
    def output_at_one(self) -> float:
        return self.p["thymic_capacity.output_" + ("fast" if self.fast else "slow")]

    @cached_property
    def organ(self) -> float:
        return 1.0 if self.fixed else self.size

    @cached_property
    def residence(self) -> float:
        return self.p["thymic_capacity.etp_residence"] * self.p["thymic_capacity.human_clock"]

    @cached_property
    def niches(self) -> float:
        made = self.p["thymic_capacity.cells_per_seeding"] * self.p["thymic_capacity.healthy_occupancy"]
        return self.output_at_one * self.organ * self.residence / made

    @cached_property
    def supply(self) -> float:
        """Progenitors of health, relative to those at one year: fewer where niches do not shrink."""
        full = self.p["thymic_capacity.healthy_occupancy"]
        occupied = full * self.size if self.fixed else full
        return occupied / (1 - occupied) * (1 - full) / full

    # ---- marrow, drugs

    def onset(self, lag: float, spread: float) -> float:
        """E(t): 0 at transplant, towards 1; half of it made `lag` days after engraftment."""

        def s(t: float) -> float:
            return logistic((t - self.p["engraftment_day"] - lag) / spread)

        return 1.0 if self.p["healthy"] else (s(self.t) - s(0)) / (1 - s(0))

    @cached_property
    def injury(self) -> float:
        """G_v: severity of acute GvHD."""
        return self.y["gvhd.severity"]

    @cached_property
    def seeding(self) -> Numbers:
        """Progenitors at the thymus by origin, relative to those of a healthy one-year-old."""
        reach = self.supply * (1 - self.p["marrow.gvhd_block"] * self.injury)
        return {s: self.y[f"marrow.progenitors[{s},3]"] * reach for s in ("H", "R")}

    def delayed(self, source: float, states: list[str], mean: float) -> Numbers:
        """Three steps of one third of the mean each."""
        before = [source, *(self.y[s] for s in states)]
        return {s: 3 / mean * (a - b) for s, (a, b) in zip(states, pairwise(before), strict=True)}

    def marrow(self) -> Numbers:
        donor = self.onset(0.0, self.p["marrow.engraftment_spread"]) * self.p["chimerism"]
        host = self.p["host_progenitors"] * (1 - self.p["chimerism"])
        change: Numbers = {}
        for s, source in (("H", donor), ("R", host)):
            steps = [f"marrow.progenitors[{s},{i}]" for i in (1, 2, 3)]
            change |= self.delayed(source, steps, self.p["marrow.lag"])
        return change

    @cached_property
    def antibody_kill(self) -> float:
        p, atg, alemtuzumab = self.p, self.y["serotherapy.atg"], self.y["serotherapy.alemtuzumab"]
        by_atg = p["serotherapy.atg_kill_max"] * atg / (p["serotherapy.atg_kill_half"] + atg)
        half = p["serotherapy.alemtuzumab_kill_half"]
        return by_atg + p["serotherapy.alemtuzumab_kill_max"] * alemtuzumab / (half + alemtuzumab)

    @cached_property
    def cyclophosphamide_kill(self) -> float:
        return self.p["serotherapy.cyclophosphamide_kill"] * self.y["serotherapy.cyclophosphamide"]

    @cached_property
    def steroids(self) -> float:
        """In full when given for themselves, else as acute GvHD asks for."""
        return 1 - (1 - self.y["serotherapy.steroid"]) * (1 - self.injury)

    def serotherapy(self) -> Numbers:
        p, atg = self.p, self.y["serotherapy.atg"]
        bound = p["serotherapy.atg_saturable"] * atg / (p["serotherapy.atg_half"] + atg)
        alemtuzumab = self.y["serotherapy.alemtuzumab"]
        return {
            "serotherapy.atg": -p["serotherapy.atg_elimination"] * atg - bound,
            "serotherapy.alemtuzumab": -p["serotherapy.alemtuzumab_elimination"] * alemtuzumab,
            "serotherapy.cyclophosphamide": 0.0,
            "serotherapy.steroid": 0.0,
        }

    # ---- thymus of the patient

    @cached_property
    def stroma_left(self) -> float:
        return self.y["stroma.intact"]

    @cached_property
    def occupancy(self) -> float:
        return sum(self.y[f"thymus.etp[{s}]"] for s in THYMIC) / (self.niches * self.stroma_left)

    @cached_property
    def free(self) -> float:
        """Free share of niches, none where more cells sit than niches are left."""
        return float(above_zero(1 - self.occupancy, 1e-6))

    @cached_property
    def entry(self) -> float:
        """Rate at which infused cells, weighted by their odds of homing, settle [1/day]."""
        p = {k.removeprefix("homing."): v for k, v in self.p.items()}
        portals = self.organ if p["homing_scale=proportional"] else 1.0
        injured = 1 - p["entry_after_irradiation"]
        vessel = 1 - p["irradiated"] * injured * np.exp(-self.t / p["entry_recovery"])
        drugs = 1 - p["cni_block"] * p["calcineurin_inhibitor"]
        gvhd = 1 - p["gvhd_entry_block"] * self.injury
        steroid = 1 - p["steroid_block"] * self.steroids
        return float(portals * p["clearance"] * vessel * drugs * gvhd * steroid * self.free)

    def homing(self) -> Numbers:
        odds = self.p["homing.homing_fraction"] / (1 - self.p["homing.homing_fraction"])
        caught = self.cyclophosphamide_kill * self.p["serotherapy.progenitors_dividing"]
        lost = odds * self.entry + self.p["homing.clearance"] + self.antibody_kill + caught
        return {"homing.blood": -lost * self.y["homing.blood"]}

    def stroma(self) -> Numbers:
        p = {k.removeprefix("stroma."): v for k, v in self.p.items()}
        adult = logistic((self.age - p["adult_age"]) / p["adult_spread"])
        repair = p["repair"] * (1 - (1 - p["adult_slowing"]) * adult)
        if p["stroma_repair=infused"]:
            repair += p["repair_by_infused"] * self.y["thymus.etp[I]"] / self.niches
        injury = p["gvhd_injury"] * self.injury + p["steroid_injury"] * self.steroids
        return {"stroma.intact": repair * (1 - self.stroma_left) - injury * self.stroma_left}

    @cached_property
    def thymic_stages(self) -> dict[str, tuple[float, float]]:
        """Residence [day] and gain at exit of each stage."""
        p = {k.removeprefix("thymus."): v for k, v in self.p.items()}
        dn, early = (p["dn_residence"], p["dn_gain"]), (p["early_dp_residence"], p["early_dp_gain"])
        late = (p["late_dp_residence"], p["selection"])
        mature = ((p["sp_residence"], p["sp_gain"]), (p["sp_late_residence"], p["sp_late_gain"]))
        mouse = (*4 * (dn,), *2 * (early,), late, *mature)
        clock = self.p["thymic_capacity.human_clock"]
        return {k: (clock * days, gain) for k, (days, gain) in zip(STAGES, mouse, strict=True)}

    @cached_property
    def flux(self) -> dict[tuple[str, str], float]:
        """Cells per day out of each stage of each origin, gain included."""
        rest = float(np.prod([gain for _, gain in self.thymic_stages.values()]))
        made = self.p["thymic_capacity.cells_per_seeding"] / rest
        out = {}
        for s in THYMIC:
            days = self.residence * (self.p["thymus.infused_niche_time"] if s == "I" else 1.0)
            gain = made * (2.0 ** -self.p["thymus.missed_divisions"] if s == "I" else 1.0)
            out[s, "ETP"] = self.y[f"thymus.etp[{s}]"] / days * gain
            out[s, "exit"] = self.y[f"thymus.etp[{s}]"] / days
            for k, (stay, yielded) in self.thymic_stages.items():
                out[s, k] = self.y[f"thymus.thymocytes[{s},{k}]"] / stay * yielded
        out["R", "DN4"] *= 1 - self.p["host_block"]
        return out

    def thymus(self) -> Numbers:
        full = self.p["thymic_capacity.healthy_occupancy"]
        open_niches = self.niches * self.stroma_left * self.free
        pull = full / (1 - full) / self.residence * open_niches
        settled = {s: pull * self.seeding[s] for s in ("H", "R")}
        settled["I"] = self.entry * self.y["homing.blood"]
        change = {}
        for s in THYMIC:
            change[f"thymus.etp[{s}]"] = settled[s] - self.flux[s, "exit"]
            for before, k in pairwise(("ETP", *STAGES)):
                name = f"thymus.thymocytes[{s},{k}]"
                change[name] = self.flux[s, before] - self.y[name] / self.thymic_stages[k][0]
        return change

    def export(self, s: str, j: str) -> float:
        if s == "G":
            return 0.0
        share = self.p["thymus.cd4_share"] if j == "CD4" else 1 - self.p["thymus.cd4_share"]
        least = self.p["thymus.yield_without_stroma"]
        return share * self.flux[s, "SP2"] * (least + (1 - least) * self.stroma_left)

    # ---- periphery

    def healthy_rates(self, j: str) -> Rates:
        p = {k.removeprefix("turnover."): v for k, v in self.p.items()}
        share = p["thymus.cd4_share"] if j == "CD4" else 1 - p["thymus.cd4_share"]
        naive, memory = self.reference["naive", j], self.reference["memory", j]
        influx = share * self.output_at_one * self.size / naive
        ratio = p["division_at_birth"] * np.exp(self.age / p["division_ageing"])
        adult = p["naive_loss_fast"] if self.fast else p[f"naive_{j.lower()}_loss"]
        loss = larger(adult, (1 + ratio) * influx - self.growth["naive", j], adult / 100)
        gone = p[f"memory_{j.lower()}_loss"]
        kept = gone + self.growth["memory", j]
        # Activated cells are among those that are lost, so there are never more of them.
        asked = p["from_naive"] * kept * memory / (p["burst"] * naive)
        turned = (asked**-4 + loss**-4) ** -0.25
        return Rates(
            loss,
            loss + self.growth["naive", j] - influx,
            turned,
            gone,
            kept - p["burst"] * turned * naive / memory,
        )

    def cells(self, j: str, origins: tuple[str, ...] = ORIGINS) -> float:
        return sum(self.y[f"periphery.{k}[{s},{j}]"] for k in ("naive", "memory") for s in origins)

    @cached_property
    def fullness(self) -> Numbers:
        """L by lineage: cells over those of health, own lineage and all T cells weighted by chi."""
        healthy = {j: self.reference["naive", j] + self.reference["memory", j] for j in LINEAGES}
        everyone = sum(map(self.cells, LINEAGES)) / sum(healthy.values())
        chi = self.p["periphery.cross_talk"]
        return {j: (1 - chi) * self.cells(j) / healthy[j] + chi * everyone for j in LINEAGES}

    @cached_property
    def lymphopenia(self) -> float:
        return float(above_zero(1 - sum(self.fullness.values()) / 2, 0.01))

    def fate(self, j: str) -> Fate:
        p, r, room = self.p, self.healthy_rates(j), self.fullness[j]

        def drive(empty: float) -> float:
            return empty / (1 + (empty - 1) * room**2)

        def caught(division: float) -> float:
            return division / (p["periphery.dividing_half"] + division)

        wanted = drive(p["periphery.naive_drive"])
        conversion = p["periphery.conversion"] * r.division * above_zero(wanted - 1, 1e-3)
        division = r.division * wanted
        memory = r.memory_division * drive(p[f"periphery.memory_{j.lower()}_drive"])
        if j == "CD8":
            memory += p["periphery.cmv_drive"] * p["cmv"] * 2 / (1 + room**2)
        kill = [self.antibody_kill + self.cyclophosphamide_kill * caught(d) for d in (division, memory)]
        return Fate(
            division,
            r.loss + conversion + kill[0],
            conversion + r.activation,
            memory,
            r.memory_loss + kill[1],
        )

    def periphery(self) -> Numbers:
        change = {}
        for j in LINEAGES:
            f, r = self.fate(j), self.healthy_rates(j)
            activated, burst = r.activation, self.p["periphery.conversion_burst"]
            for s in ORIGINS:
                more = self.p["graft_burst"] if s == "G" else 1.0
                made = self.p["turnover.burst"] * activated + more * burst * (f.conversion - activated)
                naive, memory = f"periphery.naive[{s},{j}]", f"periphery.memory[{s},{j}]"
                change[naive] = self.export(s, j) + (f.division - f.leaving) * self.y[naive]
                change[memory] = (
                    made * self.y[naive] + (f.memory_division - f.memory_leaving) * self.y[memory]
                )
        return change

    def trec(self) -> Numbers:
        change = {}
        for j in LINEAGES:
            f, naive, memory = self.fate(j), f"trec.in_naive[{j}]", f"trec.in_memory[{j}]"
            new = self.p["trec.per_emigrant"] * sum(self.export(s, j) for s in THYMIC)
            change[naive] = new - f.leaving * self.y[naive]
            change[memory] = f.conversion * self.y[naive] - f.memory_leaving * self.y[memory]
        return change

    # ---- NK, B

    def natural_killer(self) -> Numbers:
        p = {k.removeprefix("natural_killer."): v for k, v in self.p.items()}
        made = p["production"] * self.onset(p["lag"], p["spread"])
        lost = p["loss"] + p["serotherapy_share"] * self.antibody_kill
        surplus = 1 + p["surplus"] * self.lymphopenia
        return {"natural_killer.nk": made * surplus - lost * self.y["natural_killer.nk"]}

    def b_cells(self) -> Numbers:
        p = {k.removeprefix("b_cells."): v for k, v in self.p.items()}
        steps = [f"b_cells.maturing[{i}]" for i in (1, 2, 3)]
        healthy = p["adult"] + p["infant_excess"] * np.exp(-self.age / p["decline"])
        made = p["turnover"] * healthy * self.y[steps[-1]] * (1 - p["gvhd_block"] * self.injury)
        drug = self.y["b_cells.rituximab"]
        lost = (p["turnover"] + p["rituximab_kill"] * drug) * self.y["b_cells.cd19"]
        return self.delayed(self.y["marrow.progenitors[H,3]"], steps, p["delay"]) | {
            "b_cells.cd19": made - lost,
            "b_cells.rituximab": -p["rituximab_clearance"] * drug,
        }

    # ---- hazards

    @cached_property
    def in_blood(self) -> float:
        """Count [1/uL] of one cell in the body."""
        share = self.p["body.blood_share"]
        if self.p["periphery.blood_model=lymphopenic"]:
            share *= 1 + self.p["periphery.blood_shift"] * self.lymphopenia
        return share / float(self.volume(self.age))

    def distance(self, count: float, expected: float, where: str) -> float:
        """Natural logs between two counts, floored at `floor` and cut at `widest`."""
        floor = self.p[f"{where}.floor"]
        logs = [np.log(np.hypot(c, floor)) for c in (count, expected)]
        return cut(logs[0] - logs[1], self.p[f"{where}.widest"])

    @cached_property
    def cd4_distance(self) -> float:
        onset = self.p["immune_state.onset"]
        rise = ((self.t + onset) / (100 + onset)) ** self.p["reference_cd4_slope"]
        return self.distance(
            self.in_blood * self.cells("CD4"), self.p["reference_cd4"] * rise, "immune_state"
        )

    @cached_property
    def may_attack(self) -> float:
        """CD4 cells in blood that may attack the host [1/uL]."""
        origins = ("G", "H", "I") if self.p["periphery.allo_thymic=yes"] else ("G",)
        return self.in_blood * self.cells("CD4", origins)

    def naive_in_blood(self, *lineages: str) -> float:
        """Naive T cells of some lineages [1/uL]."""
        return self.in_blood * sum(self.y[f"periphery.naive[{s},{j}]"] for s in ORIGINS for j in lineages)

    def gvhd(self) -> Numbers:
        p, peak = self.p, self.p["gvhd.timing"]
        allo = self.distance(self.may_attack, p["reference_cd4_allo"], "immune_state")
        shape = self.t / peak**2 * np.exp(-self.t / peak)
        effect = np.exp(p["immune_state.shrink"] * p["gvhd.log_cd4"] * allo)
        return {
            "gvhd.hazard": p["gvhd_baseline"] * shape * effect,
            "gvhd.severity": -self.injury / p["gvhd.healing"],
        }

    def falling(self, what: str, log_effect: float) -> Numbers:
        decay = self.p[f"{what}.decay"]
        base = self.p[f"{what}_baseline"] * np.exp(-self.t / decay) / decay
        return {f"{what}.hazard": base * np.exp(-self.p["immune_state.shrink"] * log_effect)}

    def relapse(self) -> Numbers:
        p = self.p
        if p["relapse.relapse_driver=nk"]:
            nk = self.distance(self.y["natural_killer.nk"], p["reference_nk"], "immune_state")
            return self.falling("relapse", p["relapse.log_nk"] * nk)
        return self.falling("relapse", p["relapse.log_cd4"] * self.cd4_distance)

    def infection(self) -> Numbers:
        p = self.p
        if not p["infection.infection_driver=precursors"]:
            return self.falling("infection", p["infection.log_cd4"] * self.cd4_distance)
        one_cell = self.in_blood / p["immune_state.precursor_frequency"]
        rise = ((self.t + p["immune_state.onset"]) / (100 + p["immune_state.onset"])) ** p[
            "reference_naive_slope"
        ]
        now = np.log(np.hypot(self.naive_in_blood(*LINEAGES), one_cell))
        then = np.log(np.hypot(p["reference_naive"] * rise, one_cell))
        return self.falling(
            "infection", p["infection.log_precursors"] * cut(now - then, p["immune_state.widest"])
        )

    def mortality(self) -> Numbers:
        return self.falling("mortality", 0.0)

    # ---- what is seen

    def seen(self) -> Numbers:
        extra = 1 + self.p["periphery.other_t_share"]
        cd4, cd8 = (self.in_blood * self.cells(j) for j in LINEAGES)
        copies = sum(self.y[f"trec.in_{k}[{j}]"] for k in ("naive", "memory") for j in LINEAGES)
        return {
            "atg": self.y["serotherapy.atg"],
            "stroma": self.stroma_left,
            "occupancy": self.occupancy,
            "thymic_export": sum(self.export(s, j) for s in THYMIC for j in LINEAGES),
            "infused_export": sum(self.export("I", j) for j in LINEAGES),
            "cd3": extra * (cd4 + cd8),
            "cd4": cd4,
            "cd8": cd8,
            "cd4_naive": self.naive_in_blood("CD4"),
            "naive_t": self.naive_in_blood(*LINEAGES),
            "cd4_allo": self.may_attack,
            "infused_t": self.in_blood * sum(self.cells(j, ("I",)) for j in LINEAGES),
            "trec": self.in_blood * copies,
            "nk": self.y["natural_killer.nk"],
            "cd19": self.y["b_cells.cd19"],
            "gvhd": self.injury,
        } | {f"{k}_hazard": self.y[f"{k}.hazard"] for k in ("gvhd", "relapse", "infection", "mortality")}


class Traced(NamedTuple):
    """Values by name."""

    rates: Numbers
    starts: Numbers
    seen: Numbers


def random_patient(system: System, rng: np.random.Generator) -> Numbers:
    """Every number within some tens of percent of its row, every switch and yes-or-no by a coin."""
    values = {k: float(v[0]) for k, v in nominal(recipient_models(), 1).items()} | TYPICAL
    p = {k: v * float(np.exp(rng.normal(0, 0.2))) for k, v in values.items()}
    p |= {q.name: float(rng.integers(2)) for q in system.parameters if q.kind == "switch"}
    p |= {k: float(rng.integers(2)) for k in YES_OR_NO}
    p["age"] = float(np.exp(rng.uniform(np.log(0.1), np.log(60))))
    for share in ("thymic_capacity.healthy_occupancy", "healthy_reference.naive_share_birth"):
        p[share] = rng.uniform(0.6, 0.95)
    for share in ("chimerism", "host_block", "conditioning_injury", "thymus.infused_niche_time"):
        p[share] = rng.uniform(0.1, 0.9)
    p["thymus.missed_divisions"] = rng.uniform(0, 4)
    p["homing.homing_fraction"] = rng.uniform(1e-4, 0.5)
    p["healthy"] = float(rng.random() < 0.3)
    if p["healthy"]:
        p |= dict.fromkeys(NEVER_TRANSPLANTED, 0.0) | {"chimerism": 1.0}
    return p


def random_states(system: System, p: Numbers, rng: np.random.Generator) -> Numbers:
    """Any state a patient may be in, from an empty to a full body, with free and with crowded niches."""
    before = Moment(p, {}, 0.0)
    typical = {"periphery": 0.2 * min(before.reference.values()), "trec": 1e8, "homing": 1e6}
    y = {s.name: rng.random() * typical.get(s.name.split(".")[0], 1.0) for s in system.states}
    for name in y:
        if name.startswith("periphery"):
            y[name] *= rng.choice([0.0, 0.01, 1.0, 10.0])
        elif name.startswith("thymus"):
            y[name] *= 0.3 * before.niches if "etp" in name else 1e8
        elif name in ("natural_killer.nk", "b_cells.cd19"):
            y[name] *= 300.0
    y["serotherapy.cyclophosphamide"] = float(rng.integers(2))
    return y


@pytest.fixture(scope="module")
def system() -> System:
    return trace(recipient_models(), "recipient")


@pytest.fixture(scope="module")
def moments(system: System) -> list[Moment]:
    rng = np.random.default_rng(20)
    days = (0.0, 1.0, 4.0, 10.0, 30.0, 100.0, 300.0, 1500.0)
    patients = [random_patient(system, rng) for _ in range(CASES)]
    return [Moment(p, random_states(system, p, rng), float(rng.choice(days))) for p in patients]


@pytest.fixture(scope="module")
def traced(system: System, moments: list[Moment]) -> list[Traced]:
    """The traced system as numbers, at every moment."""
    import sympy

    arguments = [system.time, [s.symbol for s in system.states], [q.symbol for q in system.parameters]]
    outputs = [o.expression for o in system.outputs]
    f = sympy.lambdify(arguments, [*system.rhs, *system.starts, *outputs], "numpy", cse=True)
    names = [s.name for s in system.states]
    seen = [o.name for o in system.outputs]

    def at(m: Moment) -> Traced:
        values = f(m.t, [m.y[n] for n in names], [m.p[q.name] for q in system.parameters])
        rates, starts = values[: len(names)], values[len(names) : 2 * len(names)]
        pairs = ((names, rates), (names, starts), (seen, values[-len(seen) :]))
        return Traced(*(dict(zip(keys, numbers, strict=True)) for keys, numbers in pairs))

    return [at(m) for m in moments]


def test_an_infusion_adds_competent_cells_weighted_by_their_odds_of_homing(
    system: System, moments: list[Moment]
) -> None:
    p = moments[0].p
    odds = p["homing.homing_fraction"] / (1 - p["homing.homing_fraction"])
    values = {q.symbol: p[q.name] for q in system.parameters}
    events = {e.name: e for e in system.events}
    for name, dose in (("infusion", p["dose"]), ("second infusion", p["second_dose"])):
        ((state, how, amount),) = events[name].changes
        assert (system.states[state].name, how) == ("homing.blood", "add")
        assert float(amount.xreplace(values)) == pytest.approx(dose * p["homing.competent"] * odds)


def test_every_state_has_a_second_equation(system: System, moments: list[Moment]) -> None:
    written = {name for part in PARTS for name in getattr(moments[0], part)()}
    assert written == {s.name for s in system.states}


@pytest.mark.parametrize("part", PARTS)
def test_rates_agree_with_the_second_programming(
    part: str, moments: list[Moment], traced: list[Traced]
) -> None:
    for case, (moment, found) in enumerate(zip(moments, traced, strict=True)):
        for name, rate in getattr(moment, part)().items():
            assert found.rates[name] == pytest.approx(rate, rel=TOLERANCE, abs=1e-12), f"{name}, case {case}"


def test_observations_agree_with_the_second_programming(moments: list[Moment], traced: list[Traced]) -> None:
    for moment, found in zip(moments, traced, strict=True):
        assert found.seen == pytest.approx(moment.seen(), rel=TOLERANCE)


def test_a_transplanted_patient_starts_with_what_conditioning_and_graft_leave(
    moments: list[Moment], traced: list[Traced]
) -> None:
    for moment, at in zip(moments, traced, strict=True):
        p = moment.p
        if p["healthy"]:
            continue
        expected = {name: 0.0 for name in at.starts if not name.startswith("trec")}
        expected |= {
            "serotherapy.atg": p["atg_level"],
            "serotherapy.alemtuzumab": p["alemtuzumab_level"],
            "stroma.intact": 1 - p["conditioning_injury"],
            "natural_killer.nk": p["initial_nk"],
            "b_cells.rituximab": p["rituximab_doses"],
        }
        host = p["host_progenitors"] * (1 - p["chimerism"])
        expected |= {f"marrow.progenitors[R,{i}]": host for i in (1, 2, 3)}
        del expected["thymus.etp[R]"]
        survivors = {"G": p["graft_t_cells"] * p["periphery.engrafting_share"], "R": p["residual_t_cells"]}
        kinds = {
            "G": (p["graft_cd4_share"], p["graft_naive_share"]),
            "R": (p["periphery.residual_cd4_share"], p["periphery.residual_naive_share"]),
        }
        for s, per_kg in survivors.items():
            cd4, naive = kinds[s]
            for j, share in (("CD4", cd4), ("CD8", 1 - cd4)):
                for kind, part in (("naive", naive), ("memory", 1 - naive)):
                    expected[f"periphery.{kind}[{s},{j}]"] = p["weight"] * per_kg * share * part
        found = {name: at.starts[name] for name in expected}
        assert found == pytest.approx(expected, rel=TOLERANCE)


NICHES = ("niches as large as the thymus", "niches as many as at one year")


@pytest.mark.parametrize("kind", NICHES)
def test_host_progenitors_start_with_the_niches_they_can_hold(
    kind: str, moments: list[Moment], traced: list[Traced]
) -> None:
    for moment, at in zip(moments, traced, strict=True):
        p, start = moment.p, Moment(moment.p, at.starts, 0.0)
        if p["healthy"] or start.fixed != (kind == NICHES[1]):
            continue
        full = p["thymic_capacity.healthy_occupancy"]
        pull = full / (1 - full) * start.seeding["R"]
        assert start.occupancy == pytest.approx(pull / (1 + pull), rel=TOLERANCE)


@pytest.mark.parametrize("kind", NICHES)
def test_a_healthy_thymus_starts_at_rest(kind: str, moments: list[Moment], traced: list[Traced]) -> None:
    for moment, at in zip(moments, traced, strict=True):
        p, start = moment.p, Moment(moment.p, at.starts, 0.0)
        if not p["healthy"] or start.fixed != (kind == NICHES[1]):
            continue
        occupied = p["thymic_capacity.healthy_occupancy"] * (start.size if start.fixed else 1.0)
        assert start.occupancy == pytest.approx(occupied, rel=TOLERANCE)
        assert start.seen()["thymic_export"] == pytest.approx(start.output_at_one * start.size, rel=TOLERANCE)


def test_a_healthy_body_starts_with_the_pools_of_its_age(moments: list[Moment], traced: list[Traced]) -> None:
    for moment, at in zip(moments, traced, strict=True):
        if not moment.p["healthy"]:
            continue
        start = Moment(moment.p, at.starts, 0.0)
        for (kind, j), cells in start.reference.items():
            found = sum(at.starts[f"periphery.{kind}[{s},{j}]"] for s in ORIGINS)
            assert found == pytest.approx(cells, rel=TOLERANCE)
        assert start.fullness == pytest.approx({"CD4": 1.0, "CD8": 1.0}, rel=TOLERANCE)


def test_trec_content_of_a_healthy_body_starts_at_rest(moments: list[Moment], traced: list[Traced]) -> None:
    """Copies grow with the pool that holds them; what naive cells lose by a rounded corner is neglected."""
    for moment, at in zip(moments, traced, strict=True):
        if not moment.p["healthy"]:
            continue
        start = Moment(moment.p, at.starts, 0.0)
        for j in LINEAGES:
            naive, memory, r = f"trec.in_naive[{j}]", f"trec.in_memory[{j}]", start.healthy_rates(j)
            relative = start.trec()[naive] / start.y[naive]
            assert relative == pytest.approx(start.growth["naive", j], rel=0.01, abs=1e-5)
            carried = r.activation / (r.memory_loss + start.growth["memory", j])
            assert start.y[memory] / start.y[naive] == pytest.approx(carried, rel=TOLERANCE)


def test_mature_cells_bring_their_trec_and_no_more(moments: list[Moment], traced: list[Traced]) -> None:
    for moment, at in zip(moments, traced, strict=True):
        if moment.p["healthy"]:
            continue
        start = Moment(moment.p, at.starts, 0.0)
        for j in LINEAGES:
            copies = sum(at.starts[f"trec.in_{kind}[{j}]"] for kind in ("naive", "memory"))
            assert copies == pytest.approx(moment.p["trec.per_mature"] * start.cells(j), rel=TOLERANCE)


def test_the_moments_reach_both_sides_of_every_corner(moments: list[Moment]) -> None:
    """Crowded and free niches, distances that are believed in full and distances that are cut."""
    ill = [m for m in moments if not m.p["healthy"]]
    for values, corner in (
        ([m.occupancy for m in moments], 1.0),
        ([abs(m.cd4_distance) for m in ill], 1.8),
        ([sum(m.fullness.values()) / 2 for m in moments], 1.0),
    ):
        assert sum(v < corner for v in values) >= 3
        assert sum(v > corner for v in values) >= 3
