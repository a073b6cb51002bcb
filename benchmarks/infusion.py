"""The numbers and pictures of `docs/how-to/choose-an-infusion.md`: maps for three patients, and four choices.

    python benchmarks/infusion.py --pictures docs/_static [--json infusion.json] [--workers 2]

Prints the tables as Markdown. Five minutes of processor time.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from thymos.cli.infusing import Question, choose
from thymos.io.infusion_file import shipped_infusion, with_options
from thymos.io.infusion_options import blocks_of_options
from thymos.report import infusion_choice, infusion_choice_picture, infusion_map, infusion_words, words
from thymos.trial.infusion_assumption import assumptions_named, undecided
from thymos.trial.infusion_axis import axes_of
from thymos.trial.infusion_pairs import Pairs
from thymos.trial.infusion_patient import held_infusion, patient_study
from thymos.trial.infusion_surface import infusion_surface as surface

SEED = 1
MAP, AGES = "dose=1e4:1e7:7,day=0:40:6", "age=0.5:64:8,dose=1e4:1e7:5"
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
    made = Pairs(study, SEED, pairs, 50, workers)
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


def main() -> None:
    """Everything, once."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pictures", type=Path)
    asked.add_argument("--json", type=Path)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--pairs", type=int, default=300)
    said = asked.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a text stream
    maps, seconds = {}, {}
    for key, (text, age, diagnosis) in PATIENTS.items():
        begun = time.process_time()
        maps[key] = mapped(age, diagnosis, MAP, said.pairs, said.workers)
        seconds[text] = time.process_time() - begun
    ages = mapped(8.0, "aml", AGES, said.pairs, said.workers)
    for value in ("cd4", "recovery", "days"):
        print(
            f"\n{value}: largest gain in the map (95 %), chance to be worthwhile; share of the map without help\n"
        )
        print(table(maps, value))
    made = {}
    for text, options in CHOICES.items():
        begun = time.process_time()
        design = with_options(shipped_infusion(), blocks_of_options(pairs=said.pairs, **options))
        made[text] = choose(Question(design, SEED, said.workers))
        seconds[text] = time.process_time() - begun
        print(f"\n{text}\n")
        for line in infusion_choice.LINES[made[text]["verdict"]](made[text]):
            print(f"    {line}")
        for row in made[text].get("could", []):
            print(f"    {row['assumption']}: {row['score']:.3f} (untreated {row['untreated']:.3f})")
    print("\nseconds of processor time:", {text: round(s, 1) for text, s in seconds.items()})
    if said.json:
        said.json.write_text(
            json.dumps({"maps": maps, "ages": ages, "choices": made, "seconds": seconds}, indent=1)
        )
    if said.pictures:
        infusion_map.draw(maps["child"], "cd4", said.pictures / "infusion-surface.png")
        infusion_map.draw(ages, "cd4", said.pictures / "infusion-age.png")
        infusion_choice_picture.draw(
            made["largest gain in CD4 for such a child"], said.pictures / "infusion-choice.png"
        )


if __name__ == "__main__":
    main()
