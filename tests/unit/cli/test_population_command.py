"""`thymos population`: published figures met, files that a trial takes, and one message for each mistake."""

import csv
import json

import numpy as np
import pytest

from thymos.cli.populating import fitted
from thymos.io.population_file import read_population
from thymos.io.study_file import study_text
from thymos.io.target_file import EXAMPLE, parse_targets
from thymos.lang.errors import StudyError
from thymos.therapy.sampling import Block
from thymos.trial.assumptions import moves
from thymos.trial.population import population
from thymos.trial.run import load_study
from thymos.trial.simulation import Simulation
from typed import run

FEW = """\
format: 1
title: young, with AML
at_least: 20
targets:
  - {of: age, within: ["1 year", "40 year"], quartiles: ["6 year", "15 year"]}
  - {of: diagnosis, value: aml, share: 0.6}
  - {of: cmv_recipient, share: 0.55}
"""


@pytest.fixture(scope="module")
def study():
    return load_study("leukaemia-tdepleted")


@pytest.fixture(scope="module")
def result(study):
    return fitted(study, parse_targets(FEW, "few.yaml"), 2000, 20)


def test_published_figures_are_met(result):
    w = result.tilted.weights
    age = result.found.quantity("age")[result.among]
    assert w.sum() == pytest.approx(1)
    assert w[age <= 6].sum() == pytest.approx(0.25, abs=1e-4)
    assert w[age <= 15].sum() == pytest.approx(0.75, abs=1e-4)
    assert (age.min(), age.max()) > (1, 30)
    assert age.max() <= 40
    diagnosis = result.found.quantity("diagnosis")[result.among]
    assert w[diagnosis == "aml"].sum() == pytest.approx(0.6, abs=1e-4)
    assert result.summary()["effective"] == pytest.approx(1 / (w**2).sum())
    assert 20 < result.summary()["effective_draws"] + 1 < 22  # 20 draws, none of which weights alone


def test_counts_are_those_of_untreated_patients_and_do_not_depend_on_workers(study):
    targets = parse_targets(EXAMPLE.replace("title:", "at_least: 10\ntitle:"), "x")
    one, two = (fitted(study, targets, 300, 10, workers) for workers in (1, 2))
    np.testing.assert_array_equal(one.tilted.weights, two.tilted.weights)
    cd4 = one.found.quantity("cd4", 100)[one.among]
    assert one.tilted.weights[cd4 > 50].sum() == pytest.approx(0.547, abs=1e-4)


def test_a_file_gives_the_patients_back_and_a_trial_takes_it(result, study, tmp_path):
    from thymos.io.population_file import write_population

    path = tmp_path / "pop.parquet"
    write_population(path, result.file())
    file = read_population(path)
    units = {c.name: c.unit for c in file.columns}
    assert (units["age"], units["weight"], units["probability"]) == ("year", "kg", "1")
    assert file.about["effective"] == pytest.approx(result.tilted.effective)
    mine = _with_file(study, tmp_path)
    loaded = load_study(str(mine))
    found = population(loaded, 1, Block(0, 0, 4000))
    # Of one draw; its patients come as often as their weights say.
    rows = file.data["draw"] == _draw(found, file)
    p = file.data["probability"][rows] / file.data["probability"][rows].sum()
    share = p[file.data["diagnosis"][rows] == "aml"].sum()
    assert np.mean(found.diagnosis == "aml") == pytest.approx(share, abs=0.04)
    many = np.concatenate([population(loaded, 1, Block(d, 0, 20)).diagnosis for d in range(300)])
    assert np.mean(many == "aml") == pytest.approx(0.6, abs=0.04)
    blocks = [Block(d, 0, 4) for d in range(3)]
    whole = Simulation(loaded, 1, blocks, 0, workers=2).tables()["patients"]
    part = Simulation(loaded, 1, blocks[1:2], 4).tables()["patients"]
    np.testing.assert_array_equal(np.asarray(whole["day_cd4_200"])[4:8], np.asarray(part["day_cd4_200"])[:4])


def test_assumptions_of_the_platform_do_not_move_patients_from_a_file(result, study, tmp_path):
    from thymos.io.population_file import write_population

    write_population(tmp_path / "pop.parquet", result.file())
    loaded = load_study(str(_with_file(study, tmp_path)))
    names = {move.words["name"] for move in moves(loaded)}
    assert any(name.startswith("t_depleted_leukaemia.") for name in {m.words["name"] for m in moves(study)})
    assert not any(name.startswith("t_depleted_leukaemia.") for name in names)


def _draw(found, file):
    """The one draw of which all these patients are."""
    age = dict(zip(file.data["age"].tolist(), file.data["draw"].tolist(), strict=True))
    draws = {age[a] for a in found.people.age.tolist()}
    assert len(draws) == 1
    return draws.pop()


def _with_file(study, folder, **change):
    said = study_text(study)
    head, _, rest = said.partition("population:\n")
    tail = rest[rest.index("conditioning:") :]
    tail = tail[: tail.index("basis:")]
    path = folder / "mine.yaml"
    text = f"{head}population:\n  file: pop.parquet\n{tail}"
    for old, new in change.values():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_study_that_does_not_fit_its_file_is_refused(result, study, tmp_path):
    from thymos.io.population_file import write_population

    path = tmp_path / "pop.parquet"
    write_population(path, result.file())
    other = _with_file(study, tmp_path, change=("intensity: MAC", "intensity: RIC"))
    with pytest.raises(
        StudyError, match=r"\[conditioning\]: expected the conditioning of the study from which"
    ):
        load_study(str(other))
    both = _with_file(study, tmp_path, change=("  file:", "  registry: scid\n  file:"))
    with pytest.raises(StudyError, match="expected a registry or a file, got both"):
        load_study(str(both))
    gone = _with_file(study, tmp_path, change=("pop.parquet", "pop2.parquet"))
    with pytest.raises(StudyError, match="no such file"):
        load_study(str(gone))
    (tmp_path / "pop.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(
        StudyError, match="expected a Parquet file from `thymos population`, got another file"
    ):
        load_study(str(_with_file(study, tmp_path)))


