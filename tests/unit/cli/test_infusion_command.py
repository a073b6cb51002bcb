"""`thymos surface infusion` and `thymos design infusion` as a user would type them, mistakes included."""

import csv
import json

import pyarrow.parquet as pq
import pytest

from typed import run

SMALL = ("--pairs", 16, "--draws", 4, "--workers", 1)
PATIENT = ("--age", 8, "--diagnosis", "aml")
SURFACE = ("surface", "infusion", *PATIENT, *SMALL)
DESIGN = ("design", "infusion", *SMALL, "--cells", "1e9", "--dose", "1e4:1e6")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_map_is_printed_drawn_and_written(capsys, tmp_path):
    over = ("--over", "dose=1e5:1e6:2,day=4:14:2")
    done, said, told = run(capsys, *SURFACE, *over, "--assume", "cni", "--plot", "a.png", "--out", "a.csv")
    assert done == 0, told
    for part in ("What the product gains", "Largest gain in the map", "Calcineurin inhibitor", "no help"):
        assert part in said
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with (tmp_path / "a.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 4 * 4  # assumptions, points, values
    assert {float(r["dose [cell/kg]"]) for r in rows} == {1e5, 1e6}
    assert {r["assumption"] for r in rows} == {"as-known", "cni"}


def test_json_and_parquet_hold_the_same_numbers_for_any_workers(capsys, tmp_path):
    words = (*SURFACE, "--over", "dose=1e5:1e6:2", "--json")
    _, one, _ = run(capsys, *words, "--out", "a.parquet")
    _, two, _ = run(capsys, *words, "--workers", 2)
    assert one == two
    found = json.loads(one)
    points = found["assumptions"][0]["points"]
    table = pq.read_table(tmp_path / "a.parquet").to_pylist()
    assert [r["gain"] for r in table if r["value"] == "cd4"] == [p["values"]["cd4"]["median"] for p in points]
    field = pq.read_schema(tmp_path / "a.parquet").field("dose")
    assert field.metadata[b"unit"] == b"cell/kg"
    for point in points:
        for name, value in point["values"].items():
            assert value["low"] <= value["median"] <= value["high"]
            assert value["no_help"] == (value["high"] < found["values"][name]["worth"])


def test_what_is_worthwhile_moves_the_region_without_help(capsys):
    words = (*SURFACE, "--over", "dose=1e5:1e6:2", "--json")
    low, high = (
        json.loads(run(capsys, *words, "--worth", f"cd4={w}")[1])["assumptions"][0]["no_help"]["cd4"]
        for w in (1e-6, 1e6)
    )
    assert (low, high) == (0.0, 1.0)


@pytest.mark.parametrize("over", ["dose=1e5:1e6:3", "age=1:60:2,day=4:14:2", "atg=0:12:2,day=4:14:2"])
def test_every_kind_of_picture_can_be_drawn(capsys, tmp_path, over):
    done, _, told = run(
        capsys, *SURFACE[:2], "leukaemia-tdepleted", *SMALL, "--over", over, "--plot", "a.svg"
    )
    assert done == 0, told
    assert "simulated" in (tmp_path / "a.svg").read_text().lower()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--over", "does"), "expected one of dose, day, gap, age, atg, got does.\n  Try: did you mean dose"),
        (("--over", "dose,day,age"), "expected one setting or two, got 3"),
        (("--over", "dose,dose"), "expected two different settings"),
        (("--over", "dose=1:2:3:4"), "dose=LOW:HIGH"),
        (("--over", "dose=a:b"), "expected numbers between the colons"),
        (("--over", "dose=1e6:1e4"), "swap them"),
        (("--over", "dose=0:1e4"), "from above 0"),
        (("--over", "dose=1e4:1e5:1"), "expected 2 to 60 points"),
        (("--over", "day=0:400"), "expected 0 to 365 day, got 400 day"),
        (("--over", "gap"), "Try: --doses 2"),
        (("--day", 366), "infusion.day: expected 0 to 365 day"),
        (("--dose", -1), "infusion.dose: expected 0 to 1e"),
        (("--doses", 3), "infusion.doses: expected 1 or 2"),
        (("--doses", 2, "--day", 360), "second infusion until day 365"),
        (("--atg", -1), "infusion.atg: expected 0 to 200 AU/mL"),
        (("--weight", 0), "option --weight: expected 0.3 to 300 kg"),
        (("--assume", "niche_number=fixd"), "did you mean fixed"),
        (("--assume", "niche"), "option --assume: expected one of"),
        (("--assume", "late"), "leaves day to the surface"),
        (("--value", "cd"), "did you mean cd"),
        (("--worth", "cd4"), "expected a name and a number"),
        (("--worth", "cd4=-3"), "expected a gain above 0"),
        (("--worth", "recovery=10"), "expected a share above 0 and below 1"),
        (("--plot", "a.gif"), "png, svg, pdf"),
        (("--out", "a.xlsx"), r".csv, .parquet"),
        (("--out", "nowhere/a.csv"), "folder that exists"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_message(capsys, words, message):
    done, said, told = run(capsys, *SURFACE, *words)
    assert (done, said) == (2, "")
    assert message in told


def test_patients_are_a_study_or_an_age_and_a_diagnosis(capsys):
    assert "got nothing" in run(capsys, "surface", "infusion")[2]
    assert "--diagnosis" in run(capsys, "surface", "infusion", "--age", 3)[2]
    assert "leave one of them out" in run(capsys, "surface", "infusion", "scid-haplo", *PATIENT)[2]


# ---- the choice


def chosen(capsys, *words):
    done, said, told = run(capsys, *DESIGN, *words, "--json")
    assert done == 0, told
    return json.loads(said)


def test_the_shipped_design_is_printed_and_is_a_start(capsys, tmp_path):
    text = run(capsys, "design", "infusion", "--show")[1]
    (tmp_path / "mine.yaml").write_text(text)
    assert run(capsys, "design", "infusion", "mine.yaml", "--show")[1] == text
    assert "aim:" in text


def test_the_largest_gain_is_within_every_limit(capsys, tmp_path):
    found = chosen(capsys, "--aim", "gain", "--most", 3e5, "--day", "5:9", "--plot", "a.png")
    best, looked = found["chosen"], [o for o in found["looked_at"] if o["allowed"]]
    assert found["verdict"] == "found"
    assert best["total"] <= 3e5
    assert 5 <= best["day"] <= 9
    top = max(o["score"] for o in looked)
    assert best["score"]["value"] >= 0.95 * top
    assert best["cells"] <= min(o["cells"] for o in found["as_good"]) * (1 + 1e-9)
    assert 0 <= found["best"] <= 1
    assert found["regret"] >= 0
    assert (tmp_path / "a.png").exists()


def test_an_aim_that_the_untreated_reach_needs_no_product(capsys):
    found = chosen(capsys, "--at-least", 0.05)
    assert found["verdict"] == "untreated"
    assert "No product is needed" in run(capsys, *DESIGN, "--at-least", 0.05)[1]


def test_an_impossible_aim_says_so_and_under_which_assumption_it_could(capsys):
    words = ("--age", 60, "--diagnosis", "aml", "--value", "trec", "--level", 3, "--at-least", 0.5)
    found = chosen(capsys, *words, "--day", "8", "--doses", "1")
    assert found["verdict"] == "out_of_reach"
    names = [row["assumption"] for row in found["could"]]
    assert "niche_number=fixed" in names
    assert found["could"] == sorted(found["could"], key=lambda row: -row["score"])
    said = run(capsys, *DESIGN, *words, "--day", "8", "--doses", "1")[1]
    assert "The product cannot reach 50% here" in said


def test_an_early_day_waits_for_atg(capsys):
    words = ("--aim", "early", "--doses", "1", "--dose", "1e5:1e6")
    strict, mild = (chosen(capsys, *words, "--atg", x, "--day", "0:40") for x in (0.3, 3.0))
    assert strict["chosen"]["day"] > mild["chosen"]["day"]
    assert strict["chosen"]["atg_at_infusion"] <= 0.3
    never = run(capsys, *DESIGN, *words, "--atg", 1e-9, "--day", "4:5")
    assert "No day that may be chosen" in never[1]
    assert never[0] == 0


def test_repetition_and_workers_change_nothing(capsys):
    words = (*DESIGN, "--aim", "gain", "--day", "4:6", "--json")
    assert run(capsys, *words)[1] == run(capsys, *words, "--workers", 2)[1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--at-least", 1.5), "option --at-least: expected less than 1"),
        (("--day", "14:4"), "option --day: expected low <= high"),
        (("--day", "x"), "option --day: expected a quantity that converts to day"),
        (("--dose", "1e6:1e4"), "option --dose: expected low < high"),
        (("--cells", "lots"), "option --cells: expected a quantity"),
        (("--most", 10), "limits.dose: expected at least the least dose"),
        (("--doses", "3"), "option --doses: expected less than or equal to 2"),
        (("--doses", "2,1"), "option --doses: expected each number of doses once"),
        (("--doses", "both"), "option --doses: expected 1, 2 or 1,2"),
        (("--value", "cd4"), "no level for recovery, and one for any other value"),
        (("--aim", "gain", "--value", "cd5"), "aim.value: expected one of cd4"),
        (("--aim", "early"), "a limit of ATG for an early day"),
        (("--age", 8), "expected `study`, or `age` and `diagnosis`, got age"),
        (("--weight", 0), "option --weight: expected 0.3 to 300 kg"),
        (("--pairs", 3), "option --pairs"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_choice_is_one_message(capsys, tmp_path, words, message):
    design = tmp_path / "free.yaml"
    design.write_text(
        "format: 1\nname: free\ntitle: Free\npatients: {age: 8 year, diagnosis: aml}\n"
        "aim: {kind: reach, at_least: 0.6}\n"
    )
    done, said, told = run(capsys, "design", "infusion", design, *words)
    assert (done, said) == (2, "")
    assert message in told


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("limits: {dose: 500000}", "line 6 [limits.dose]: expected a quantity that converts to cell/kg, got 500000"),
        ("limits: {cells: 1e7 cell, lot: true}", "a number of cells, or those of a lot, got both"),
        ("switches: {niche_nmber: fixed}", "switches.niche_nmber: expected one of"),
        ("limit: {}", "did you mean limits"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_design_file_is_told_by_line(capsys, tmp_path, line, message):
    design = tmp_path / "free.yaml"
    design.write_text(
        "format: 1\nname: free\ntitle: Free\npatients: {age: 8 year, diagnosis: aml}\n"
        f"aim: {{kind: gain}}\n{line}\n"
    )
    done, said, told = run(capsys, "design", "infusion", design)
    assert (done, said) == (2, "")
    assert message in told
