"""What an instrument reports of a true quantity."""

from thymos.assay.assay import Assay
from thymos.assay.cytotoxicity import Cytotoxicity
from thymos.assay.flow_count import FlowCount
from thymos.assay.flow_fraction import FlowFraction
from thymos.assay.fluctuation import Fluctuation
from thymos.assay.trec import TrecPcr
from thymos.assay.vcn import Vcn

ASSAYS: dict[str, Assay] = {
    "cytotoxicity": Cytotoxicity(),
    "flow_count": FlowCount(),
    "flow_fraction": FlowFraction(),
    "trec": TrecPcr(),
    "vcn": Vcn(),
}
MODELS = (*(type(assay) for assay in ASSAYS.values()), Fluctuation)

__all__ = [
    "ASSAYS",
    "MODELS",
    "Assay",
    "Cytotoxicity",
    "FlowCount",
    "FlowFraction",
    "Fluctuation",
    "TrecPcr",
    "Vcn",
]
