"""Thymic selection in several hosts: who survives, what they recognise, and where the figures stand beside counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.biology.repertoire.antigens.response import answered, one_cell_clones
from thymos.biology.repertoire.selection.calibrated import calibrated
from thymos.biology.repertoire.selection.course import course
from thymos.biology.repertoire.selection.cross_reactivity import degeneracy, important_contacts
from thymos.biology.repertoire.selection.host import Host, Mature, Outcome, drawn_host
from thymos.biology.repertoire.selection.marginals import TOLERATED, shift
from thymos.biology.repertoire.selection.pathogen import KINDS, USUAL, answering, pathogen
from thymos.biology.repertoire.selection.peptides import random_peptides
from thymos.biology.repertoire.selection.thresholds import Thresholds, evidence, kt, value, whole
from thymos.biology.repertoire.selection.tolerance import holes, neoantigens, tolerance
from thymos.lang.errors import StudyError
from thymos.lang.streams import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from thymos.biology.repertoire.receptors import Receptors
    from thymos.biology.repertoire.selection.contact_energy import Energies

    Residues = NDArray[np.uint8]

CLONES = (100, 300, 1000, 3000, 10_000, 30_000, 100_000)
"""Sizes of a repertoire at which its holes are counted, as far as cells survive."""
DISTANCES = (0, 1, 2)
CALIBRATING, BONDS, LEAST = 4, 3000, 2000
"""Hosts that a threshold is calibrated with, about how many bonds, and the least receptors."""
ENOUGH = slice(20_000)
"""Receptors that similar receptors, and the course over thresholds, are looked at with."""
IN_COURSE = 4000
"""Peptides of each kind in the course over thresholds."""


@dataclass(frozen=True)
class Survey:
    """What is asked.

    energies      : energies of host number i
    thresholds    : with their window; `target` moves them
    target        : chance that a cell which escaped deletion recognises a foreign peptide, or None to keep them
    self_peptides : how many, or the contact residues of all (peptide, contact)
    presented     : share of them that thymocytes meet
    hosts, foreign : how many
    """

    energies: Callable[[int], Energies]
    thresholds: Thresholds
    target: float | None
    self_peptides: int | Residues
    presented: float
    hosts: int
    foreign: int
    seed: int
    workers: int = 1


def survey(asked: Survey, receptors: Receptors) -> dict[str, Any]:
    """Everything a report shows; the same receptors in all hosts. Numbers that do not exist are None."""
    if not len(receptors):
        raise StudyError("thymic selection", "at least one receptor", "none")
    hosts = [_host(asked, i) for i in range(asked.hosts)]
    foreign = random_peptides(
        asked.foreign, stream(asked.seed, "repertoire.foreign"), hosts[0].energies.contacts
    )
    limits = _thresholds(asked, hosts, receptors, foreign)
    hosts = [host.at(limits) for host in hosts]
    each = [_one(host, receptors, foreign, asked.seed, i) for i, host in enumerate(hosts)]
    found: dict[str, Any] = {
        "seed": asked.seed,
        "receptors": len(receptors),
        "self_peptides": len(hosts[0].self_peptides),
        "presented": len(hosts[0].thymic) / len(hosts[0].self_peptides),
        "foreign_peptides": asked.foreign,
        "contacts": hosts[0].energies.contacts,
        "thresholds": _written(limits, asked.target),
        "hosts": each,
        "summary": _over_hosts([_numbers(one) for one in each]),
        "checks": _checks(each),
        "holes": _holes_over(each),
        "pathogens": _pathogens_over(each),
        "degeneracy": _degeneracy(hosts[0], receptors, foreign, asked.seed),
        "course": _course(hosts[0], receptors, foreign, asked.seed),
    }
    return {name: _plain(x) for name, x in found.items()}


def _host(asked: Survey, i: int) -> Host:
    return drawn_host(
        asked.seed,
        i,
        asked.energies(i),
        asked.thresholds,
        asked.self_peptides,
        asked.presented,
        asked.workers,
    )


def _thresholds(asked: Survey, hosts: list[Host], receptors: Receptors, foreign: Residues) -> Thresholds:
    if asked.target is None:
        return asked.thresholds
    some = hosts[:CALIBRATING]
    # Fewer receptors, never fewer peptides: with tables of residues few peptides make most bonds.
    enough = BONDS / max(asked.target * len(foreign) * len(some), 1e-12)
    return calibrated(some, receptors.take(slice(max(round(enough), LEAST))), foreign, asked.target)


def _one(host: Host, receptors: Receptors, foreign: Residues, seed: int, i: int) -> dict[str, Any]:
    """One host."""
    lowest = host.strongest_self(receptors)
    outcome = host.outcome(lowest)
    everyone = Mature(host, *host.binding(receptors))
    cells = everyone.kept(outcome == Outcome.survives)
    mutants = neoantigens(cells, len(foreign), stream(seed, "repertoire.neoantigens", i))
    seen = cells.recognition(foreign)
    sizes = [n for n in CLONES if n <= len(cells)]
    return {
        **{o.name: float((outcome == o).mean()) for o in Outcome},
        **asdict(tolerance(cells, foreign, mutants)),
        "autoreactive_primed": _primed(cells),
        "important_contacts": important_contacts(cells, foreign, stream(seed, "repertoire.bonds", i)),
        **_chao(everyone, outcome, foreign),
        "survivors": len(cells),
        "holes": dict(zip(map(str, sizes), holes(seen, sizes).tolist(), strict=True)),
        "shift": shift(receptors, outcome == Outcome.survives),
        "pathogens": {kind: _pathogen(cells, kind, seed) for kind in KINDS},
    }


def _primed(cells: Mature) -> float:
    """Share of cells that would recognise some hidden self peptide once primed, when weaker bonds do.

    Reference: `yin2024`.
    """
    limits = cells.host.thresholds
    weaker = replace(limits, activation=limits.recognition + whole(value("primed_gap")))
    primed = Mature(cells.host.at(weaker), cells.residues, cells.offsets)
    able = primed.recognised(cells.host.hidden).by_receptor > 0
    return float(able.mean()) if len(able) else float("nan")


def _chao(everyone: Mature, outcome: NDArray[np.int8], foreign: Residues) -> dict[str, float]:
    """What each kind of selection does to recognition of foreign peptides. Reference: `chao2005`.

    narrowing      : mean cross-reactivity before selection over that of cells which escaped deletion
    detectors_lost : of cells that escaped deletion and recognise any of these peptides, the share that is neglected
    """
    by_cell = everyone.recognised(foreign).by_receptor
    escaped = outcome != Outcome.deleted
    after, able = by_cell[escaped], escaped & (by_cell > 0)
    rest = float(after.mean()) if len(after) else 0.0
    lost = float((outcome[able] == Outcome.neglected).mean()) if able.any() else float("nan")
    return {
        "narrowing": float(by_cell.mean()) / rest if rest else float("nan"),
        "detectors_lost": lost,
    }


def _pathogen(cells: Mature, kind: str, seed: int) -> dict[str, Any]:
    against = pathogen(kind, cells.host, USUAL[kind], seed)
    p, error = answering(cells, against)
    quorum = round(value("quorum"))
    tissue = one_cell_clones(value("tissue_cells"), quorum)
    return {
        "peptides": len(against.peptides),
        "answering": p,
        "error": error,
        "response": float(answered([p], tissue, quorum)[0]),
        "note": against.note,
    }


def _degeneracy(host: Host, receptors: Receptors, foreign: Residues, seed: int) -> list[dict[str, Any]]:
    cells = host.mature(receptors.take(ENOUGH))
    found = (degeneracy(cells, foreign, d, stream(seed, "repertoire.neighbours", d)) for d in DISTANCES)
    return [asdict(one) | {"enrichment": one.enrichment} for one in found]


def _course(host: Host, receptors: Receptors, foreign: Residues, seed: int) -> dict[str, Any]:
    rng = stream(seed, "repertoire.neoantigens", 0)
    some = receptors.take(ENOUGH)
    mutants = neoantigens(host.mature(some), len(foreign), rng)
    kinds = {"foreign": foreign, "neoantigen": mutants, "hidden_self": host.hidden}
    found = course(host, some, {name: seen[:IN_COURSE] for name, seen in kinds.items() if len(seen)})
    return {
        "threshold": found.threshold,
        "shares": dict(found.shares),
        "recognition": dict(found.recognition),
    }


def _written(limits: Thresholds, target: float | None) -> dict[str, Any]:
    return {
        "negative": kt(limits.negative),
        "positive": None if limits.positive is None else kt(limits.positive),
        "recognition": kt(limits.recognition),
        "target": target,
    }


def _numbers(one: dict[str, Any]) -> dict[str, float]:
    """The numbers of one host, the ratio of neo-antigens among them."""
    foreign = one["foreign"]
    plain = {name: x for name, x in one.items() if isinstance(x, int | float)}
    return plain | {"ratio": one["neoantigen"] / foreign if foreign else float("nan")} | {
        f"shift_{name}": x for name, x in one["shift"].items()
    }  # fmt: skip


def _over_hosts(each: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    """Mean and standard deviation over hosts of every number, among hosts that have it."""
    return {name: _mean_sd([one[name] for one in each]) for name in each[0]}


def _mean_sd(values: list[float]) -> dict[str, float]:
    known = np.array([x for x in values if np.isfinite(x)])
    mean = float(known.mean()) if len(known) else float("nan")
    return {"mean": mean, "sd": float(known.std(ddof=1)) if len(known) > 1 else float("nan")}


def _checks(each: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Figures of the model beside what was counted in mice and people; a conflict between counts is kept."""
    deleted, alive = (np.array([one[name] for one in each]) for name in ("deleted", "survives"))
    foreign = [one["foreign"] for one in each]
    with np.errstate(divide="ignore", invalid="ignore"):
        lost, per = deleted / (deleted + alive), deleted / alive
    counted = {
        "deleted_of_selectable": lost.tolist(),
        "deleted_per_survivor": per.tolist(),
        "foreign_recognition": foreign,
    }
    shifts = [
        {"name": f"shift_{name}", "low": 0.0, "high": TOLERATED, "source": ""}
        | _mean_sd([one["shift"][name] for one in each])
        for name in each[0]["shift"]
        if any(one["shift"][name] for one in each)  # without lengths or genes that differ nothing can move
    ]
    return [_beside(name, x) for name, x in counted.items()] + shifts


