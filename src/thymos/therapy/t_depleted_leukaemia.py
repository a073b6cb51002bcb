"""T-depleted transplant for acute leukaemia or myelodysplasia, and progenitors within ten days."""

from thymos.lang import parameter
from thymos.therapy.platform import Platform


class TDepletedLeukaemia(Platform):
    """Myeloablative conditioning and a CD34-selected graft, as in NCT04959903.

    References: `nct04959903`, `vanroessel2020`, `dumontgirard1998`, `tamari2018`, `locatelli2017`,
    `bertaina2018`, `klingebiel2010`, `leung2012`, `wils2011`.
    """

    # Moves no patient of the platform: the cohort whose T cells were counted had been given another antibody.
    campath_residual = parameter("", "host T cells that survive where Campath-1G was given, relative to ATG")
