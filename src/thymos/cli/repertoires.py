"""Joins sequenced samples, simulated patients and tables of known receptors; no science of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from thymos.biology.repertoire.analysis import analysed
from thymos.biology.repertoire.families import reference_named
from thymos.biology.repertoire.known_matches import add_known
from thymos.biology.repertoire.vdj.installed import recombination
from thymos.io.airr_simulated import write_simulated
from thymos.io.vdjdb import read_vdjdb
from thymos.lang.errors import StudyError

if TYPE_CHECKING:
    from pathlib import Path

    from thymos.io.clonotypes import Clonotypes
    from thymos.trial.patient_repertoire import PatientRepertoire

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

    def found(self) -> dict[str, Any]:
        asked = self.asked
        samples = self._read() if asked.samples else self._drawn()
        days = asked.day if asked.samples else [float(day) for day in self._days(samples)]
        self.busy("counting")
        reference = asked.reference or (None if asked.samples else asked.model or INVENTED)
        lengths = None if reference is None else reference_named(reference, asked.seed)
        found = analysed(samples, asked.locus, asked.depth, asked.seed, lengths, days, self._age())
        if asked.known is not None:
            self.busy("comparing with known receptors")
            table = read_vdjdb(asked.known, found["locus"])
            law = recombination(asked.model or HUMAN, found["locus"])
            add_known(found, samples, table, law, asked.seed)
        if asked.patient is not None:
            self._expect(found)
        return found | ({} if asked.samples else {"simulated_samples": True})

    def _age(self) -> float | None:
        """The patient's, or the one that was given [year]."""
        return self.asked.age if self.asked.patient is None else self.patient.patient.age

    def _read(self) -> list[Clonotypes]:
        from thymos.io.clonotype_file import read_clonotypes

        read = []
        for path in self.asked.samples:
            self.busy(f"reading {path.name}")
            read.append(read_clonotypes(path))
        return read

    # ---- the patient

    @cached_property
    def patient(self) -> PatientRepertoire:
        from thymos.io.patient_file import read_patient
        from thymos.trial.patient_repertoire import DAYS, PatientRepertoire

        asked = self.asked
        person = read_patient(asked.patient) if asked.patient is not None else None
        if person is None:
            raise StudyError("option --patient", "a YAML file of a patient", "none")
        days = DAYS if asked.samples or not asked.day else tuple(sorted(asked.day))
        more = {} if asked.depth is None else {"depth": float(asked.depth)}
        return PatientRepertoire(person, asked.simulated, asked.seed, days, workers=asked.workers, **more)

    def _drawn(self) -> list[Clonotypes]:
        self.busy("simulating the patient")
        arm = list(self.patient.arms)[-1]
        model = recombination(self.asked.model or INVENTED, "TRB")
        samples = self.patient.samples(arm, model)
        if self.asked.airr is not None:
            write_simulated(self.asked.airr, self.patient.patient.label or "patient", samples, model.source)
        return samples

    @staticmethod
    def _days(samples: Sequence[Clonotypes]) -> list[str]:
        return [sample.sample.removeprefix("day") for sample in samples]

    def _expect(self, found: dict[str, Any]) -> None:
        """Put the simulated course beside the samples: at their depth, where they have one."""
        self.busy("simulating patients like this one")
        summary = self.patient.summary()
        arms = {arm: bands[INDEX] for arm, bands in summary["arms"].items()}
        found["expected"] = {
            "index": INDEX,
            "day": summary["days"],
            "depth": summary["depth"],
            "arms": arms,
            "titles": {arm: TITLES[arm] for arm in arms},
        }
        found["patient"] = summary
