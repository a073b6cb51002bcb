"""The medium: volume, cytokines consumed and fed, and room to grow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import (
    Model,
    Output,
    Scheduled,
    Transition,
    covariate,
    needs,
    parameter,
    positive,
    state,
    switch,
)

CYTOKINES = ("SCF", "IL7", "TPO", "Flt3L", "TNF", "IL3", "IL15")


class Medium(Model):
    r"""Cells consume cytokines; feeding adds fresh medium; crowding slows division.

    $$ \dot c_i = -q \rho \frac{c_i}{K_q + c_i} + k_V e (c_i^* - c_i), \qquad \dot V = k_V e V, \qquad
       e = (\rho v_h - 1)_+ $$
    $$ \rho = X / V, \qquad room = (1 - \rho/\rho_{max})_+ $$

    A feed adds a share of the starting volume of fresh medium; a fed batch adds it whenever a cell has less
    medium than $v_h$. For the NK stage the cells are washed and go into the medium of that stage at its density;
    from then on fresh medium is that one. Consumption is unmeasured for this culture: q is assumed, the same for
    every cytokine. Reference: `csaszar2012` for feeding as a lever.
    """

    volume = state("mL", "volume of medium")
    cytokine = state("ng/mL", "concentration of each cytokine", over=(CYTOKINES,))
    second_stage = state("", "1 once the cells are in the medium of the NK stage, else 0")
    live_cells = needs("cell", "live cells in the vessel")
    seeded_cd34 = covariate("cell", "viable CD34+ cells seeded")
    seeding_density = covariate("cell/mL", "viable CD34+ cells seeded in one mL")
    scf = covariate("ng/mL", "SCF in fresh medium")
    il7 = covariate("ng/mL", "IL-7 in fresh medium")
    tpo = covariate("ng/mL", "TPO in fresh medium")
    flt3l = covariate("ng/mL", "Flt3 ligand in fresh medium")
    tnf = covariate("ng/mL", "TNF-alpha in fresh medium")
    il3 = covariate("ng/mL", "IL-3 in fresh medium")
    il15 = covariate("ng/mL", "IL-15 in fresh medium")
    nk_day = covariate("day", "day on which the cells go into the medium of the NK stage; nan: never")
    nk_scf = covariate("ng/mL", "SCF in fresh medium of the NK stage")
    nk_il7 = covariate("ng/mL", "IL-7 in fresh medium of the NK stage")
    nk_tpo = covariate("ng/mL", "TPO in fresh medium of the NK stage")
    nk_flt3l = covariate("ng/mL", "Flt3 ligand in fresh medium of the NK stage")
    nk_tnf = covariate("ng/mL", "TNF-alpha in fresh medium of the NK stage")
    nk_il3 = covariate("ng/mL", "IL-3 in fresh medium of the NK stage")
    nk_il15 = covariate("ng/mL", "IL-15 in fresh medium of the NK stage")
    nk_density = covariate("cell/mL", "live cells in one mL at the start of the NK stage")
    held_volume = covariate(
        "mL/cell", "medium for one live cell below which it is added all the time; 0: never"
    )
    first_feed_day = covariate("day", "day of the first feed; nan: never")
    second_feed_day = covariate("day", "day of the second feed; nan: never")
    third_feed_day = covariate("day", "day of the third feed; nan: never")
    feed_share = covariate("", "fresh medium added by one feed, over the starting volume")
    cytokine_depletion = switch("on", "off", "whether cells use the cytokines up; consumption is unmeasured")
    uptake = parameter("ng/cell/day", "cytokine consumed by one cell where it is plentiful")
    uptake_half = parameter("ng/mL", "concentration at which consumption is half")
    dilution = parameter("1/day", "pace of a fed batch at twice the density that it holds")
    capacity = parameter("cell/mL", "density at which division stops")

    def fresh(self, x: Any, p: Any) -> dict[str, Any]:
        """Concentration of each cytokine in the fresh medium of the stage [ng/mL]."""
        then, now = self.second(p), self.first(p)
        return {i: now[i] + x.second_stage * (then[i] - now[i]) for i in CYTOKINES}

    def first(self, p: Any) -> dict[str, Any]:
        """Concentration of each cytokine in the first medium as prepared [ng/mL]."""
        return dict(zip(CYTOKINES, (p.scf, p.il7, p.tpo, p.flt3l, p.tnf, p.il3, p.il15), strict=True))

    def second(self, p: Any) -> dict[str, Any]:
        """Concentration of each cytokine in the medium of the NK stage as prepared [ng/mL]."""
        doses = (p.nk_scf, p.nk_il7, p.nk_tpo, p.nk_flt3l, p.nk_tnf, p.nk_il3, p.nk_il15)
        return dict(zip(CYTOKINES, doses, strict=True))

    def starts(self, x: Any, p: Any, env: Any) -> Iterable[tuple[Any, Any]]:
        yield x.volume, p.seeded_cd34 / p.seeding_density
        for name, dose in self.first(p).items():
            yield x.cytokine[name], dose

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        density = env.live_cells / x.volume
        uptake = p.cytokine_depletion.choose(on=p.uptake, off=0)
        # Exactly none where nothing is held: a smooth corner would leak a millionth.
        added = p.dilution * (positive(density * p.held_volume - 1) - positive(-1.0))
        yield Transition("fed batch", added * x.volume, {x.volume: +1})
        for name, dose in self.fresh(x, p).items():
            c = x.cytokine[name]
            used = uptake * density * c / (p.uptake_half + c)
            yield Transition(f"{name} consumption", used, {c: -1})
            yield Transition(f"{name} fed", added * dose, {c: +1})
            yield Transition(f"{name} diluted", added * c, {c: -1})

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        density = env.live_cells / x.volume
        yield Output("density", "cell/mL", density, "live cells in one mL", observe=True)
        yield Output(
            "room", "", positive(1 - density / p.capacity), "share of division speed left by crowding"
        )
        for name in CYTOKINES:
            yield Output("concentration", "ng/mL", x.cytokine[name], f"{name} in the medium", (name,))

    def events(self, x: Any, p: Any, env: Any) -> Iterable[Scheduled]:
        added = p.feed_share * p.seeded_cd34 / p.seeding_density
        days = {"first": p.first_feed_day, "second": p.second_feed_day, "third": p.third_feed_day}
        for name, day in days.items():
            mixed = {
                x.cytokine[i]: (dose - x.cytokine[i]) * added / (x.volume + added)
                for i, dose in self.fresh(x, p).items()
            }
            yield Scheduled(f"{name} feed", at=day, changes={x.volume: added, **mixed})
        moved = {x.cytokine[i]: dose for i, dose in self.second(p).items()}
        moved |= {x.volume: env.live_cells / p.nk_density, x.second_stage: 1}
        yield Scheduled("NK stage", at=p.nk_day, sets=moved)
