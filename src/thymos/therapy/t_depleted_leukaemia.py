"""T-depleted transplant for acute leukaemia or myelodysplasia, and progenitors within ten days."""

from thymos.therapy.platform import Platform


class TDepletedLeukaemia(Platform):
    """Myeloablative conditioning and a CD34-selected graft, as in NCT04959903.

    References: `nct04959903`, `vanroessel2020`, `dumontgirard1998`, `tamari2018`, `locatelli2017`,
    `bertaina2018`, `klingebiel2010`, `leung2012`, `wils2011`.
    """
