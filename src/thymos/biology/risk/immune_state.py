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

    One descriptor acts in each hazard at a time: CD4, NK, ALC and TREC tell of the same recovery, and
    multiplying their factors would count it twice. References: `koster2023`, `vanroessel2020`.
    """

    cd4 = needs("cell/uL", "CD4+ T cells")
    nk = needs("cell/uL", "NK cells")
    reference_cd4 = covariate("cell/uL", "median CD4 of the platform at day 100")
    reference_cd4_slope = covariate("", "power of time with which that median rises")
    cd4_allo = needs("cell/uL", "CD4+ T cells that may attack the host")
    reference_cd4_allo = covariate("cell/uL", "such cells at which the platform was observed")
    reference_nk = covariate("cell/uL", "median NK of the platform after engraftment")
    shrink = parameter("", "s: share of an observed association that is taken as causal")
    floor = parameter("cell/uL", "count below which the logarithm is cut")
    widest = parameter("", "largest difference of logarithms that is believed")
    onset = parameter("day", "time added to day 0, so that the course starts above zero")

    def distance(self, p: Any, count: Any, reference: Any) -> Any:
        """Log ratio of count to reference, cut at the widest that is believed."""
        apart = log(sqrt(count**2 + p.floor**2) / sqrt(reference**2 + p.floor**2))
        return maximum(minimum(apart, p.widest, BEND), -p.widest, BEND)

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        hundred = constant(100.0, "day")
        course = p.reference_cd4 * ((env.t + p.onset) / (hundred + p.onset)) ** p.reference_cd4_slope
        yield Output("association", "", p.shrink, "shrink factor s of observed associations")
        yield Output(
            "cd4_distance", "", self.distance(p, env.cd4, course), "log CD4 against the platform's course"
        )
        allo = self.distance(p, env.cd4_allo, p.reference_cd4_allo)
        yield Output("allo_distance", "", allo, "log CD4 that may attack the host against the platform")
        yield Output(
            "nk_distance", "", self.distance(p, env.nk, p.reference_nk), "log NK against the platform"
        )
