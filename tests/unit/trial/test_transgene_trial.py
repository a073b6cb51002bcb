"""A trial of a transduced product: what its tables hold, and that others are as they were."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from thymos.io.run_folder import RunFolder
from thymos.io.study_file import parse_study, study_text
from thymos.io.study_schema import Study
from thymos.therapy.sampling import blocks_of
from thymos.trial import run as trial_run
from thymos.trial.run import load_study, run_trial
from thymos.trial.simulation import Simulation
from thymos.trial.tables import TABLES, TRANSGENE_LOTS, TRANSGENE_VISITS, tables_of
from thymos.trial.visits import TRANSGENE

SIZE, DRAWS = 24, 8


@pytest.fixture(autouse=True, scope="module")
def without_the_ranking_of_assumptions():
    """It is no part of the digest, and takes longer than these small runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial_run, "ranked", lambda *given: [])
        yield


def study(**vector: object) -> Study:
    """The first shipped study, its product transduced."""
    said = load_study("scid-haplo").model_dump(mode="json", exclude_none=True)
    said["culture"]["vector"] = {"day": "1 day", "moi": 10.0, **vector}
    return Study.model_validate(said)


def run(folder: Path, **vector: object) -> RunFolder:
    return run_trial(study(**vector), out=folder, patients=SIZE, draws=DRAWS)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return run(tmp_path_factory.mktemp("transduced") / "a")


def column(folder: RunFolder, table: str, name: str):
    return pd.read_parquet(folder.path / f"{table}.parquet", columns=[name])[name].to_numpy()


def test_a_study_without_vector_has_the_tables_of_always():
    assert tables_of(load_study("scid-haplo")) is TABLES
    names = {c.name for table in TABLES.values() for c in table}
    assert not names & {c.name for c in (*TRANSGENE_LOTS, *TRANSGENE_VISITS)}


def test_lots_say_what_their_release_reads(made):
    marked = column(made, "lots", "marked_percent")
    assert np.all((marked > 0) & (marked < 100))
    assert np.all(column(made, "lots", "vcn_at_most") > column(made, "lots", "vcn_measured"))
    assert np.all(column(made, "lots", "expressing_percent") <= marked)


def test_the_twin_has_no_transgene_and_the_treated_no_more_of_it_than_t_cells(made):
    visits = pd.read_parquet(made.path / "visits.parquet")
    twin, treated = (visits[visits.arm == name] for name in ("twin", "protcell"))
    alive = twin.cd3.notna()
    assert twin.transgene_cd3_below[alive].all()
    assert twin.vcn_cd3_below[alive].all()
    late = treated[(treated.planned >= 100) & treated.cd3.notna()]
    assert late.transgene_cd3.median() > 10
    assert np.all(late.transgene_cd3 <= 2 * late.cd3 + 10)  # two counts, each with its error
    assert 0.05 < late.vcn_cd3.median() < 3


def test_the_summary_counts_cells_with_the_transgene_and_reads_the_lot(made):
    summary = made.summary()
    assert summary["lot"]["vcn"]["unit"] == "copy/cell"
    assert summary["arms"][1]["counts"]["transgene_cd3"]["365"]["median"] > 1
    assert "transgene_cd3_day365" in summary["difference"]
    assert set(summary["arms"][0]["counts"]) >= {"cd4", "transgene_cd3"}
    assert "vcn_cd3" not in summary["arms"][0]["counts"]


def tables(of: Study) -> dict[str, dict[str, object]]:
    """The tables of the same patients, without a folder."""
    return Simulation(of, of.seed, blocks_of(SIZE, DRAWS), 0).tables()


def test_without_particles_nothing_is_marked():
    none = tables(study(moi=0.0))
    assert np.all(none["lots"]["marked_percent"] == 0)
    for name in TRANSGENE:
        seen, below = none["visits"][name], none["visits"][f"{name}_below"]
        assert np.all(below[np.isfinite(seen)])


def test_neither_workers_nor_the_way_the_work_was_cut_move_a_number(made, tmp_path, monkeypatch):
    assert (
        run_trial(study(), out=tmp_path / "two", patients=SIZE, draws=DRAWS, workers=2).digest == made.digest
    )
    monkeypatch.setattr(trial_run, "TOGETHER", 5)
    cut = run_trial(study(), out=tmp_path / "cut", patients=SIZE, draws=DRAWS)
    # Arms follow each other within each part of the work, so only the order of rows is another one.
    for table, order in {"lots": ["patient"], "visits": ["arm", "patient", "planned"]}.items():
        one, other = (pd.read_parquet(f.path / f"{table}.parquet").sort_values(order) for f in (made, cut))
        pd.testing.assert_frame_equal(
            one.reset_index(drop=True), other.reset_index(drop=True), rtol=0, atol=0
        )


def test_the_name_of_the_transgene_changes_no_number(made):
    assert np.array_equal(tables(study(transgene="TCR"))["lots"]["vcn"], column(made, "lots", "vcn"))


def test_overdispersion_is_a_switch_of_the_study(made):
    said = study().model_dump(mode="json", exclude_none=True)
    spread = tables(Study.model_validate(said | {"switches": {"vcn_dispersion": "negative_binomial"}}))[
        "lots"
    ]
    assert spread["vcn"] == pytest.approx(column(made, "lots", "vcn"), rel=1e-6)
    assert np.all(spread["marked_percent"] < column(made, "lots", "marked_percent"))


def test_a_study_with_a_vector_reads_back_from_its_own_text():
    assert parse_study(study_text(study()), "again") == study()
