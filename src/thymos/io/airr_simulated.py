"""Simulated samples as AIRR files: rearrangements, and metadata with every field that the standard wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos import __version__
from thymos.io.airr_export import write_rearrangements
from thymos.io.airr_repertoire import write_airr
from thymos.io.airr_schema import objects

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from thymos.io.clonotypes import Clonotypes

FILLERS: dict[str, Any] = {"boolean": False, "array": [], "string": "simulated", "integer": 0, "number": 0}
"""For fields that may not be null."""
DAY = {"id": "UO:0000033", "label": "day"}
HUMAN = {"id": "NCBITAXON:9606", "label": "Homo sapiens"}


def write_simulated(folder: Path, subject: str, samples: Sequence[Clonotypes], model: str) -> None:
    """Rearrangements of each sample, and `repertoires.yaml` that says what they are.

    samples : named by their day after transplant, `day60`;  model : where the receptors come from
    """
    folder.mkdir(parents=True, exist_ok=True)
    for sample in samples:
        write_rearrangements(folder / f"{sample.sample}.tsv.gz", sample)
    write_airr(
        folder / "repertoires.yaml",
        {"Repertoire": [_repertoire(subject, sample.sample, model) for sample in samples]},
    )


def _repertoire(subject: str, name: str, model: str) -> dict[str, Any]:
    study, person, taken, made = (
        blank(kind) for kind in ("Study", "Subject", "SampleProcessing", "DataProcessing")
    )
    title = f"Simulated by thymos {__version__}; no such patient exists"
    study |= {"study_id": "simulated", "study_title": title, "keywords_study": ["contains_tr"]}
    person |= {"subject_id": subject, "synthetic": True, "species": HUMAN}
    taken |= {
        "sample_id": name,
        "collection_time_point_relative": {"time_value": float(name.removeprefix("day")), "time_unit": DAY},
    }
    made |= {
        "data_processing_id": f"{name}-simulation",
        "primary_annotation": True,
        "software_versions": f"thymos {__version__}",
        "data_processing_files": [f"{name}.tsv.gz"],
        "germline_database": model,
    }
    return {
        "repertoire_id": name,
        "repertoire_type": "simulated",
        "study": study,
        "subject": person,
        "sample": [taken],
        "data_processing": [made],
    }


def blank(kind: str) -> dict[str, Any]:
    """An object of a kind with its required fields, as empty as the standard allows."""
    schema = objects()[kind]
    found: dict[str, Any] = {}
    for part in schema.get("allOf", ()):
        found |= blank(part)
    for name, rule in schema.get("properties", {}).items():
        if name in schema.get("required", ()) or rule.get("nullable") is False:
            found[name] = _empty(rule)
    return found


def _empty(rule: Any) -> Any:
    if rule.get("nullable") is not False:
        return None
    if "ref" in rule:
        return blank(rule["ref"])
    if "enum" in rule:
        return next(value for value in rule["enum"] if value is not None)
    return FILLERS[rule["type"]]
