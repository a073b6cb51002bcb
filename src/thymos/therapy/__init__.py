"""Therapies: which stages, how joined, what is handed over when."""

from thymos.therapy.adult_cord_blood import AdultCordBlood
from thymos.therapy.haploidentical_scid import HaploidenticalScid
from thymos.therapy.t_depleted_leukaemia import TDepletedLeukaemia

THERAPIES = {
    "haploidentical-scid": HaploidenticalScid,
    "t-depleted-leukaemia": TDepletedLeukaemia,
    "adult-cord-blood": AdultCordBlood,
}
MODELS = tuple(THERAPIES.values())
