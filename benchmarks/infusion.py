"""The numbers and pictures of `docs/how-to/choose-an-infusion.md`: maps for three patients, and five choices.

    python benchmarks/infusion.py --json infusion.json --into docs/_static [--workers 2]
    python benchmarks/infusion.py --redraw infusion.json --into docs/_static

Ten minutes of processor time; the page includes what it writes.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from thymos.cli.infusing import Question, choose
from thymos.io.infusion_file import shipped_infusion, with_options
from thymos.io.infusion_options import blocks_of_options
from thymos.report import infusion_choice, infusion_choice_picture, infusion_map, infusion_words, words
from thymos.trial.infusion_assumption import assumptions_named, undecided
from thymos.trial.infusion_axis import axes_of
from thymos.trial.infusion_pairs import InfusionPairs
from thymos.trial.infusion_patient import held_infusion, patient_study
from thymos.trial.infusion_surface import infusion_surface as surface

SEED = 1
MAP, AGES = "dose,day", "age,dose"
SHOWN = {
    "cd4": "CD4+ at day 100 [cells/µL], worthwhile from 25 on",
    "recovery": "share with CD4 > 50/µL twice by day 100 [percentage points], worthwhile from 10 on",
}
PATIENTS = {
    "infant": ("SCID (IL2RG/JAK3), 6 months", 0.5, "il2rg-jak3"),
    "child": ("AML, 8 years", 8.0, "aml"),
    "adult": ("AML, 40 years", 40.0, "aml"),
}
CHOICES: dict[str, dict[str, Any]] = {
    "75% of children of 8 years recover by day 100": {},
    "largest gain in CD4 for such a child": {"aim": "gain", "value": "cd4"},
    "the same in an infant with SCID, days 0 to 14": {
        "aim": "gain", "value": "cd4", "age": 0.5, "diagnosis": "il2rg-jak3", "weight": 7.0, "day": "0:14",
    },
    "first day with ATG at most 0.5 AU/mL in 90% of such infants": {
        "aim": "early", "value": "cd4", "age": 0.5, "diagnosis": "il2rg-jak3", "weight": 7.0, "day": "4:40", "atg": 0.5,
    },
    "75% of adults of 40 years recover by day 100": {"age": 40.0, "diagnosis": "aml", "weight": 70.0},
}  # fmt: skip


def mapped(age: float, diagnosis: str, over: str, pairs: int, workers: int) -> dict[str, Any]:
    """One patient under every assumption."""
    study, axes = patient_study(None, age, diagnosis), axes_of(over)
    assumptions = assumptions_named(["all"], [axis.name for axis in axes], undecided(study))
    made = InfusionPairs(study, SEED, pairs, 50, workers)
    return surface(made, axes, held_infusion(study), assumptions, {})


def best(found: dict[str, Any], assumption: str, value: str) -> str:
    """The largest gain in a map, its interval and chance, and the share of the map without help."""
    panel = next((p for p in found["assumptions"] if p["name"] == assumption), None)
    if panel is None:
        return "-"
    top = max((p["values"][value] for p in panel["points"]), key=lambda v: v["median"])
    unit = found["values"][value]["unit"]
    middle, low, high = (infusion_words.gain(top[k], unit) for k in ("median", "low", "high"))
    return f"{middle} ({low} to {high}), {words.percent(top['chance'])}; {words.percent(panel['no_help'][value])}"


def table(maps: dict[str, dict[str, Any]], value: str) -> str:
    """Assumptions down, patients across."""
    names = list(dict.fromkeys(p["name"] for found in maps.values() for p in found["assumptions"]))
    lines = ["| | " + " | ".join(PATIENTS[key][0] for key in maps) + " |", "|---|" + "---|" * len(maps)]
    for name in names:
        row = " | ".join(best(found, name, value) for found in maps.values())
        lines.append(f"| {infusion_words.assumption(name)} | {row} |")
    return "\n".join(lines)


def made(pairs: int, workers: int) -> dict[str, Any]:
    """Every map and every choice, with the processor's time."""
    found: dict[str, Any] = {"pairs": pairs, "maps": {}, "choices": {}, "seconds": {}}
    for key, (text, age, diagnosis) in PATIENTS.items():
        begun = time.process_time()
        found["maps"][key] = mapped(age, diagnosis, MAP, pairs, workers)
        found["seconds"][text] = time.process_time() - begun
        print(f"{text}: {found['seconds'][text]:.0f} s", flush=True)
    found["ages"] = mapped(8.0, "aml", AGES, pairs, workers)
    for text, options in CHOICES.items():
        begun = time.process_time()
        design = with_options(shipped_infusion(), blocks_of_options(pairs=pairs, **options))
        found["choices"][text] = choose(Question(design, SEED, workers))
        found["seconds"][text] = time.process_time() - begun
        print(f"{text}: {found['seconds'][text]:.0f} s", flush=True)
    return found


def choice_text(found: dict[str, Any]) -> str:
    """What the command prints of each choice."""
    lines = []
    for text, one in found["choices"].items():
        lines += [f"# {text}", *infusion_choice.LINES[one["verdict"]](one)]
        lines += [
            f"    {infusion_words.assumption(row['assumption'])}: {words.percent(row['score'])}"
            f" (untreated {words.percent(row['untreated'])})"
            for row in one.get("could", [])
        ]
        lines.append("")
    return "\n".join(lines)


def write(found: dict[str, Any], folder: Path) -> None:
    """Pictures, tables and choices, as the page includes them."""
    for value, text in SHOWN.items():
        (folder / f"infusion-{value}.txt").write_text(f"{text}\n\n{table(found['maps'], value)}\n")
    (folder / "infusion-choices.txt").write_text(choice_text(found))
    infusion_map.draw(found["maps"]["child"], "cd4", folder / "infusion-surface.png")
    infusion_map.draw(found["ages"], "cd4", folder / "infusion-age.png")
    drawn = found["choices"]["largest gain in CD4 for such a child"]
    infusion_choice_picture.draw(drawn, folder / "infusion-choice.png")


def main() -> None:
    """Simulate, or take what was; then write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--into", type=Path)
    asked.add_argument("--json", type=Path)
    asked.add_argument("--redraw", type=Path)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--pairs", type=int, default=400)
    said = asked.parse_args()
    found = json.loads(said.redraw.read_text()) if said.redraw else made(said.pairs, said.workers)
    if said.json:
        said.json.write_text(json.dumps(found))
    if said.into:
        write(found, said.into)


if __name__ == "__main__":
    main()
