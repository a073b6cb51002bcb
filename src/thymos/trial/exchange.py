"""What goes out to other programs: the systems of a study with the numbers of one of its virtual patients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from thymos import __version__
from thymos.io.atomic import make_folder, write_text
from thymos.io.study_file import override
from thymos.lang.errors import StoreError, StudyError
from thymos.therapy.culture import culture_models, transduction
from thymos.therapy.recipient import recipient_models
from thymos.therapy.sampling import Block, blocks_of, fill, values_of
from thymos.trial.simulation import Floats, Simulation, protocol_of

if TYPE_CHECKING:
    from thymos.engine import Program
    from thymos.io.study_schema import Arm, Study
    from thymos.lang.model import Model

STAGES = ("culture", "recipient")


@dataclass(frozen=True)
class Part:
    """One system with the numbers of one patient.

    name   : `culture`, or `recipient.` and the arm
    lines  : what it is, for the reader of a file
    values : one number for each parameter of the program, by name
    days   : how long the study follows it [day]
    """

    name: str
    title: str
    lines: tuple[str, ...]
    models: tuple[Model, ...]
    program: Program
    values: Mapping[str, float]
    days: float


def export_sbml(
    study: Study,
    folder: Path,
    *,
    stages: Sequence[str] = STAGES,
    arm: str | None = None,
    patient: int = 0,
    seed: int | None = None,
    replace: bool = False,
) -> Iterator[Path]:
    """Write each part of one patient's course as SBML, and yield the file once it is whole.

    arm     : by name; None takes every arm, each in a file of its own
    patient : number of the patient, as in a stored run of the study
    seed    : replaces that of the study
    Raises `StoreError` before anything is computed where a file exists and may not be replaced.
    """
    from thymos.io.sbml import library

    library.libsbml()
    study = override(study, seed=seed)
    files = {name: folder / f"{study.name}.{name}.xml" for name in part_names(study, stages, arm)}
    for path in files.values():
        if path.exists() and not replace:
            raise StoreError(str(path), "a new file", "one that is there", "--replace, or another --out")
    _block_of(study, patient)  # an unknown patient is refused before a folder is made
    make_folder(folder)
    for part in parts(study, list(files), patient):
        write_text(files[part.name], sbml_of(part))
        yield files[part.name]


def part_names(study: Study, stages: Sequence[str] = STAGES, arm: str | None = None) -> list[str]:
    """Names of the parts that stages and an arm stand for; raises `StudyError` for an unknown one."""
    arms = [a.name for a in study.arms]
    if arm is not None and arm not in arms:
        raise StudyError(f"{study.name}, option --arm", f"one of {', '.join(arms)}", arm)
    if unknown := [s for s in stages if s not in STAGES]:
        raise StudyError(f"{study.name}, stage", f"one of {', '.join(STAGES)}", unknown[0])
    chosen = arms if arm is None else [arm]
    names = {"culture": ["culture"], "recipient": [f"recipient.{name}" for name in chosen]}
    return [name for stage in STAGES if stage in stages for name in names[stage]]


def parts(study: Study, names: Sequence[str], patient: int = 0) -> Iterator[Part]:
    """The named parts of a patient's course; the lot of `culture` is the one the patient receives.

    Raises `StudyError` where the study has no such patient.
    """
    block, first = _block_of(study, patient)
    simulation = Simulation(study, study.seed, [block], first)
    for name in names:
        arm = name.partition(".")[2]
        if arm:
            yield _recipient(simulation, next(a for a in study.arms if a.name == arm), patient - first)
        else:
            yield _culture(simulation, patient - first)


def sbml_of(part: Part) -> str:
    """The part as the text of an SBML document."""
    from thymos.io.sbml import About, write_sbml
    from thymos.lang.trace import trace

    system = trace(part.models, part.program.name, as_written=True)
    about = About(part.title, part.lines, values_of(part.models))
    return write_sbml(system, part.values, about)


def _block_of(study: Study, patient: int) -> tuple[Block, int]:
    """The block of a patient in a run of the study, and the number of its first patient."""
    first = 0
    for block in blocks_of(study.patients, min(study.draws, study.patients)):
        if first <= patient < first + block.size:
            return block, first
        first += block.size
    raise StudyError(f"{study.name}, option --patient", f"a number from 0 to {first - 1}", str(patient))


def _culture(simulation: Simulation, i: int) -> Part:
    study, source = simulation.study, simulation.study.graft.source
    protocol, made = protocol_of(study.culture), simulation.made
    said = protocol.covariates() | transduction(protocol, made.vector, made.sample)
    matrix = fill(made.program, simulation.size, said, made.sample)
    patient = simulation.patient[i]
    return Part(
        "culture",
        f"{study.title}: culture of the lot for patient {patient}",
        (
            f"From {source}, harvested on day {protocol.days:g}. Time is in days of culture.",
            *_said(simulation, i),
        ),
        culture_models(source, made.vector is not None),
        made.program,
        _column(made.program, matrix, i),
        protocol.days,
    )


def _recipient(simulation: Simulation, arm: Arm, i: int) -> Part:
    study, program = simulation.study, simulation.program
    given, day, matrix = simulation.given(arm)
    infused = (
        f"{given.per_kg[i]:.4g} CD7+CD3- cells per kg on day {day[i]:.4g}" if given.per_kg[i] else "none"
    )
    return Part(
        f"recipient.{arm.name}",
        f"{study.title}: patient {simulation.patient[i]}, {arm.title or arm.name}",
        (
            f"Product: {infused}. Time is in days after transplant; the study follows for {study.follow_up:g}.",
            *_said(simulation, i),
        ),
        recipient_models(),
        program,
        _column(program, matrix, i),
        study.follow_up,
    )


def _said(simulation: Simulation, i: int) -> tuple[str, ...]:
    study = simulation.study
    return (
        f"Patient {simulation.patient[i]} of seed {study.seed} of the study {study.name} ({study.registry.id}), "
        f"as thymos {__version__} draws it. What never happens has day or level 1e9.",
        "Research use only: no medical device.",
    )


def _column(program: Program, matrix: Floats, i: int) -> dict[str, float]:
    return {q.name: float(matrix[row, i]) for row, q in enumerate(program.parameters)}
