"""Competing risks driven by the immune state."""

from thymos.biology.risk.gvhd import Gvhd
from thymos.biology.risk.immune_state import ImmuneState
from thymos.biology.risk.infection import Infection
from thymos.biology.risk.mortality import Mortality
from thymos.biology.risk.relapse import Relapse

MODELS = (ImmuneState, Gvhd, Relapse, Infection, Mortality)
