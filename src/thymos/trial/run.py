"""A study from its file to a stored run: the one function behind command line, Python and studio."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from thymos import __version__
from thymos.io.manifest import Identity
from thymos.io.run_store import RunWriter, free_folder
from thymos.io.study_file import override, read_study, study_hash, study_text
from thymos.lang.errors import StudyError
from thymos.therapy import THERAPIES
from thymos.therapy.culture import lot_models
from thymos.therapy.recipient import recipient_models
from thymos.therapy.sampling import Block, blocks_of
from thymos.therapy.switches import indicators
from thymos.trial.assumptions import moves, ranked
from thymos.trial.endpoints import ENDPOINTS
from thymos.trial.gathered import Gathered
from thymos.trial.papers import assumed, band, sources
from thymos.trial.simulation import Simulation
from thymos.trial.summary import Result
from thymos.trial.tables import TABLES

if TYPE_CHECKING:
    from thymos.io.run_folder import RunFolder
    from thymos.io.study_schema import Study
    from thymos.lang.model import Model

Progress = Callable[[int, int, str], None]
"""Called with (done, total, what is being done)."""
Keep = Literal["all", "summary"]
"""What stays of a run: every virtual patient, or only summary, curves and incidence."""
TOGETHER = 500  # patients solved and stored in one go; shapes memory and resumption, never a number


def shipped() -> dict[str, Path]:
    """Names and files of the studies that come with the package."""
    folder = Path(str(resources.files("thymos.trial") / "studies"))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load_study(name_or_path: str) -> Study:
    """A shipped study by name, or a study file; raises `StudyError` with file, line, field, wanted, got, try."""
    known = shipped()
    path = known.get(name_or_path, Path(name_or_path))
    if name_or_path not in known and not path.exists():
        raise StudyError(
            name_or_path, f"a study file, or one of {', '.join(known)}", "neither", "`thymos trial --help`"
        )
    study = read_study(path)
    indicators((*lot_models(study.graft.source), *recipient_models()), study.switches)
    for name in (study.registered.endpoint, *study.endpoints):
        if name not in ENDPOINTS:
            raise StudyError(f"{path} [endpoints]", f"one of {', '.join(ENDPOINTS)}", name)
    return study


def models_of(study: Study) -> tuple[Model, ...]:
    """Every model with values that the study rests on."""
    return (*lot_models(study.graft.source), *recipient_models(), THERAPIES[study.therapy]())


def chunks_of(blocks: list[Block]) -> list[list[Block]]:
    """Consecutive blocks of about `TOGETHER` patients: the unit that is stored and resumed."""
    chunks: list[list[Block]] = [[]]
    for block in blocks:
        if sum(b.size for b in chunks[-1]) + block.size > TOGETHER and chunks[-1]:
            chunks.append([])
        chunks[-1].append(block)
    return chunks


def run_trial(
    study: Study,
    *,
    out: Path | None = None,
    seed: int | None = None,
    patients: int | None = None,
    draws: int | None = None,
    workers: int = 1,
    keep: Keep = "all",
    progress: Progress = lambda done, total, what: None,
) -> RunFolder:
    """Simulate a study and store it; an interrupted run in `out` is taken up where it stopped.

    seed, patients, draws : replace those of the study
    keep : "summary" removes the tables by patient once every number is made from them; the digest is the same
    Raises `StoreError` when the folder holds something else, is full or read-only.
    """
    began = time.monotonic()
    study = override(study, seed=seed, patients=patients, draws=draws)
    # Draws beyond the number of patients would hold nobody.
    study = override(study, draws=min(study.draws, study.patients))
    chunks = chunks_of(blocks_of(study.patients, study.draws))
    identity = identity_of(study, len(chunks))
    path = out if out is not None else free_folder(Path("runs"), study.name)
    with RunWriter(path, identity, (study.name, study_text(study)), TABLES) as writer:
        ends = [sum(b.size for chunk in chunks[:i] for b in chunk) for i in range(len(chunks) + 1)]
        for index in writer.missing():
            progress(ends[index], study.patients, "virtual patients")
            simulation = Simulation(study, study.seed, chunks[index], ends[index], workers)
            writer.write_block(index, simulation.tables())
        progress(study.patients, study.patients, "virtual patients")
        writer.gather()
        return _finish(writer, study, workers, keep, progress, began)


def _finish(
    writer: RunWriter, study: Study, workers: int, keep: Keep, progress: Progress, began: float
) -> RunFolder:
    arms = tuple(arm.name for arm in study.arms)
    tables = Gathered(writer.path, arms, len(study.visits.days))
    result = Result(study, tables)
    total = 2 * len(moves(study))
    done = 0

    def tick(n: int) -> None:
        nonlocal done
        done += n
        progress(done, total, "assumptions, each moved alone")

    rest: dict[str, Any] = {
        "assumptions": ranked(study, study.seed, workers, tick),
        "sources": sources(study, models_of(study)),
        "assumed": assumed(models_of(study)),
        "reference_band": band(study, tables.patients(arms[0], "age")),
    }
    summary = result.summary(rest) | {"seconds": round(time.monotonic() - began, 2)}
    made = {"curves": result.curves(), "incidence": result.incidence()}
    return writer.complete(summary, made, keep_blocks=keep == "all")


def identity_of(study: Study, blocks: int) -> Identity:
    """Everything that decides the numbers of a run."""
    values, source = hashlib.sha256(), hashlib.sha256()
    for model in models_of(study):
        rows = model.file().with_suffix(".toml")
        values.update(rows.read_bytes() if rows.exists() else b"")
        source.update(model.file().read_bytes())
    return Identity(
        study=study_hash(study),
        values=values.hexdigest(),
        model=source.hexdigest(),
        code=__version__,
        seed=study.seed,
        patients=study.patients,
        draws=study.draws,
        blocks=blocks,
    )
