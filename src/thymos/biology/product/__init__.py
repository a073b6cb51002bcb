"""The product: what is harvested, its attributes and the dose."""

from thymos.biology.product.attributes import LotAttributes, lot_attributes
from thymos.biology.product.dose import Dose, dose, expected_cd3_per_kg
from thymos.biology.product.harvest import Harvest
from thymos.biology.product.manufacturing import Manufacturing

MODELS = (Harvest, Manufacturing)

__all__ = [
    "MODELS",
    "Dose",
    "Harvest",
    "LotAttributes",
    "Manufacturing",
    "dose",
    "expected_cd3_per_kg",
    "lot_attributes",
]
