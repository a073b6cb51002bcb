"""One study, one digest: after interruptions, and through the stored copy. Workers: see test_trial_pools.py."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from thymos.io.run_folder import differences, load
from thymos.lang.errors import StoreError
from thymos.trial import run as trial_run
from thymos.trial.run import load_study, run_trial
from thymos.trial.simulation import Simulation

SMALL = {"patients": 40, "draws": 10}


@pytest.fixture(autouse=True, scope="module")
def without_the_ranking_of_assumptions() -> Iterator[None]:
    """It is no part of the digest, and takes longer than these small runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial_run, "ranked", lambda *given: [])
        yield


@pytest.fixture(scope="module")
def digest(tmp_path_factory: pytest.TempPathFactory) -> str:
    return run_trial(load_study("scid-haplo"), out=tmp_path_factory.mktemp("run") / "a", **SMALL).digest


def test_another_seed_gives_another_digest(digest: str, tmp_path: Path) -> None:
    assert run_trial(load_study("scid-haplo"), out=tmp_path / "c", seed=2, **SMALL).digest != digest


def test_an_interrupted_run_is_taken_up_and_gives_the_same_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial_run, "TOGETHER", 8)
    whole = run_trial(load_study("scid-haplo"), out=tmp_path / "whole", **SMALL).digest
    done: list[int] = []

    def stop_after_two(finished: int, total: int, what: str) -> None:
        done.append(finished)
        if len(done) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_trial(load_study("scid-haplo"), out=tmp_path / "cut", progress=stop_after_two, **SMALL)
    with pytest.raises(StoreError, match="interrupted"):
        load(tmp_path / "cut")
    computed: list[int] = []
    simulate = Simulation.tables

    def counted(self: Simulation) -> dict[str, dict[str, object]]:
        computed.append(int(self.patient[0]))
        return simulate(self)

    monkeypatch.setattr(Simulation, "tables", counted)
    assert run_trial(load_study("scid-haplo"), out=tmp_path / "cut", **SMALL).digest == whole
    assert computed == [16, 24, 32]  # the two acknowledged blocks were not computed again


def test_the_stored_study_gives_the_same_digest(digest: str, tmp_path: Path) -> None:
    first = run_trial(load_study("scid-haplo"), out=tmp_path / "d", **SMALL)
    again = run_trial(load_study(str(first.path / "study.yaml")), out=tmp_path / "e")
    assert again.digest == digest


def test_a_run_that_keeps_its_summary_alone_has_the_same_numbers(digest: str, tmp_path: Path) -> None:
    whole = run_trial(load_study("scid-haplo"), out=tmp_path / "all", **SMALL)
    run = run_trial(load_study("scid-haplo"), out=tmp_path / "some", keep="summary", **SMALL)
    assert run.digest == whole.digest == digest
    assert run.summary() | {"seconds": 0} == whole.summary() | {"seconds": 0}
    stored = load(tmp_path / "some")
    assert stored.tables() == ("curves", "diversity", "incidence")
    assert stored.table("curves") == whole.table("curves")
    assert differences(stored, whole) == []
    stored.check()
    assert not {p.stem for p in run.path.glob("*.parquet")} - {"curves", "diversity", "incidence"}
    with pytest.raises(StoreError, match=r"visits, which was not to be kept.*\n.*--keep all"):
        stored.table("visits")
    assert "dropped" not in (tmp_path / "all" / "manifest.json").read_text()


def test_every_patient_is_stored_whatever_became_of_it(tmp_path: Path) -> None:
    run = run_trial(load_study("scid-haplo"), out=tmp_path / "f", **SMALL)
    patients = run.table("patients").to_pandas()
    assert len(patients) == 2 * SMALL["patients"]
    assert set(patients.groupby("patient").size()) == {2}
    summary = run.summary()
    assert summary["failed"]["of"] == len(patients)
    for arm in summary["arms"]:
        assert arm["cd4_ir_day100"]["n"] == SMALL["patients"]


def test_twins_share_everything_but_the_treatment(tmp_path: Path) -> None:
    run = run_trial(load_study("leukaemia-tdepleted"), out=tmp_path / "g", **SMALL)
    patients = run.table("patients").to_pandas().set_index("patient")
    twin, product = (patients[patients["arm"] == arm].sort_index() for arm in ("twin", "protcell"))
    for same in ("age", "weight", "diagnosis", "infusion_day", "draw"):
        assert (twin[same] == product[same]).all()
    assert (twin["dose_per_kg"] == 0).all()
    assert (product["dose_per_kg"] > 0).all()
    assert np.isfinite(product["cd3_per_kg"]).all()
