"""A writer killed at any moment loses at most its present block, and the resumed run has the same digest."""

import json
import random
import signal
import subprocess
import sys
import time

import pytest

from thymos.io.run_folder import load

WRITER = """
import sys, time
from pathlib import Path
import numpy as np
from thymos.io.columns import Column
from thymos.io.manifest import Identity
from thymos.io.run_store import RunWriter
TABLE = (Column("i", "int", "", "index"), Column("x", "float", "1", "a number"))
identity = Identity("s" * 64, "v" * 64, "m" * 64, "0", 1, 4000, 1, 40)
with RunWriter(Path(sys.argv[1]), identity, ("toy", "x"), {"numbers": TABLE, "more": TABLE}) as store:
    print("ready", flush=True)
    for block in store.missing():
        i = np.arange(100 * block, 100 * (block + 1))
        store.write_block(block, {"numbers": {"i": i, "x": np.sin(i)}, "more": {"i": i, "x": np.cos(i)}})
        time.sleep(float(sys.argv[2]))
    store.gather()
    store.complete({}, {})
"""


def start(path, pause):
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(pause)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout.readline() == b"ready\n"
    return process


def acknowledged(path):
    return {p.name for p in (path / "blocks").glob("?????.json")}


@pytest.mark.parametrize("kills", [5, pytest.param(25, marks=pytest.mark.slow)])
def test_killed_and_resumed_gives_the_same_digest(tmp_path, kills):
    whole = start(tmp_path / "whole", 0)
    assert whole.wait() == 0
    path, chance, survived = tmp_path / "killed", random.Random(1), set()  # noqa: S311 (times of the kills)
    for _ in range(kills):
        process = start(path, 0.01)
        assert survived <= acknowledged(path)
        time.sleep(chance.uniform(0.0, 0.75 / kills))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        process.stderr.close()
        survived = acknowledged(path)
        assert json.loads((path / "manifest.json").read_text())["status"] == "running"
    last = start(path, 0)
    assert last.wait() == 0
    for process in (whole, last):
        process.stdout.close()
        process.stderr.close()
    load(path).check()
    assert load(path).digest == load(tmp_path / "whole").digest
    assert not list(path.glob("**/*.partial"))
