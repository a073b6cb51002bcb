"""Joins tempering of `inference` with what may be learnt of the recipient in `therapy`; no science of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.inference.convergence import rhat
from thymos.inference.tempered import Renewed, Stage, renew
from thymos.io.atomic import write_text
from thymos.io.chain_folder import ChainFolder
from thymos.lang.streams import stream
from thymos.therapy.posterior import FILE, Posterior
from thymos.therapy.recipient import recipient_models
from thymos.therapy.switches import switches_of
from thymos.therapy.targets.recipient import TARGETS
from thymos.therapy.targets.recipient_belief import SWITCHES, RecipientBelief

if TYPE_CHECKING:
    from pathlib import Path

    from thymos.therapy.targets.target import Target

Floats = NDArray[np.float64]
POPULATIONS = 2
REST = 2  # stages after the likelihood has come to count in full
QUANTILES = (0.025, 0.5, 0.975)
SAME = 1e-9  # two members closer than this are copies of one


@dataclass(frozen=True)
class _Keeper:
    folder: ChainFolder
    population: int

    def get(self, number: int) -> Stage | None:
        kept = self.folder.read(self.population, number)
        if kept is None:
            return None
        places, logs = kept
        return Stage(places[0, :, :-3], logs[0], *(float(places[0, 0, k]) for k in (-3, -2, -1)))

    def put(self, number: int, stage: Stage) -> None:
        rest = np.tile([stage.power, stage.length, stage.accepted], (len(stage.members), 1))
        x = np.concatenate([stage.members, rest], axis=1)
        self.folder.write(self.population, number, x[None], stage.logs[None])


def run(
    members: int,
    moves: int,
    seed: int,
    workers: int,
    out: Path | None,
    write: bool,
    tick: Callable[[str], None],
) -> dict[str, Any]:
    """Two populations from prior to posterior, what they predict, and where they agree; files under `out`."""
    belief = RecipientBelief(workers)
    start = [
        stream(seed, "fit.recipient", k).standard_normal((members, belief.size)) for k in range(POPULATIONS)
    ]
    folder = ChainFolder.of(out / "stages", _digest(belief, start, moves)) if out else None
    ends = []
    for k, z in enumerate(start):

        def say(power: float, k: int = k) -> None:
            tick(f"population {k + 1} of {POPULATIONS}: likelihood to the power {power:.3g}")

        keeper = _Keeper(folder, k) if folder else None
        ends.append(renew(belief.log_likelihood, z, seed, moves, say, keeper, REST, k))
    every = np.concatenate([end.members for end in ends])
    # Seven digits: a third of the size, and no one knows an eighth.
    learnt = Posterior(
        {name: x.astype(np.float32).astype(np.float64) for name, x in belief.values(every).items()}
    )
    found = _summary(belief, start, ends) | {"seed": seed, "members": members, "moves": moves}
    switches = switches_of(recipient_models())
    for path in ([out / "posterior.parquet"] if out else []) + ([FILE] if write else []):
        learnt.write(path, belief.rows, switches)
    if out:
        write_text(out / "summary.json", json.dumps(found, indent=1, allow_nan=False) + "\n")
    return found


def _digest(belief: RecipientBelief, start: list[Floats], moves: int) -> str:
    """Of all that decides the stages; a model or a value that changed shows in what the first members predict."""
    said = repr((moves, len(start[0]), list(belief.rows)))
    return hashlib.sha256(said.encode() + belief.log_likelihood(start[0][:20]).tobytes()).hexdigest()


def _summary(belief: RecipientBelief, start: list[Floats], ends: list[Renewed]) -> dict[str, Any]:
    z = np.stack([end.members for end in ends])
    before, after = (belief.predictions(x) for x in (np.concatenate(start), np.concatenate(z)))
    values, prior = belief.values(np.concatenate(z)), belief.values(np.concatenate(start))
    parameters: dict[str, dict[str, Any]] = {
        name: {
            "text": row.text,
            "unit": row.unit,
            "grade": str(row.grade),
            **_spread(values[name]),
            "prior": _spread(prior[name]),
            "shift": float(z[..., i].mean()),
            "width": float(z[..., i].std()),
            "rhat": rhat(z[..., i]),
        }
        for i, (name, row) in enumerate(belief.rows.items())
    }
    return {
        "targets": [_target(t, before[t.name], after[t.name]) for t in TARGETS],
        "switches": {
            s: {
                "share": float(values[s].mean()),
                "by_population": [float(x.mean()) for x in values[s].reshape(len(ends), -1)],
            }
            for s in SWITCHES
        },
        "parameters": parameters,
        "sampling": {
            "rhat": max(p["rhat"] for p in parameters.values()),
            "different": [len(np.unique(np.round(end.members[:, 0] / SAME))) for end in ends],
            "stages": [len(end.powers) for end in ends],
            "accepted": [float(end.accepted[-1]) for end in ends],
        },
    }


def _spread(x: Floats) -> dict[str, float]:
    low, median, high = np.nanquantile(x, QUANTILES)
    return {"low": float(low), "median": float(median), "high": float(high)}


def _target(target: Target, before: Floats, after: Floats) -> dict[str, Any]:
    spread = _spread(after)
    inside = target.low <= spread["high"] and spread["low"] <= target.high
    return {
        "name": target.name,
        "text": target.text,
        "unit": target.unit,
        "published": target.published,
        "published_low": target.low,
        "published_high": target.high,
        "evidence": target.evidence,
        "use": target.use,
        "prior": _spread(before),
        "posterior": spread,
        "verdict": "met" if target.met(spread["median"]) else "overlaps" if inside else "missed",
    }
