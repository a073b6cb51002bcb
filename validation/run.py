"""Every validation, one after the other, and the tables that say how they went.

    python validation/run.py                    # rebuild all results, then the tables
    python validation/run.py held-out-cohorts   # these folders alone, then the tables
    python validation/run.py --tables           # only the tables, from the results as they are
    python validation/run.py --workers 4

A validation whose data are not there skips with status 77 and keeps its last result.  A criterion that is missed is a
result, not a failure: the exit status is 1 only where a script broke.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from thymos.io.atomic import write_text

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SKIPPED = 77
SUMMARY = "validations"
"""Marker of the table of all validations."""
PAGES = {
    ROOT / "README.md": "validation/",
    HERE / "README.md": "",
    ROOT / "docs/explanation/validation.md": None,
}
"""Pages that hold the table, and how they link to a folder; None where they cannot."""
SLOW = ("cytokine-grids", "forecast-calibration")
"""They take ten minutes or more, so only on demand or with `--all`."""


@dataclass(frozen=True)
class Validation:
    """One folder: what it asks, of which data, and how it went."""

    name: str
    question: str
    data: str
    verdicts: list[dict]

    @property
    def met(self) -> int:
        return sum(v["met"] for v in self.verdicts)

    @property
    def verdict(self) -> str:
        """In a few words; a missed criterion stands out."""
        asked = len(self.verdicts)
        if not asked:
            return "not run yet"
        return f"met ({asked} of {asked})" if self.met == asked else f"**missed** ({self.met} of {asked} met)"


def folders():
    """Every folder with a criterion, those of the culture first, then by name."""
    found = sorted(path.parent for path in HERE.glob("*/criterion.md"))
    return sorted(found, key=lambda folder: folder.name != "cytokine-grids")


def read(folder):
    """The validation in a folder: first sentence of **Question.** and **Data.** of its page, and its result.

    A criterion stands before its result does; until then there are no verdicts.
    """
    page = (folder / "README.md").read_text(encoding="utf-8")
    file = folder / "result.json"
    verdicts = json.loads(file.read_text(encoding="utf-8"))["verdicts"] if file.exists() else []
    return Validation(folder.name, said(page, "Question"), said(page, "Data"), verdicts)


def said(page, heading):
    """First sentence of the paragraph that begins with a heading in bold."""
    found = re.search(rf"\*\*{heading}\.\*\*\s+(.+?)(?:\n\n|\Z)", page, re.DOTALL)
    if not found:
        raise SystemExit(f"a paragraph that begins with **{heading}.** is missing")
    text = " ".join(found[1].split())
    return re.split(r"(?<=[.?])\s+(?=[A-Z])", text, maxsplit=1)[0]


def summary(validations, link):
    """The table (question, data, criterion, verdict) as Markdown."""
    lines = ["| question | data | criterion | verdict |", "|---|---|---|---|"]
    for v in validations:
        asked = f"{len(v.verdicts)} limits" if v.verdicts else "committed"
        criterion = (
            f"`validation/{v.name}`, {asked}"
            if link is None
            else f"[{v.name}]({link}{v.name}/README.md), {asked}"
        )
        lines.append(f"| {v.question} | {v.data} | {criterion} | {v.verdict} |")
    return "\n".join(lines)


def verdict_table(validation):
    """The lines of one criterion with what was found."""
    lines = [
        f"**{validation.verdict.replace('**', '')}**",
        "",
        "| asked | found | limit | |",
        "|---|---|---|---|",
    ]
    for v in validation.verdicts:
        found = "none" if v["found"] is None else f"{v['found']:.3g}"
        lines.append(f"| {v['asked']} | {found} | {v['limit']} | {'met' if v['met'] else 'missed'} |")
    return "\n".join(lines)


def filled(text, marker, content):
    """`text` with what stands between the comments `<!-- marker -->` and `<!-- /marker -->` replaced."""
    opening, closing = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    if text.count(opening) != 1 or text.count(closing) != 1:
        return None
    before, rest = text.split(opening)
    return f"{before}{opening}\n{content}\n{closing}{rest.split(closing)[1]}"


def write_tables():
    """Put every table between its markers; says which page lacks them."""
    validations = [read(folder) for folder in folders()]
    for page, link in PAGES.items():
        put(page, SUMMARY, summary(validations, link))
    for v in (v for v in validations if v.verdicts):
        put(HERE / v.name / "README.md", "verdict", verdict_table(v), required=False)
        result = json.loads((HERE / v.name / "result.json").read_text(encoding="utf-8"))
        if "table" in result:
            for page in (HERE / v.name / "README.md", ROOT / "docs/explanation/validation.md"):
                put(page, v.name, forecast_table(result["table"]))
    return validations


def put(page, marker, content, required=True):
    text = page.read_text(encoding="utf-8")
    new = filled(text, marker, content)
    if new is None and required:
        raise SystemExit(f"{page}: expected <!-- {marker} --> and <!-- /{marker} --> once, found otherwise")
    if new not in (None, text):
        write_text(page, new)


def forecast_table(rows):
    """Scores by method and horizon; the scripts beside this one make the rows."""
    sys.path.insert(0, str(HERE))
    from forecast_table import markdown

    return markdown(rows).rstrip("\n")


def run(folder, workers):
    """Rebuild one result; returns how it went, in a word."""
    command = [sys.executable, str(folder / "validate.py")]
    if "--workers" in (folder / "validate.py").read_text(encoding="utf-8"):
        command += ["--workers", str(workers)]
    began = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)  # noqa: S603  # our own scripts
    word = {0: "done", SKIPPED: "skipped, its data are not there"}.get(done.returncode, "BROKE")
    print(f"{folder.name}: {word}, {time.monotonic() - began:.0f} s", flush=True)
    return word


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "folders", nargs="*", help="names of folders; all but the slow ones where none is given"
    )
    parser.add_argument("--all", action="store_true", help="the slow ones too")
    parser.add_argument("--tables", action="store_true", help="only the tables")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    known = {folder.name: folder for folder in folders()}
    if unknown := set(options.folders) - set(known):
        raise SystemExit(f"unknown: {', '.join(sorted(unknown))}; one of {', '.join(known)}")
    chosen = options.folders or [name for name in known if options.all or name not in SLOW]
    words = [] if options.tables else [run(known[name], options.workers) for name in chosen]
    for v in write_tables():
        print(f"{v.name}: {v.verdict.replace('**', '')}")
    return int("BROKE" in words)


if __name__ == "__main__":
    sys.exit(main())
