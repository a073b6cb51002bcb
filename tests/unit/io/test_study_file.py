"""Every mistake in a study file is one message: file, line, field, wanted, got, try."""

import json
import re
from pathlib import Path

import pytest

from thymos.io.study_file import json_schema, override, parse_study, read_study, study_hash, study_text
from thymos.lang.errors import StudyError

STUDIES = sorted((Path(__file__).parents[3] / "src" / "thymos" / "trial" / "studies").glob("*.yaml"))
GOOD = Path(__file__).with_name("scid-by-shares.yaml").read_text(encoding="utf-8")
DOSE = 'dose: "0.5e6 cell/kg"'
AGE = re.search(r"  age: .*", GOOD)[0]

# name: (text in the shipped study, what stands there instead, field, wanted, got)
MISTAKES = {
    "unknown key": ("\npatients: ", "\npatient: ", "patient", "one of format", "unknown key 'patient'"),
    "missing field": ("seed: 1\n", "", "seed", "the field `seed`", "nothing"),
    "duplicate key": ("seed: 1\n", "seed: 1\nseed: 2\n", "", "each key once", 'duplicate key "seed"'),
    "wrong unit": (DOSE, 'dose: "0.5e6 mg"', "arms.1.dose", "converts to cell/kg", "'mg'"),
    "bare number": (DOSE, "dose: 500000", "arms.1.dose", "converts to cell/kg", "500000 without a unit"),
    "bare number as text": (DOSE, 'dose: "5e5"', "arms.1.dose", "converts to cell/kg", "5e5 without a unit"),
    "negative dose": (DOSE, 'dose: "-1 cell/kg"', "arms.1.dose", "0 cell/kg or more", "-1 cell/kg"),
    "infusion before day 0": ('low: "8 day"', 'low: "-2 day"', "arms.1.day.low", "0 to 3650 day", "-2 day"),
    "window turned": ('low: "8 day"', 'low: "20 day"', "arms.1.day.low", "low <= high", "20 > 12 day"),
    "age 200": (AGE, '  age: "200 year"', "population.age", "0 to 120 year", "200 year"),
    "endless age": (
        AGE,
        '  age: {kind: lognormal, median: "1 year", cv: 0.5}',
        "population.age",
        "upper limit",
        "none",
    ),
    "unknown distribution": (
        AGE, '  age: {kind: beta, a: "1 year"}', "population.age", "a kind among", "'beta'",
    ),
    "distribution without kind": (AGE, '  age: {low: "1 year"}', "population.age", "its kind", "'low'"),
    "misspelt choice": (
        "mobilised-blood", "mobilized-blood", "graft.source", "mobilised-blood", "mobilized-blood",
    ),
    "shares beyond 1": ("il7r: 0.1", "il7r: 0.3", "population.diagnosis", "add up to 1", "a sum of 1.2"),
    "a share above 1": ("female: 0.3", "female: 1.3", "population.female", "less than or equal to 1", "1.3"),
    "not a number": ("female: 0.3", "female: .nan", "population.female", "finite number", "nan"),
    "infinite": (DOSE, 'dose: "1e999 cell/kg"', "arms.1.dose", "0 cell/kg or more", "1e999 cell/kg"),
    "text for a number": ("seed: 1\n", 'seed: "1"\n', "seed", "valid integer", "'1'"),
    "negative seed": ("seed: 1\n", "seed: -1\n", "seed", "greater than or equal to 0", "-1"),
    "follow-up too short": (
        'follow_up: "733 day"', 'follow_up: "90 day"', "follow_up", "until day 90", "day 730",
    ),
    "visits out of order": (
        'days: "14, 21', 'days: "21, 14', "visits.days", "visit days that rise", "21.0, 14.0",
    ),
    "treated arm first": (
        'dose: "0 cell/kg"', 'dose: "1 cell/kg"', "arms.0.dose", "a day for the dose", "none",
    ),
    "same name twice": ("{name: protcell,", "{name: twin,", "arms", "different names", "twin twice"),
    "basis of nothing": (
        "field: graft.cd3_dose", "field: graft.cd99", "basis", "a field of this study", "cd99",
    ),
    "unit that is a trap": (DOSE, 'dose: "1 cell^9^9^9"', "arms.1.dose", "converts to cell/kg", "cell^9^9^9"),
    "block expected": ("registry:\n", "registry: 3\nold_registry:\n", "", "", ""),
    "unclosed bracket": ("female: 0.3", "female: [0.3", "", "YAML that can be read", ""),
    "tab": ("seed: 1\n", "\tseed: 1\n", "", "YAML that can be read", ""),
    "explicit tag": ("seed: 1\n", "seed: !!python/object:os.system 1\n", "", "no explicit tag", "os.system"),
    "old YAML": ("format: 1\n", "%YAML 1.1\n---\nformat: 1\n", "", "", ""),
    "two documents": ("seed: 1\n", "seed: 1\n---\nseed: 2\n", "", "YAML that can be read", ""),
    "self-reference": ("seed: 1\n", "seed: &a [*a]\n", "seed", "valid integer", ""),
    "long number": ("seed: 1\n", f"seed: {'9' * 6000}\n", "", "at most 1000 characters", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_message_with_its_place(name):
    old, new, field, wanted, got = MISTAKES[name]
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    with pytest.raises(StudyError) as caught:
        parse_study(text, "my.yaml")
    problem = caught.value
    assert problem.where.startswith("my.yaml line ")
    assert field in problem.where
    assert wanted in problem.wanted
    assert got in problem.got
    assert len(str(problem)) < 900


def test_the_line_is_that_of_the_mistake():
    line = GOOD[: GOOD.index(DOSE)].count("\n") + 1
    with pytest.raises(StudyError, match=rf"my\.yaml line {line} \[arms\.1\.dose\]"):
        parse_study(GOOD.replace(DOSE, "dose: 500000"), "my.yaml")


def test_a_second_mistake_is_named_too():
    text = GOOD.replace("female: 0.3", "female: 2").replace("seed: 1\n", "seed: x\n")
    with pytest.raises(StudyError, match=r"look also at line \d+ \[seed\]"):
        parse_study(text, "my.yaml")


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (b"", "a study"),
        (b"\x00\x01\x02PAR1", "a text file"),
        ("caf\xe9: 1\n".encode("latin-1"), "text in UTF-8"),
        (b"# " + b"x" * 2**20, "at most 1 MiB"),
        (b"a: 1\n" * 10_001, "at most 10,000 lines"),
        (b"[" * 100, "nested at most 16 deep"),
        (b"[" + b"1," * 20_001 + b"]", "at most 20,000 values"),
        (GOOD[: len(GOOD) // 2].encode(), ""),
        (b"just a sentence", "a block of keys"),
    ],
)
def test_a_file_that_is_no_study(tmp_path, raw, wanted):
    path = tmp_path / "study.yaml"
    path.write_bytes(raw)
    with pytest.raises(StudyError, match=re.escape(str(path))) as caught:
        read_study(path)
    assert wanted in caught.value.wanted


def test_an_alias_bomb_is_refused_before_anything_is_built():
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9)
    )
    assert len(bomb) < 500
    with pytest.raises(StudyError, match="at most 16 aliases"):
        parse_study(bomb, "my.yaml")


