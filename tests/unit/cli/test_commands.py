"""Commands as a user types them: what is printed where, and which exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import thymos
from thymos.io.run_folder import RunFolder
from thymos.lang.errors import StoreError
from typed import run

STUDY = Path(thymos.__file__).parent / "trial" / "studies" / "scid-haplo.yaml"


def test_help_lists_every_command(capsys):
    code, out, _ = run(capsys, "--help")
    assert code == 0
    for name in (
        "trial",
        "culture",
        "patient",
        "explain",
        "verify",
        "report",
        "query",
        "reproduce",
        "export",
        "design",
        "schema",
    ):
        assert f" {name} " in out


@pytest.mark.parametrize(
    "name", ["trial", "culture", "patient", "explain", "verify", "report", "query", "calibrate"]
)
def test_every_command_explains_itself(capsys, name):
    code, out, _ = run(capsys, name, "--help")
    assert code == 0
    assert "Usage" in out


def test_the_version(capsys):
    assert run(capsys, "version") == (0, f"{thymos.__version__}\n", "")


def test_the_schema_is_json(capsys):
    code, out, _ = run(capsys, "schema", "summary")
    assert code == 0
    assert "registered_size" in json.loads(out)["properties"]
    assert "arms" in json.loads(run(capsys, "schema")[1])["properties"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("--cluster", "nonsense"),
            "WorkerError: cluster nonsense: expected the address of a Dask scheduler",
        ),
        (
            ("--cluster", "tcp://127.0.0.1:1", "--processes"),
            "StudyError: option --processes: expected processes",
        ),
    ],
)
def test_a_cluster_that_cannot_be_had_leaves_no_folder(capsys, tmp_path, words, message):
    code, _, err = run(capsys, "trial", "scid-haplo", *words, "--out", tmp_path / "run")
    assert code == 2
    assert message in err
    assert not (tmp_path / "run").exists()


def test_a_report_is_written_and_named(capsys, fake_run, tmp_path):
    code, out, _ = run(capsys, "report", fake_run.path, "--out", tmp_path / "r.html")
    assert code == 0
    assert out.strip() == str(tmp_path / "r.html")
    assert (tmp_path / "r.html").stat().st_size > 100_000


def test_a_stored_run_is_printed(capsys, fake_run):
    code, out, _ = run(capsys, "report", fake_run.path, "--show")
    assert code == 0
    assert "What carries it" in out


def test_a_query_prints_a_table_or_json(capsys, fake_run):
    sql = "select arm, count(*) n from patients group by arm order by arm"
    assert "protcell   1000" in run(capsys, "query", fake_run.path, sql)[1]
    rows = json.loads(run(capsys, "query", fake_run.path, sql, "--json")[1])
    assert rows == [{"arm": "protcell", "n": 1000}, {"arm": "twin", "n": 1000}]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("report", "nowhere"), "a run folder, with manifest.json"),
        (("query", "nowhere", "select 1"), "a run folder, with manifest.json"),
        (("trial", "no-such-study"), "a study file"),
        (("patient", "--age", "200", "--diagnosis", "scid"), "--age"),
        (("patient", "--age", "1", "--diagnosis", "scid", "--dose", "-1"), "--dose"),
        (("patient", "--age", "1", "--diagnosis", "scid", "--day", "-2"), "--day"),
        (("trial", "scid-haplo", "--patients", "0"), "--patients"),
        (("trial", "scid-haplo", "--nonsense"), "--nonsense"),
        (("export", "sbml", "no-such-study"), "a study file"),
        (("export", "sbml", "scid-haplo", "--arm", "third"), "one of twin, protcell, got third"),
        (("export", "sbml", "scid-haplo", "--patient", "1000"), "a number from 0 to 999, got 1000"),
        (("export", "sbml", "scid-haplo", "--patient", "-1"), "--patient"),
        (("export", "sbml", "scid-haplo", "--stage", "thymus"), "--stage"),
        (("nonsense",), "nonsense"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(capsys, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, *words)
    assert code == 2
    assert said in err
    assert "Traceback" not in out + err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('dose: "0.5e6 cell/kg"', 'dose: "-1 cell/kg"', "a dose cannot be negative"),
        ('low: "8 day"', 'low: "-2 day"', "day 0 is the day of transplant"),
        ("\npatients: ", "\npatient: ", "did you mean patients?"),
        ('dose: "0.5e6 cell/kg"', 'dose: "0.5e6 mg"', "a unit that converts to cell/kg"),
    ],
)
def test_a_mistaken_study_stops_before_anything_is_written(capsys, tmp_path, old, new, said):
    path = tmp_path / "mine.yaml"
    path.write_text(STUDY.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    code, _, err = run(capsys, "trial", path, "--out", tmp_path / "run")
    assert code == 2
    assert said in err
    assert err.startswith(f"StudyError: {path} line ")
    assert not (tmp_path / "run").exists()


def fake_trial(monkeypatch, behave):
    import thymos.trial.run as trial

    monkeypatch.setattr(trial, "run_trial", behave)


def test_a_trial_prints_its_result_or_the_documented_object(capsys, monkeypatch, fake_run):
    asked = {}

    def behave(study, **options):
        asked.update(options, study=study.name)
        options["progress"](1, 2, "virtual patients")
        return fake_run

    fake_trial(monkeypatch, behave)
    code, out, err = run(
        capsys, "trial", "scid-haplo", "--patients", "9", "--seed", "0", "--out", "somewhere"
    )
    assert (code, err) == (0, "")
    assert "Recovery" in out
    assert (asked["study"], asked["patients"], asked["seed"], asked["out"]) == (
        "scid-haplo",
        9,
        0,
        Path("somewhere"),
    )
    out = run(capsys, "trial", "scid-haplo", "--json", "--out", "somewhere")[1]
    assert json.loads(out)["digest"] == fake_run.digest


def test_ctrl_c_says_how_to_go_on(capsys, monkeypatch):
    def behave(study, **options):
        raise KeyboardInterrupt

    fake_trial(monkeypatch, behave)
    code, out, err = run(capsys, "trial", "scid-haplo", "--seed", "0", "--out", "runs/my run")
    assert (code, out) == (130, "")
    assert "thymos trial scid-haplo --seed 0 --out 'runs/my run'" in err


def test_a_full_disk_is_one_message(capsys, monkeypatch):
    def behave(study, **options):
        raise StoreError("runs/x", "room on the disk", "the disk is full", "free some space")

    fake_trial(monkeypatch, behave)
    code, _, err = run(capsys, "trial", "scid-haplo", "--out", "runs/x")
    assert code == 2
    assert (
        err
        == "StoreError: runs/x: expected room on the disk, got the disk is full.\n  Try: free some space\n"
    )


def test_a_study_is_shown(capsys):
    code, out, _ = run(capsys, "trial", "scid-haplo", "--show")
    assert code == 0
    assert "registry:" in out


def test_reproduce_says_the_same_or_what_differs(capsys, monkeypatch, fake_run):
    fake_trial(monkeypatch, lambda study, **options: fake_run)
    code, out, _ = run(capsys, "reproduce", fake_run.path)
    assert code == 0
    assert out.startswith("The same")

    from dataclasses import replace

    tables = {**fake_run.manifest.tables, "lots": {**fake_run.manifest.tables["lots"], "fold": "0" * 64}}
    other = RunFolder(fake_run.path, replace(fake_run.manifest, tables=tables, digest="0" * 64))
    fake_trial(monkeypatch, lambda study, **options: other)
    code, out, _ = run(capsys, "reproduce", fake_run.path)
    assert code == 1
    assert out.startswith("Not the same")
    assert "table lots: fold" in out


def test_a_reader_that_goes_away_is_no_failure(fake_run):
    command = [sys.executable, "-c", "from thymos.cli import main; main()", "query", str(fake_run.path)]
    process = subprocess.Popen(
        [*command, "select * from curves"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ),
    )
    process.stdout.close()
    err = process.stderr.read().decode()
    process.stderr.close()
    process.wait()
    assert "Traceback" not in err


def test_a_switch_is_explained_with_the_line_that_sets_it(capsys):
    code, out, _ = run(capsys, "explain", "niche_number")
    assert code == 0
    assert "default proportional; or fixed" in out
    assert "switches: {niche_number: fixed}" in out


def test_a_culture_is_exported_once_and_replaced_only_when_asked(capsys, tmp_path):
    words = ("export", "sbml", "scid-haplo", "--stage", "culture", "--out", tmp_path / "new" / "folder")
    path = tmp_path / "new" / "folder" / "scid-haplo.culture.xml"
    code, out, err = run(capsys, *words)
    assert (code, out.strip(), err) == (0, str(path), "")
    first = path.read_bytes()
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert "expected a new file, got one that is there" in err
    assert run(capsys, *words, "--replace")[0] == 0
    assert path.read_bytes() == first


def test_a_folder_that_cannot_be_made_is_one_message(capsys, tmp_path):
    (tmp_path / "file").write_text("in the way")
    code, out, err = run(capsys, "export", "sbml", "scid-haplo", "--out", tmp_path / "file")
    assert (code, out) == (2, "")
    assert "StoreError: " in err
    assert "Traceback" not in err


def test_a_transduced_culture_says_what_its_release_reads(capsys):
    code, out, _ = run(capsys, "culture", "--vector-day", "1", "--moi", "20", "--lots", "8", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["vector"] == {"day": 1.0, "moi": 20.0, "transgene": "CAR"}
    assert found["lot"]["vcn"]["median"] < found["lot"]["vcn_at_most"]["median"]
    assert found["by_day"]["marked_percent"]["days"]["0"]["median"] == 0


def test_a_culture_without_vector_says_nothing_of_copies(capsys):
    _, out, _ = run(capsys, "culture", "--lots", "4", "--json")
    found = json.loads(out)
    assert "vector" not in found
    assert not {"vcn", "marked_percent"} & set(found["lot"] | found["by_day"])


def test_a_transduced_culture_is_printed_with_day_and_dose(capsys):
    code, out, _ = run(capsys, "culture", "--vector-day", "2", "--lots", "4")
    assert code == 0
    assert "CAR by a vector on day 2 at an MOI of 10" in out
    assert "Vector copies per marked cell" in out


@pytest.mark.parametrize("words", [("--vector-day", "7"), ("--vector-day", "-1"), ("--moi", "nan")])
def test_a_transduction_that_cannot_be_is_one_message(capsys, words):
    code, _, err = run(capsys, "culture", *words, "--lots", "4")
    assert code == 2
    assert "StudyError: culture.vector." in err
    assert "Traceback" not in err
