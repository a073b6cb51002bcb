"""Double cord-blood transplant of adults, and progenitors on the same day."""

from thymos.therapy.platform import Platform


class AdultCordBlood(Platform):
    """Two units, one of them cultured in part, as in NCT04707300.

    References: `nct04707300`, `nci_pdq`, `brown2010`, `dekoning2018`, `leung2012`.
    """