def _beside(name: str, values: list[float]) -> dict[str, Any]:
    """A figure over hosts, and the range of its row."""
    row = evidence()[name]
    low, high = row.range or row.interval
    return {"name": name, **_mean_sd(values), "low": low, "high": high, "source": row.source}


def _holes_over(each: list[dict[str, Any]]) -> list[dict[str, Any]]:
    sizes = [n for n in CLONES if all(str(n) in one["holes"] for one in each)]
    return [{"clones": n, **_mean_sd([one["holes"][str(n)] for one in each])} for n in sizes]


def _pathogens_over(each: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for kind in KINDS:
        ours = [one["pathogens"][kind] for one in each]
        rows.append(
            {"kind": kind, "peptides": ours[0]["peptides"], "note": ours[0]["note"]}
            | {name: _mean_sd([one[name] for one in ours]) for name in ("answering", "response")}
        )
    return rows


def _plain(x: Any) -> Any:
    """The same as lists, dicts and numbers that JSON knows; None for what is not a number."""
    if isinstance(x, dict):
        return {key: _plain(y) for key, y in x.items()}
    if isinstance(x, np.ndarray | list | tuple):
        return [_plain(y) for y in (x.tolist() if isinstance(x, np.ndarray) else x)]
    return None if isinstance(x, float) and not np.isfinite(x) else x
