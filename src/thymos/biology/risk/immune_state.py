"""The immune state that hazards read: how far counts lie from the platform's own course."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thymos.lang import Model, Output, constant, covariate, log, maximum, minimum, needs, parameter, sqrt

BEND = 0.1  # width over which the cut is rounded, in units of ln


class ImmuneState(Model):
    r"""Log distance of CD4 and NK from the course at which the platform's incidences were observed.

    $$ \ln c^*(t) = \ln c_{100} + \beta \ln\frac{t + t_0}{100 + t_0}, \qquad
       z = \mathrm{clip}_{\pm 2}\left(\ln\frac{\sqrt{c^2 + f^2}}{\sqrt{c^{*2} + f^2}}\right) $$

    One descriptor acts in each hazard at a time: CD4, NK, naive T cells, ALC and TREC tell of the same recovery,
    and multiplying their factors would count it twice. Naive T cells count as precursors, a share $\phi$ of which
    is specific for one epitope: f is then the count at which the body has a single such cell.
    References: `koster2023`, `vanroessel2020`, `alanio2010`.
    """

    cd4 = needs("cell/uL", "CD4+ T cells")
    nk = needs("cell/uL", "NK cells")
    naive_t = needs("cell/uL", "naive CD4+ and CD8+ T cells")
    per_cell_in_blood = needs("1/uL", "count in blood of one cell in the body")
    reference_cd4 = covariate("cell/uL", "median CD4 of the platform at day 100")
    reference_cd4_slope = covariate("", "power of time with which that median rises")
    cd4_allo = needs("cell/uL", "CD4+ T cells that may attack the host")
    reference_cd4_allo = covariate("cell/uL", "such cells at which the platform was observed")
    reference_nk = covariate("cell/uL", "median NK of the platform after engraftment")
    reference_naive = covariate("cell/uL", "median of naive T cells of the platform at day 100")
    reference_naive_slope = covariate("", "power of time with which that median rises")
    shrink = parameter("", "s: share of an observed association that is taken as causal")
    floor = parameter("cell/uL", "count below which the logarithm is cut")
    widest = parameter("", "largest difference of logarithms that is believed")
    onset = parameter("day", "time added to day 0, so that the course starts above zero")
    precursor_frequency = parameter("", "share of naive T cells that are specific for one epitope")

    def distance(self, p: Any, count: Any, reference: Any, floor: Any) -> Any:
        """Log ratio of count to reference, both floored, cut at the widest that is believed."""
        apart = log(sqrt(count**2 + floor**2) / sqrt(reference**2 + floor**2))
        return maximum(minimum(apart, p.widest, BEND), -p.widest, BEND)

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        elapsed = (env.t + p.onset) / (constant(100.0, "day") + p.onset)
        course = p.reference_cd4 * elapsed**p.reference_cd4_slope
        naive = p.reference_naive * elapsed**p.reference_naive_slope
        one_cell = env.per_cell_in_blood * constant(1.0, "cell") / p.precursor_frequency
        yield Output("association", "", p.shrink, "shrink factor s of observed associations")
        yield Output(
            "cd4_distance",
            "",
            self.distance(p, env.cd4, course, p.floor),
            "log CD4 against the platform's course",
        )
        yield Output(
            "precursor_distance",
            "",
            self.distance(p, env.naive_t, naive, one_cell),
            "log precursors of one epitope against the platform's course",
        )
        allo = self.distance(p, env.cd4_allo, p.reference_cd4_allo, p.floor)
        yield Output("allo_distance", "", allo, "log CD4 that may attack the host against the platform")
        yield Output(
            "nk_distance",
            "",
            self.distance(p, env.nk, p.reference_nk, p.floor),
            "log NK against the platform",
        )
