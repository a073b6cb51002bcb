"""The DL4 culture: Notch, medium, cytokines, the cells of the T and NK arms, and what is seen of them."""

from thymos.biology.culture.commitment import Commitment
from thymos.biology.culture.cytokines import Cytokines
from thymos.biology.culture.gene_programme import GeneProgramme
from thymos.biology.culture.medium import Medium
from thymos.biology.culture.natural_killers import NaturalKillers
from thymos.biology.culture.notch import Notch
from thymos.biology.culture.phenotype import Phenotype
from thymos.biology.culture.progenitors import Progenitors
from thymos.biology.culture.transgene import USUAL_MOI, Transgene

# The medium after the cells: at the change of medium they are washed first, then counted.
MODELS = (
    Notch,
    Cytokines,
    Commitment,
    NaturalKillers,
    Progenitors,
    Medium,
    Phenotype,
    GeneProgramme,
    Transgene,
)

__all__ = [
    "MODELS",
    "USUAL_MOI",
    "Commitment",
    "Cytokines",
    "GeneProgramme",
    "Medium",
    "NaturalKillers",
    "Notch",
    "Phenotype",
    "Progenitors",
    "Transgene",
]
