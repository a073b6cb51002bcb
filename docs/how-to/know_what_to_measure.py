"""Measures what `know-what-to-measure.md` shows, and puts it between the marks of that page: pictures and tables.

python docs/how-to/know_what_to_measure.py [FOLDER]     where FOLDER holds `COMMAND-STUDY.json`, nothing is run again
"""

import json
import sys
from pathlib import Path
from typing import Any

from thymos.io.atomic import write_text
from thymos.report import sensitivity as bars
from thymos.report import value as curves
from thymos.report import words

HERE = Path(__file__).parent
PAGE, PICTURES = HERE / "know-what-to-measure.md", HERE.parent / "_static"
STUDIES = ("scid-haplo", "leukaemia-tdepleted")
MARKS = ("<!-- measured: begin -->", "<!-- measured: end -->")
ASKED = ("gain_cd4_day100", "magnitude_cd4_day100", "gain_cd4_ir_day100", "homing.homing_fraction")
TOLD = (6, 24)


def measured(command: str, study: str, folder: Path | None) -> dict[str, Any]:
    """What a command found of a study, with its defaults."""
    if folder is not None:
        return json.loads((folder / f"{command}-{study}.json").read_text(encoding="utf-8"))
    from thymos.cli.sensing import Budget, sensitivity
    from thymos.cli.valuing import value
    from thymos.trial.run import load_study

    run = {"sensitivity": sensitivity, "value": value}[command]
    return run(load_study(study), Budget(150_000, 1, 2), print)


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def worth_of(found: dict[str, Any]) -> str:
    """What is known, and what each measurement would take from it."""
    rows = []
    for name, text in curves.ranked(found, ASKED[0]):
        at = {m["patients"]: m["worth"] for m in found["measurements"] if m["name"] == name}
        rows.append([text, *(curves.cut(at[n][q]) for q in ASKED for n in TOLD)])
    head = ["measured", *(f"{curves.QUANTITIES[q]}, {n}" for q in ASKED for n in TOLD)]
    gain = found["quantities"][0]
    now = (
        f"Known now: {words.number(gain['mean'])} cells/µL on average, 95 % interval "
        f"{words.span(gain['low'], gain['high'])}, over {words.count(found['draws'])} "
        f"{'joint draws' if found['knowledge'] == 'posterior' else 'independent draws'}. "
    )
    return f"{now}{curves.sentence(found, ASKED[0])}\n\n{table(head, rows)}"


def shares_of(found: dict[str, Any]) -> str:
    """Shapley effects of every headline."""
    names = [output["name"] for output in found["outputs"]]
    percent = [
        [words.spoken(row["name"]), *(f"{100 * row[name]['value']:.0f}" for name in names)]
        for row in found["shapley"]["players"]
    ]
    left = [f"{100 * (1 - found['shapley']['explained'][name]):.0f}" for name in names]
    head = ["% of the variance", *(bars.TITLES[name] for name in names)]
    return table(head, [*percent, ["not explained by these", *left]])


def shown(folder: Path | None) -> str:
    """Everything between the marks."""
    parts = []
    for study in STUDIES:
        worth, moved = measured("value", study, folder), measured("sensitivity", study, folder)
        curves.draw(worth, ASKED[0], PICTURES / f"worth-{study}.png")
        bars.draw(moved, PICTURES / f"sensitivity-{study}.png")
        parts += [
            f"## `{study}`",
            worth_of(worth),
            f"![Worth of measurements by the number of patients](../_static/worth-{study}.png)",
            "What answers for the mean of the patients (Shapley effects):",
            shares_of(moved),
            f"![First and total indices of every headline result](../_static/sensitivity-{study}.png)",
        ]
    return "\n\n".join(parts)


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    before, after = text.split(MARKS[0])[0], text.split(MARKS[1])[1]
    stored = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    write_text(PAGE, f"{before}{MARKS[0]}\n\n{shown(stored)}\n\n{MARKS[1]}{after}")
