"""The graft: where the CD34+ cells come from, and what comes with them."""

from thymos.biology.graft.cord_blood import CordBlood
from thymos.biology.graft.mobilised_blood import MobilisedBlood

MODELS = (MobilisedBlood, CordBlood)

__all__ = ["MODELS", "CordBlood", "MobilisedBlood"]
