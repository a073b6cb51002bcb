"""Joins sequenced samples, simulated patients and tables of known receptors; no science of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thymos.biology.repertoire.analysis import analysed
from thymos.biology.repertoire.families import reference_named
from thymos.biology.repertoire.known_matches import add_known
from thymos.biology.repertoire.vdj.installed import recombination
from thymos.io.airr_simulated import write_simulated
from thymos.io.clonotype_file import read_clonotypes
from thymos.io.patient_file import read_patient
from thymos.io.vdjdb import read_vdjdb
from thymos.lang.errors import StudyError
from thymos.therapy.measured_repertoire import DEPTH
from thymos.trial.patient_repertoire import DAYS, PatientRepertoire

if TYPE_CHECKING:
    from pathlib import Path

    from thymos.io.clonotypes import Clonotypes

Busy = Callable[[str], None]
INDEX = "hill1"
HUMAN, INVENTED = "righor", "invented"
"""V(D)J models where none is named: behind the chance of a match, and behind simulated receptors."""
TITLES = {"alone": "transplant alone", "product": "transplant and product"}


@dataclass(frozen=True)
class Asked:
    """The options of the command."""

    samples: tuple[Path, ...]
    patient: Path | None
    locus: str | None
    depth: int | None
    day: Sequence[float] | None
    age: float | None
    reference: str | None
    known: Path | None
    model: str | None
    simulated: int
    airr: Path | None
    seed: int
    workers: int

    def check(self) -> None:
        """Raises `StudyError` where nothing is asked for, or where an option has nothing to act on."""
        if not self.samples and self.patient is None:
            raise StudyError("thymos repertoire", "files of clonotypes, or --patient with a file", "neither")
        if self.airr is not None and (self.samples or self.patient is None):
            got = "files that are there already" if self.samples else "no --patient"
            raise StudyError("option --airr", "simulated samples: --patient and no other file", got)


def repertoires(asked: Asked, busy: Busy) -> dict[str, Any]:
    """What is shown: samples as they were read or simulated, and the course that is expected of the patient."""
    asked.check()
    return _Repertoires(asked, busy).found()


class _Repertoires:
    def __init__(self, asked: Asked, busy: Busy) -> None:
        self.asked, self.busy = asked, busy
        self.person = read_patient(asked.patient) if asked.patient is not None else None

    def found(self) -> dict[str, Any]:
        return self._sequenced() if self.asked.samples else self._simulated()

    def _sequenced(self) -> dict[str, Any]:
        """Files, and the course of the patient at their depth."""
        asked = self.asked
        samples = []
        for path in asked.samples:
            self.busy(f"reading {path.name}")
            samples.append(read_clonotypes(path))
        found = self._analysed(samples, asked.depth, asked.day, asked.reference)
        if self.person is not None:
            cells = found["samples"][0]["indices"]["cells"]["value"]
            self._expect(found, self._patients(float(found["depth"] or cells)))
        return found

    def _simulated(self) -> dict[str, Any]:
        """The patient alone: samples of it are drawn, each of about the depth that is asked for."""
        asked, patients = self.asked, self._patients(float(self.asked.depth or DEPTH), self.asked.day)
        self.busy("simulating the patient")
        model = recombination(asked.model or INVENTED, "TRB")
        samples, recognition = patients.samples(list(patients.arms)[-1], model)
        if asked.airr is not None:
            write_simulated(asked.airr, patients.patient.label or "patient", samples, model.source)
        days = [float(sample.sample.removeprefix("day")) for sample in samples]
        found = self._analysed(samples, None, days, asked.reference or asked.model or INVENTED)
        self._expect(found, patients)
        found["patient"]["recognition"] = recognition
        return found | {"simulated_samples": True}

    def _analysed(
        self,
        samples: Sequence[Clonotypes],
        depth: int | None,
        days: Sequence[float] | None,
        reference: str | None,
    ) -> dict[str, Any]:
        asked = self.asked
        self.busy("counting")
        lengths = None if reference is None else reference_named(reference, asked.seed)
        age = asked.age if self.person is None else self.person.age
        found = analysed(samples, asked.locus, depth, asked.seed, lengths, days, age)
        if asked.known is not None:
            self.busy("comparing with known receptors")
            table = read_vdjdb(asked.known, found["locus"])
            law = recombination(asked.model or HUMAN, found["locus"])
            add_known(found, samples, table, law, asked.seed)
        return found

    def _patients(self, depth: float, days: Sequence[float] | None = None) -> PatientRepertoire:
        """Patients like this one, sequenced to a depth on some days."""
        assert self.person is not None  # noqa: S101  who calls has a patient
        asked, on = self.asked, tuple(sorted(days)) if days else DAYS
        return PatientRepertoire(self.person, asked.simulated, asked.seed, on, depth, asked.workers)

    def _expect(self, found: dict[str, Any], patients: PatientRepertoire) -> None:
        """Put the simulated course beside the samples."""
        self.busy("simulating patients like this one")
        summary = patients.summary()
        arms = {arm: bands[INDEX] for arm, bands in summary["arms"].items()}
        found["expected"] = {
            "index": INDEX,
            "day": summary["days"],
            "depth": summary["depth"],
            "arms": arms,
            "titles": {arm: TITLES[arm] for arm in arms},
        }
        found["patient"] = summary
