"""A real trial, killed in the middle, is never corrupt and comes to the same digest."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-c", "from thymos.cli import main; main()", "trial", "scid-haplo"]
SIZE = ["--patients", "3000", "--draws", "60", "--workers", "1"]


def run(out: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, *SIZE, "--out", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def digest(out: Path) -> str:
    return str(json.loads((out / "manifest.json").read_text())["digest"])


@pytest.mark.slow
def test_five_kills_change_nothing_but_time(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    begin = time.monotonic()
    assert run(whole).wait() == 0
    length = time.monotonic() - begin
    chance = random.Random(1)  # noqa: S311  # moments of kills, no secret
    for _ in range(5):
        process = run(cut)
        time.sleep(chance.uniform(0.2, 0.9) * length)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
        if (cut / "summary.json").exists():
            break
        for acknowledged in (cut / "blocks").glob("*.json"):
            for name in json.loads(acknowledged.read_text()):
                assert (cut / "blocks" / f"{acknowledged.stem}-{name}.parquet").exists()
    if not (cut / "summary.json").exists():
        assert run(cut).wait() == 0
    assert digest(cut) == digest(whole)