def test_a_missing_file_names_its_neighbour(tmp_path):
    (tmp_path / "study.yaml").write_text(GOOD)
    with pytest.raises(StudyError, match=r"did you mean study\.yaml"):
        read_study(tmp_path / "studdy.yaml")


def test_a_folder_is_no_study(tmp_path):
    with pytest.raises(StudyError, match="a readable study file"):
        read_study(tmp_path)


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_a_shipped_study_reads_and_comes_back_the_same(path):
    study = read_study(path)
    assert study.name == path.stem
    again = parse_study(study_text(study), "again")
    assert again == study
    assert study_hash(again) == study_hash(study)


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_every_choice_of_a_shipped_study_has_a_basis(path):
    study = read_study(path)
    said = {basis.field for basis in study.basis}
    for field in (
        "population.registry",
        "graft.cd34_dose",
        "arms",
        "visits",
        "registered",
    ):
        assert any(field == f or field.startswith(f"{f}.") for f in said), field


def test_units_are_converted():
    text = GOOD.replace(DOSE, 'dose: "0.5 cell/mg"').replace('follow_up: "733 day"', 'follow_up: "3 year"')
    study = parse_study(text, "my.yaml")
    assert study.arms[1].dose == pytest.approx(5e5)
    assert study.follow_up == pytest.approx(3 * 365.25)


def test_one_quantity_alone_is_the_same_for_everyone():
    study = parse_study(GOOD.replace(AGE, '  age: "6 month"'), "my.yaml")
    assert study.population.age.root.kind == "fixed"
    assert study.population.age.root.value == pytest.approx(0.5)


def test_the_hash_is_of_the_content_not_of_the_writing():
    plain = parse_study(GOOD, "a")
    spaced = parse_study(
        GOOD.replace("seed: 1\n", "# why not\nseed:   1\n").replace("733 day", "733.0 day"), "b"
    )
    assert study_hash(plain) == study_hash(spaced)
    assert study_hash(override(plain, seed=2)) != study_hash(plain)


def test_options_of_the_command_line_replace_those_of_the_file():
    study = override(parse_study(GOOD, "a"), patients=7, seed=0, draws=None)
    assert (study.patients, study.seed) == (7, 0)
    with pytest.raises(StudyError, match=r"option --patients: expected greater than or equal to 1, got -3"):
        override(study, patients=-3)


def test_the_schema_is_json_and_knows_every_field():
    schema = json.loads(json.dumps(json_schema()))
    assert {"graft", "arms", "registered"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False
