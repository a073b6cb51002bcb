"""What one culture gives: the lot at harvest and every readout by day, over donors and what is not known."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from thymos.therapy.culture import culture_program
from thymos.trial.interval import quantity

if TYPE_CHECKING:
    from thymos.therapy.culture import Lots

ATTRIBUTES = {
    "fold": "",
    "cd7_percent": "percent",
    "cd7_per_cd34": "",
    "viability": "percent",
    "cd3_per_cd7": "",
}


def culture_summary(lots: Lots) -> dict[str, Any]:
    """The object behind `thymos culture --json`; docs/reference/json.md says its keys."""
    made = lots.attributes
    known = {field.name for field in fields(made)}
    return {
        "source": lots.source,
        "lots": len(lots.status),
        "failed": int((lots.status != 0).sum()),
        "lot": {
            name: quantity(getattr(made, name), unit) for name, unit in ATTRIBUTES.items() if name in known
        },
        "by_day": {
            output.name: {
                "text": output.text,
                "unit": output.unit,
                "days": {
                    f"{day:g}": quantity(lots.readouts[output.name][:, i], output.unit)
                    for i, day in enumerate(lots.days)
                },
            }
            for output in culture_program(lots.source).outputs
        },
    }
