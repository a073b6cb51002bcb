"""The commitment clock: when a CD7+ cell can no longer become an NK cell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.biology.culture.lineage import CD7, LOCK_STEPS
from thymos.lang import Model, Output, Transition, needs, parameter, sigmoid, state, switch

LN2 = 0.6931471805599453  # a division doubles


class Commitment(Model):
    r"""BCL11B opens allele by allele; the lock to T falls some generations later.

    $$ o \to x: \; 2 k_{cis} N, \qquad x \to l: \text{ Erlang, 4 steps, mean } g \ln 2 / r $$

    g counts generations and r is the division rate in force, so a stalled culture does not commit.
    Alternatives: a clock in days, or a lock whose chance per division rises with the division number n,
    $p = p_{max} / (1 + e^{-(n - n_0)/w})$. Human timing is unknown; the numbers are from mouse.
    References: `andersson2024`, `ng2018`, `kueh2016`, `manesso2013`.
    """

    generations = state("", "generations made by CD7+ cells since seeding")
    notch = needs("", "Notch activity, 0 to 1")
    division = needs(
        "1/day", "division rate of CD34+ (early) and CD34- (late) CD7+ cells by CD5", over=(CD7,)
    )
    commitment = switch("per_division", "per_day", "division_number", "what drives the lock to the T fate")
    opening = parameter("1/day", "opening of one BCL11B allele at full Notch activity")
    lock_generations = parameter("", "generations from BCL11B on to the lock")
    lock_days = parameter("day", "days from BCL11B on to the lock, where the clock runs in days")
    lock_chance = parameter("", "highest chance of the lock per division, where it depends on their number")
    lock_number = parameter("", "division number at half of that chance")
    lock_number_width = parameter("", "width of the rise with division number")

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        yield Transition("generation", env.division["early_neg"] / LN2, {x.generations: +1})

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        first = 2 * p.opening * env.notch
        yield Output("allele_opening", "1/day", first, "opening of the first BCL11B allele")
        chance = p.lock_chance * sigmoid((x.generations - p.lock_number) / p.lock_number_width)
        for kind in CD7:
            pace = env.division[kind] / LN2
            rate = p.commitment.choose(
                per_division=LOCK_STEPS * pace / p.lock_generations,
                per_day=LOCK_STEPS / p.lock_days,
                division_number=LOCK_STEPS * pace * chance,
            )
            yield Output("lock_step", "1/day", rate, f"one step to the lock, {kind} CD7+ cells", (kind,))
