"""The contest of repertoires: what is said of speeds, floors, and programs that are not there."""

import argparse
import json

import pytest


@pytest.fixture
def contest():
    from repertoire import Contest, Program

    programs = (
        Program("ours", "toy", "Fast"),
        Program("theirs", "toy", "Slow"),
        Program("absent", "toy", "None_"),
    )
    return Contest("Things", "things/s", programs, {"size": 3}, floor=1e4, caveats=("Toys.",))


@pytest.fixture
def toys(tmp_path, monkeypatch):
    (tmp_path / "toy.py").write_text(
        "import time\n"
        "class Fast:\n"
        "    pause = 1e-5\n"
        "    def __init__(self, size, model): self.size = size\n"
        "    def run(self, n):\n"
        "        end = time.process_time() + n * self.pause\n"
        "        while time.process_time() < end: pass\n"
        "        return {'size': self.size}\n"
        "class Slow(Fast):\n"
        "    pause = 1e-4\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return argparse.Namespace(model="invented", peers=None, rounds=2, seconds=0.02)


def test_a_contest_is_played_by_those_who_are_there(contest, toys, tmp_path):
    from repertoire import as_json, play

    played = play(contest, toys, tmp_path)
    assert {label: len(speeds) for label, speeds in played.speeds.items()} == {"ours": 2, "theirs": 2}
    assert {label: len(ratios) for label, ratios in played.ratios.items()} == {"ours": 2, "theirs": 2}
    assert played.found == {"ours": {"size": 3}, "theirs": {"size": 3}}
    assert "None_" in played.missing["absent"]
    json.dumps(as_json(contest, played), allow_nan=False)


def test_a_missed_floor_is_called_missed(contest):
    from repertoire import Played, as_json, sentences

    played = Played()
    played.speeds["ours"], played.found["ours"], played.first["ours"] = [9e3, 9e3], {}, 1.0
    played.missing["theirs"] = "ModuleNotFoundError: No module named 'theirs'"
    said = sentences(as_json(contest, played))
    assert said[0] == "The design asks for 10,000 on a quiet core: missed."
    assert "Toys." in said
    assert said[-1] == "theirs took no part: ModuleNotFoundError: No module named 'theirs'."


def test_peers_need_an_environment_to_be_named(tmp_path):
    from repertoire import CONTESTS, sit
    from seat import Missing

    with pytest.raises(Missing, match="--peers"):
        sit(CONTESTS["TRB"].programs[-1], tmp_path, None)
