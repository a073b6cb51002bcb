"""The DL4 culture: Notch, medium, cytokines, the cells and what is seen of them."""

from thymos.biology.culture.commitment import Commitment
from thymos.biology.culture.cytokines import Cytokines
from thymos.biology.culture.medium import Medium
from thymos.biology.culture.notch import Notch
from thymos.biology.culture.phenotype import Phenotype
from thymos.biology.culture.progenitors import Progenitors

MODELS = (Notch, Medium, Cytokines, Commitment, Progenitors, Phenotype)

__all__ = ["MODELS", "Commitment", "Cytokines", "Medium", "Notch", "Phenotype", "Progenitors"]
