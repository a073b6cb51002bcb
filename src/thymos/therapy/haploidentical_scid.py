"""Haploidentical transplant of infants with severe combined immunodeficiency, and progenitors a week later."""

from thymos.therapy.platform import Platform


class HaploidenticalScid(Platform):
    """CD34-selected or T-depleted parental graft with serotherapy, as in NCT03879876.

    References: `nct03879876`, `sarzottikelsoe2009`, `heimall2017`, `thakar2023`, `nci_pdq`, `merli2022`.
    """
