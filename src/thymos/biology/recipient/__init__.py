"""The recipient: conditioning, serotherapy, engraftment, thymus and periphery."""

from thymos.biology.recipient.b_cells import BCells
from thymos.biology.recipient.body import Body
from thymos.biology.recipient.healthy_reference import HealthyReference
from thymos.biology.recipient.homing import Homing
from thymos.biology.recipient.marrow import Marrow
from thymos.biology.recipient.natural_killer import NaturalKiller
from thymos.biology.recipient.periphery import Periphery
from thymos.biology.recipient.serotherapy import Serotherapy
from thymos.biology.recipient.stroma import Stroma
from thymos.biology.recipient.thymic_capacity import ThymicCapacity
from thymos.biology.recipient.thymus import Thymus
from thymos.biology.recipient.trec import Trec
from thymos.biology.recipient.turnover import Turnover

MODELS = (
    Body,
    HealthyReference,
    ThymicCapacity,
    Marrow,
    Serotherapy,
    Homing,
    Stroma,
    Thymus,
    Turnover,
    Periphery,
    Trec,
    NaturalKiller,
    BCells,
)
