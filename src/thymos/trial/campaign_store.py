"""A campaign as a run folder: every lot, the dose curve and the summary, each column with unit and meaning."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from thymos import __version__
from thymos.io.columns import Column, Columns
from thymos.io.manifest import Identity
from thymos.io.run_store import RunWriter
from thymos.therapy.campaign import campaign_models
from thymos.therapy.culture_protocol import NEVER
from thymos.trial.campaign_plan import Plan, attributes_of, columns_of
from thymos.trial.run import hashes_of

if TYPE_CHECKING:
    from pathlib import Path

    from thymos.biology.product.specification import Specification
    from thymos.io.run_folder import RunFolder
    from thymos.therapy.campaign import Campaign

WHO: Columns = (
    Column("draw", "int", "", "draw of the uncertain typical values"),
    Column("donor", "int", "", "donor, numbered through all draws"),
    Column("run", "int", "", "which lot of its donor"),
    Column("solved", "flag", "", "whether its equations could be solved"),
    Column("in_specification", "flag", "", "whether it meets every limit"),
    Column("harvest_day", "float", "day", "day of its own harvest"),
    Column("seeded_cd34", "float", "cell", "viable CD34+ cells truly seeded"),
    Column("dl4", "float", "ug/mL", "DL4 offered, as active as its coating was"),
)
CURVE: Columns = (
    Column("weight", "float", "kg", "body weight of the patient"),
    Column("p", "float", "1", "chance that a lot holds the dose"),
    Column("low", "float", "1", "lower end of the 95 % interval over what is not known"),
    Column("high", "float", "1", "upper end of the 95 % interval over what is not known"),
)


def lot_columns(source: str, vector: bool) -> Columns:
    """Columns of the table of lots: who, what the run met, and every attribute."""
    found = columns_of(source, vector).items()
    return (*WHO, *(Column(name, "float", unit or "1", text) for name, (unit, text) in found))


def store_campaign(
    path: Path,
    campaign: Campaign,
    specification: Specification,
    plan: Plan,
    summary: dict[str, Any],
) -> RunFolder:
    """Write a new run folder at `path`, what was asked for as study.yaml; `thymos query` reads it."""
    tables = {
        "lots": lot_columns(campaign.lots.source, campaign.lots.vector is not None),
        "dose_curve": CURVE,
    }
    text = _asked(campaign, specification, plan, summary)
    curve = {c.name: np.array([point[c.name] for point in summary["dose_curve"]]) for c in CURVE}
    with RunWriter(path, _identity(campaign, text, summary["seed"]), ("campaign", text), tables) as writer:
        writer.write_block(0, {"lots": _lots(campaign, specification, plan)})
        writer.gather()
        return writer.complete(summary, {"dose_curve": curve})


def _lots(campaign: Campaign, specification: Specification, plan: Plan) -> dict[str, Any]:
    attributes = attributes_of(campaign, plan)
    met = {name: campaign.lots.sample[name] for name in ("harvest_day", "seeded_cd34", "dl4")}
    who = {"draw": campaign.draw, "donor": campaign.donor, "run": campaign.run}
    flags = {"solved": campaign.lots.status == 0, "in_specification": specification.met(attributes)}
    return who | flags | met | attributes


def _asked(campaign: Campaign, specification: Specification, plan: Plan, summary: dict[str, Any]) -> str:
    """All that decides the lots and their verdicts, as JSON, which is YAML too."""
    same = ("source", "vector", "seed", "draws", "lots", "donors", "without")
    said = {
        **{name: summary[name] for name in same if name in summary},
        "culture": {name: str(x) if x == NEVER else x for name, x in asdict(campaign.lots.protocol).items()},
        "plan": asdict(plan),
        "specification": [asdict(limit) for limit in specification.limits],
    }
    return json.dumps(said, indent=1) + "\n"


def _identity(campaign: Campaign, text: str, seed: int) -> Identity:
    values, model = hashes_of(campaign_models(campaign.lots.source, campaign.lots.vector is not None))
    return Identity(
        study=hashlib.sha256(text.encode()).hexdigest(),
        values=values,
        model=model,
        code=__version__,
        seed=seed,
        patients=len(campaign.draw),
        draws=int(campaign.draw.max()) + 1,
        blocks=1,
    )
