"""Gene transfer: copies that cells take up on one day of the culture, and which later cells descend from which."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from thymos.biology.culture.copies import SAFE, relative_dose, share_above, without
from thymos.biology.culture.lineage import EXIT, KINDS, STEPS, Lineage
from thymos.biology.culture.phenotype import CD56
from thymos.lang import Output, Scheduled, Transition, constant, covariate, needs, parameter, state, switch

USUAL_MOI = 10.0  # the MOI at which `copies` and `toxicity` are stated
SEEN_CLASSES = ("carried_t", *CD56)
KINDS_SEEN = {"": "live cells", "cd7_": "CD7+CD3- cells", "nk_": "CD56+CD3- cells"}


class Origins(NamedTuple):
    """Cells of one kind by what their forebears were at transduction, as shares of that kind: resting, cycling."""

    resting: Any
    cycling: Any

    def mean(self, of: Callable[[Any], Any], copies: tuple[Any, Any]) -> Any:
        """Mean of a function of the mean copies of each origin."""
        return self.resting * of(copies[0]) + self.cycling * of(copies[1])


class Transgene(Lineage):
    r"""Its states are the descendants of the cells that rested in G0 at transduction; the others are the rest.

    $$ \lambda = \lambda_{10} \left(\frac{MOI}{10}\right)^a \; \text{(cycling)}, \qquad \lambda_q = s \lambda \;
       \text{(resting)}, \qquad VCN = \sum_j w_j \lambda_j, \qquad marked = \sum_j w_j (1 - P_0(\lambda_j)) $$
    $$ \dot e = -\left(\frac{\text{divisions}}{X} + d_e\right) e, \qquad \dot q = -k_s q, \qquad
       expressing = \sum_j w_j (1 - P_0(q \lambda_j)) $$

    Descendants follow the transitions of the cells themselves, rate by rate. Integrated copies are inherited, so
    that $w_j$ alone moves their number; copies that did not integrate (e per cell) are diluted by division, and
    PCR counts both. Each copy is expressed with probability q. Carried-over T cells take up as resting cells do.
    Copies per cell are Poisson within an origin, or negative binomial. Some cells die of the vector, of every
    kind alike. References: `girardgagnepain2014`, `bernadin2019`.
    """

    copies_taken = state("", "mean integrated copies per cell that cycled at transduction")
    episomes = state("", "mean copies per live cell that did not integrate")
    expressed = state("", "share of integrated copies that is expressed")
    vector_day = covariate("day", "day of the culture on which the vector is added; inf: never")
    nk_day = covariate("day", "day on which the cells go into the medium of the NK stage; nan: never")
    moi = covariate("", "multiplicity of infection: transducing units per live cell")
    resting = needs("cell", "CD34+ cells in G0 by step of exit", over=(EXIT,))
    cells = needs("cell", "live cells by class", over=(SEEN_CLASSES,))
    live_cells = needs("cell", "live cells in the vessel")
    cd7_cells = needs("cell", "CD7+CD3- cells in the vessel")
    division = needs("1/day", "division rate of each kind of cell", over=(KINDS,))
    death_rate = needs("1/day", "death rate of each kind of cell", over=(KINDS,))
    step = needs("1/day", "rate of each passage between classes", over=(STEPS,))
    locked_support = needs("", "share of their division that locked cells keep")
    locked_starvation = needs("1/day", "death rate of locked cells for want of Notch")
    wash_recovery = needs("", "share of cells left after the wash before the NK stage")
    divisions = needs("cell/day", "divisions in the vessel in one day")
    vcn_dispersion = switch("poisson", "negative_binomial", "whether cells of one origin take up alike")
    copies = parameter("", "mean integrated copies per cycling cell at an MOI of 10")
    resting_uptake = parameter("", "copies that a resting cell takes up over those of a cycling one")
    moi_power = parameter("", "power of the MOI with which copies rise")
    overdispersion = parameter("", "variance of copies over their mean, less 1, for one copy on average")
    toxicity = parameter("", "share of cells that dies of the vector at an MOI of 10")
    episomes_taken = parameter("", "copies that did not integrate for one that did, right after transduction")
    episome_loss = parameter("1/day", "loss of copies that did not integrate, beside dilution")
    expressing = parameter("", "share of integrated copies that is expressed at first")
    silencing = parameter("1/day", "rate at which expressed copies fall silent")

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        yield from self.passages(x, env.step)
        support, starvation = env.locked_support, env.locked_starvation
        yield from self.turnover(x, env.division, env.death_rate, support, starvation)
        yield Transition(
            "dilution of episomes", env.divisions / env.live_cells * x.episomes, {x.episomes: -1}
        )
        yield Transition("loss of episomes", p.episome_loss * x.episomes, {x.episomes: -1})
        yield Transition("silencing", p.silencing * x.expressed, {x.expressed: -1})

    def events(self, x: Any, p: Any, env: Any) -> Iterable[Scheduled]:
        washed = {cells: (env.wash_recovery - 1) * cells for cells in self.everyone(x)}
        yield Scheduled("wash of the descendants", at=p.nk_day, changes=washed)
        taken = p.copies * relative_dose(p.moi / USUAL_MOI, p.moi_power)
        resting = sum(env.resting[j] for j in EXIT) + env.cells["carried_t"]
        among_all = Origins(resting / env.live_cells, 1 - resting / env.live_cells)
        mean = among_all.mean(_itself, (p.resting_uptake * taken, taken))
        at_rest = {x.quiescent[j]: env.resting[j] for j in EXIT}
        first = {x.copies_taken: taken, x.episomes: p.episomes_taken * mean, x.expressed: p.expressing}
        yield Scheduled("transduction", at=p.vector_day, sets={**at_rest, **first})

    def descendants(self, x: Any, env: Any) -> dict[str, Origins]:
        """Live cells, CD7+CD3- cells and CD56+CD3- cells by origin."""
        cd7 = sum(cells for *_, cells in self.cd7(x)) + x.cd1a
        nk = sum(x.nk[name.removeprefix("nk_")] for name in CD56)
        counted = {
            "": (sum(self.everyone(x)) + env.cells["carried_t"], env.live_cells),
            "cd7_": (cd7, env.cd7_cells),
            "nk_": (nk, sum(env.cells[name] for name in CD56)),
        }
        # A share of nothing is 0, not undefined.
        nothing = constant(1e-9, "cell")
        return {
            name: Origins(resting / (cells + nothing), (cells - resting) / (cells + nothing))
            for name, (resting, cells) in counted.items()
        }

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        origins = self.descendants(x, env)
        copies = (p.resting_uptake * x.copies_taken, x.copies_taken)
        expressed = (copies[0] * x.expressed, copies[1] * x.expressed)
        for kind, text in KINDS_SEEN.items():
            share, shown = (origins[kind].mean(self.marked(p), mean) for mean in (copies, expressed))
            yield _percent(f"{kind}marked_percent", share, f"share of {text} with the transgene")
            yield _percent(f"{kind}expressing_percent", shown, f"share of {text} that express the transgene")
            vcn = origins[kind].mean(_itself, copies)
            yield _copies(f"{kind}vcn", vcn, f"integrated copies per cell, {text}")
        yield from self._of_the_lot(origins[""], p, copies, x.episomes)
        yield from self._for_the_recipient(origins["cd7_"], x)

    def marked(self, p: Any) -> Callable[[Any], Any]:
        """Share of cells with a copy, by their mean copies."""
        return self._of_law(p, lambda mean, spread: 1 - without(mean, spread))

    def _of_law(self, p: Any, share: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
        """A share that follows from mean and overdispersion, under the law that is chosen, by the mean alone."""
        return lambda mean: p.vcn_dispersion.choose(
            poisson=share(mean, 0), negative_binomial=share(mean, p.overdispersion)
        )

    def _of_the_lot(
        self, all_cells: Origins, p: Any, copies: tuple[Any, Any], episomes: Any
    ) -> Iterable[Output]:
        vcn, share = all_cells.mean(_itself, copies), all_cells.mean(self.marked(p), copies)
        per_marked = vcn / (share + 1e-12)  # 0 where no cell is marked
        yield _copies("vcn_marked", per_marked, "integrated copies per live cell that has any")
        yield _copies("vcn_measured", vcn + episomes, "copies per live cell as PCR counts them")
        many = self._of_law(p, lambda mean, spread: share_above(SAFE, mean, spread))
        above = all_cells.mean(many, copies)
        yield _percent("many_copies_percent", above, f"share of live cells with more than {SAFE} copies")

    @staticmethod
    def _for_the_recipient(cd7: Origins, x: Any) -> Iterable[Output]:
        text = "share of CD7+CD3- cells that descend from cells in G0 at transduction"
        yield _percent("cd7_from_g0_percent", cd7.resting, text)
        text = "integrated copies per cell that cycled at transduction"
        yield Output("cycling_copies", "", x.copies_taken, text, observe=True)
        yield Output("copies_expressed", "", x.expressed, "share of copies that is expressed", observe=True)


def _itself(mean: Any) -> Any:
    return mean


def _percent(name: str, share: Any, text: str) -> Output:
    return Output(name, "percent", share * constant(100.0, "percent"), text, observe=True)


def _copies(name: str, copies: Any, text: str) -> Output:
    return Output(name, "copy/cell", copies * constant(1.0, "copy/cell"), text, observe=True)