REFUSED = {
    "out of reach": (
        '- {of: age, median: "80 year"}',
        r"expected age, median of 80 year, got at nearest 100.0% below 80 year \(candidates",
    ),
    "nobody within": (
        '- {of: age, within: ["90 year", "95 year"]}',
        "expected patients within 90 to 95 year",
    ),
    "too few": (
        '- {of: age, above: "69 year", share: 0.99}',
        "expected weights worth 100 patients or more, got",
    ),
    "contradiction": (
        '- {of: age, median: "20 year"}\n  - {of: age, above: "20 year", share: 0.8}',
        "with all other figures met",
    ),
    "unknown value": (
        "- {of: diagnosis, value: amll, share: 0.5}",
        "expected one of all, aml, mds, got amll",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_figure_that_cannot_be_met_is_named(study, case):
    text, message = REFUSED[case]
    targets = parse_targets(f"format: 1\ntargets:\n  {text}\n", "x")
    with pytest.raises(StudyError, match=message):
        fitted(study, targets, 500, 10)


MISTAKES = {
    "unknown": ("of: cd4", "of: cd5", "targets.0.of", "one of cd3, cd4"),
    "no unit": ('"50 cell/uL"', "50", "targets.0.above", "converts to cell/uL, got 50 without a unit"),
    "wrong unit": ('"10 year"', '"10 kg"', "targets.1.median", "converts to year, got 'kg'"),
    "no day": (', day: "100 day"', "", "targets.0.day", "a day of the count, got none"),
    "a day too many": ("of: age", 'of: age, day: "3 day"', "targets.1.day", "no day, got 3 day"),
    "no share": ("share: 0.547, ", "", "targets.0.share", "`above` and `share` together"),
    "no value": ("value: aml, ", "", "targets.2.value", "one of diagnosis, got none"),
    "turned": (
        '["1 year", "30 year"]',
        '["30 year", "1 year"]',
        "targets.1.within",
        "the lower figure first",
    ),
    "one end": ('["1 year", "30 year"]', '"30 year"', "targets.1.within", "two figures, lower and upper"),
    "a measure of a trait": ("value: aml", 'above: "1 year"', "targets.2.above", "the share of diagnosis"),
    "a sure thing": ("share: 0.5,", "share: 1.0,", "targets.2.share", "less than 1"),
    "nothing to meet": (
        EXAMPLE[EXAMPLE.index("targets:") :],
        "targets: []",
        "targets",
        "at least one target, got none",
    ),
    "an item of little": (
        EXAMPLE[EXAMPLE.index("  - ") :],
        "  - {of: cd4}",
        "targets.0.day",
        "a day of the count",
    ),
    "unknown key": (", median", ", medain", "targets.1.medain", "unknown key 'medain'"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_in_the_targets_is_one_message(case):
    old, new, field, message = MISTAKES[case]
    assert old in EXAMPLE
    with pytest.raises(StudyError) as problem:
        parse_targets(EXAMPLE.replace(old, new, 1), "mine.yaml")
    assert f"[{field}]" in str(problem.value)
    assert message in str(problem.value)


def test_the_command_prints_writes_and_draws(capsys, tmp_path):
    targets = tmp_path / "t.yaml"
    targets.write_text(FEW, encoding="utf-8")
    out, plot = tmp_path / "pop.csv", tmp_path / "pop.svg"
    words = ["population", "leukaemia-tdepleted", "--targets", targets, "--candidates", "400", "--draws", "4"]
    code, stdout, _ = run(capsys, *words, "--out", out, "--plot", plot, "--json")
    assert code == 0
    found = json.loads(stdout)
    assert found["candidates"] == 400
    assert {f["kind"] for f in found["figures"]} == {"quantile", "share"}
    for f in found["figures"]:
        assert f["after"] == pytest.approx(f["published"], rel=0.15)
    assert "published" in plot.read_text(encoding="utf-8")
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# SIMULATED"
    rows = list(csv.DictReader(lines[1:]))
    assert len(rows) == found["within_limits"]
    assert sum(float(r["probability [1]"]) for r in rows) == pytest.approx(1)
    assert float(rows[0]["age [year]"]) > 0


def test_without_targets_everyone_weighs_alike(capsys, tmp_path):
    out = tmp_path / "pop.parquet"
    code, stdout, _ = run(capsys, "population", "scid-haplo", "--candidates", "50", "--out", out)
    assert code == 0
    assert "worth 50 equal patients" in stdout.replace("\n", " ")
    assert np.ptp(read_population(out).data["probability"]) == 0


def test_an_example_of_targets_can_be_printed_and_read(capsys):
    code, stdout, _ = run(capsys, "population", "--show")
    assert (code, stdout) == (0, EXAMPLE)
    assert len(parse_targets(stdout, "x").targets) == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "expected a study by name, or a study file, got none"),
        (("scid-haplo", "--out", "pop.xlsx"), "a name that ends in .parquet or .csv"),
        (("scid-haplo", "--plot", "pop.gif"), "a name that ends in png, svg, pdf"),
        (("scid-haplo", "--targets", "none.yaml"), "expected a targets file, got no such file"),
        (("scid-hap",), "expected a study file, or one of"),
    ],
)
def test_a_wrong_word_is_one_message(capsys, words, message):
    code, stdout, err = run(capsys, "population", *words)
    assert (code, stdout) == (2, "")
    assert message in err.replace("\n", " ")
