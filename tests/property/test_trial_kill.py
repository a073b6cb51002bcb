"""A real trial, killed at random moments, is never corrupt, loses nothing acknowledged and comes to the same digest."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from thymos.io.run_folder import load


class Trial(NamedTuple):
    """A trial of `chunks` stored chunks of `size` patients, to be killed so often; then how often at its end."""

    chunks: int
    size: int
    kills: int
    last: int
    before: str = ""


# What is stored is what counts: the ranking of assumptions is no part of the digest, and takes long.
SHORT = Trial(chunks=12, size=4, kills=5, last=1, before="run.ranked = lambda *given: []")
LONG = Trial(chunks=60, size=20, kills=25, last=5)


def start(trial: Trial, out: Path, *more: str) -> subprocess.Popen[bytes]:
    code = f"from thymos.cli import main; from thymos.trial import run; run.TOGETHER = {trial.size}; {trial.before}"
    size = ("--patients", f"{trial.chunks * trial.size}", "--draws", f"{trial.chunks}", "--workers", "2")
    words = [sys.executable, "-c", f"{code}\nmain()", "trial", "scid-haplo", *size, "--out", str(out), *more]
    # A group of its own, so that Ctrl-C can be meant for it and its workers.
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)


def finish(process: subprocess.Popen[bytes]) -> None:
    said = process.communicate()[1]
    assert (process.returncode, said) == (0, b"")


def acknowledged(out: Path) -> set[str]:
    return {path.stem for path in (out / "blocks").glob("?????.json")}


def check(out: Path, block: str) -> None:
    """Every file of an acknowledged block is what was acknowledged."""
    said = json.loads((out / "blocks" / f"{block}.json").read_text())
    assert sorted(said) == ["events", "lots", "patients", "visits"]
    for name, sha in said.items():
        assert hashlib.sha256((out / "blocks" / f"{block}-{name}.parquet").read_bytes()).hexdigest() == sha


def kill(trial: Trial, out: Path, new: int, chance: random.Random) -> bool:
    """Start or go on, wait for `new` further blocks, and kill a random moment later; False where it was done."""
    wanted = min(trial.chunks, len(acknowledged(out)) + new)
    process = start(trial, out)
    # The moments of a start are killed too: before the folder is there, while kernels load.
    time.sleep(chance.uniform(0, 2) if not new else 0)
    while len(acknowledged(out)) < wanted and process.poll() is None:
        time.sleep(0.002)
    time.sleep(chance.uniform(0, 0.1))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("trial", [SHORT, pytest.param(LONG, marks=pytest.mark.slow)], ids=["5", "25"])
def test_killed_and_resumed_gives_the_same_digest(tmp_path: Path, trial: Trial) -> None:
    whole, out = tmp_path / "whole", tmp_path / "killed"
    finish(start(trial, whole))
    chance, survived, killed = random.Random(1), set[str](), 0  # noqa: S311  # moments of kills, no secret
    for number in range(trial.kills):
        at_the_end = number >= trial.kills - trial.last
        new = trial.chunks if at_the_end else chance.randrange(0, 2 * trial.chunks // trial.kills)
        killed += kill(trial, out, new, chance)
        if (out / "summary.json").exists():
            break  # it came through before the kill
        assert survived <= acknowledged(out)
        survived = acknowledged(out)
        for block in survived:
            check(out, block)
        assert not survived or json.loads((out / "manifest.json").read_text())["status"] == "running"
    assert killed >= trial.kills - trial.last
    if json.loads((out / "manifest.json").read_text())["status"] == "running":
        finish(start(trial, out))
    load(out).check()
    assert load(out).digest == load(whole).digest
    assert not list(out.glob("**/*.partial"))
    print(f"{killed} kills, blocks survived before the last start: {len(survived)} of {trial.chunks}")


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--processes",)], ids=["threads", "processes"])
@pytest.mark.parametrize("after", ["manifest.json", "blocks/00000.json"])
def test_ctrl_c_is_one_message_and_the_command_to_go_on_with(
    tmp_path: Path, more: tuple[str, ...], after: str
) -> None:
    process = start(LONG, tmp_path / "run", *more)
    while not (tmp_path / "run" / after).exists():
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate()[1].decode()
    assert process.returncode == 130
    first, second, *rest = said.splitlines()
    assert first == f"Interrupted. What is done is kept in {tmp_path / 'run'}; go on with"
    assert second.startswith("  thymos trial scid-haplo --patients 1200 --draws 60 --out")
    assert not rest
