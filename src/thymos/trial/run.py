"""A study from its file to a stored run: the one function behind command line, Python and studio."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
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
from thymos.therapy.measured_repertoire import reading_models
from thymos.therapy.posterior import FILE
from thymos.therapy.recipient import recipient_models
from thymos.therapy.repertoire import clonal_models
from thymos.therapy.sampling import blocks_of
from thymos.therapy.switches import indicators
from thymos.trial.assumptions import moves, ranked
from thymos.trial.chunk import Chunk, chunks_of, simulated
from thymos.trial.diversity import Diversity, pairs_of
from thymos.trial.endpoints import ENDPOINTS
from thymos.trial.fitted import located
from thymos.trial.gathered import Gathered
from thymos.trial.papers import assumed, band, knowledge, sources
from thymos.trial.pool import Pool, Threads
from thymos.trial.registries import registry_of
from thymos.trial.summary import Result
from thymos.trial.tables import tables_of

if TYPE_CHECKING:
    from thymos.io.run_folder import RunFolder
    from thymos.io.study_schema import Study
    from thymos.lang.model import Model

Progress = Callable[[int, int, str], None]
"""Called with (done, total, what is being done)."""
Keep = Literal["all", "summary"]
"""What stays of a run: every virtual patient, or only summary, curves, incidence and diversity."""
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
    study = located(read_study(path), path.parent)
    indicators(
        (*lot_models(study.graft.source, study.culture.vector is not None), *recipient_models()),
        study.switches,
    )
    if study.population.registry is not None:
        registry_of(study.population, str(path))
    for name in (study.registered.endpoint, *study.endpoints):
        if name not in ENDPOINTS:
            raise StudyError(f"{path} [endpoints]", f"one of {', '.join(ENDPOINTS)}", name)
    return study


def models_of(study: Study) -> tuple[Model, ...]:
    """Every model with values that the study rests on."""
    lot = lot_models(study.graft.source, study.culture.vector is not None)
    repertoire = (*clonal_models(), *reading_models())
    return (*lot, *recipient_models(), *repertoire, THERAPIES[study.therapy]())


def run_trial(
    study: Study,
    *,
    out: Path | None = None,
    seed: int | None = None,
    patients: int | None = None,
    draws: int | None = None,
    workers: int = 1,
    pool: Pool | None = None,
    keep: Keep = "all",
    progress: Progress = lambda done, total, what: None,
) -> RunFolder:
    """Simulate a study and store it; an interrupted run in `out` is taken up where it stopped.

    seed, patients, draws : replace those of the study
    pool : whoever computes; `workers` threads of this process where not given
    keep : "summary" removes the tables by patient once every number is made from them; the digest is the same
    Raises `StoreError` when the folder holds something else, is full or read-only, and `WorkerError` when
    whoever computes is lost.
    """
    began = time.monotonic()
    study = override(study, seed=seed, patients=patients, draws=draws)
    # Draws beyond the number of patients would hold nobody.
    study = override(study, draws=min(study.draws, study.patients))
    text = study_text(study)
    chunks = chunks_of(text, blocks_of(study.patients, study.draws), TOGETHER)
    path = out if out is not None else free_folder(Path("runs"), study.name)
    # A pool that cannot be had is known before a folder is made.
    with (
        pool or Threads(workers) as at_work,
        RunWriter(path, identity_of(study, len(chunks)), (study.name, text), tables_of(study)) as writer,
    ):
        _simulate(writer, at_work, chunks, progress)
        writer.gather()
        return _finish(writer, study, at_work, keep, progress, began)


def _simulate(writer: RunWriter, pool: Pool, chunks: list[Chunk], progress: Progress) -> None:
    """Store every chunk that is missing, in the order in which they come."""
    total = sum(chunk.size for chunk in chunks)
    missing = [chunks[index] for index in writer.missing()]
    done = total - sum(chunk.size for chunk in missing)
    progress(done, total, "virtual patients")
    for chunk, tables in pool.each(simulated, missing):
        writer.write_block(chunk.index, tables)
        done += chunk.size
        progress(done, total, "virtual patients")


def _finish(
    writer: RunWriter, study: Study, pool: Pool, keep: Keep, progress: Progress, began: float
) -> RunFolder:
    arms = tuple(arm.name for arm in study.arms)
    tables = Gathered(writer.path, arms, len(study.visits.days))
    result = Result(study, tables)
    diversity = Diversity(study, pool, counted(progress, pairs_of(study), "repertoires of twins"))
    moved = counted(progress, 2 * len(moves(study)), "assumptions, each moved alone")
    rest: dict[str, Any] = {
        "knowledge": knowledge(study),
        "diversity": diversity.summary(),
        "assumptions": ranked(study, pool, moved),
        "sources": sources(study, models_of(study)),
        "assumed": assumed(models_of(study)),
        "reference_band": band(study, tables.patients(arms[0], "age")),
    }
    summary = result.summary(rest) | {"seconds": round(time.monotonic() - began, 2)}
    made = {"curves": result.curves(), "incidence": result.incidence(), "diversity": diversity.table()}
    return writer.complete(summary, made, keep_blocks=keep == "all")


def counted(progress: Progress, total: int, what: str) -> Callable[[int], None]:
    """Called with how much more is done; tells how much is done of all."""
    done = 0

    def tick(more: int) -> None:
        nonlocal done
        done += more
        progress(done, total, what)

    return tick


def hashes_of(models: Iterable[Model], learnt: bool = False) -> tuple[str, str]:
    """SHA-256 of the values of models, and of their source.

    learnt : whether the joint draws given published patients are among the values
    """
    values, source = hashlib.sha256(), hashlib.sha256()
    if learnt and FILE.exists():
        values.update(FILE.read_bytes())
    for model in models:
        rows = model.file().with_suffix(".toml")
        values.update(rows.read_bytes() if rows.exists() else b"")
        source.update(model.file().read_bytes())
    return values.hexdigest(), source.hexdigest()


def identity_of(study: Study, blocks: int) -> Identity:
    """Everything that decides the numbers of a run."""
    values, source = hashes_of(models_of(study), learnt=study.knowledge == "posterior")
    return Identity(
        study=study_hash(study),
        values=values,
        model=source,
        code=__version__,
        seed=study.seed,
        patients=study.patients,
        draws=study.draws,
        blocks=blocks,
    )
