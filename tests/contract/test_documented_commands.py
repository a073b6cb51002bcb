"""Every command that a page tells the reader to type exists, with the options it shows."""

import re
import shlex
from itertools import chain
from pathlib import Path

import pytest
import typer

from thymos.cli import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("[!_]*/*.md"))]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINES = [
    pytest.param(line, id=f"{page.name}: {line}")
    for page in PAGES
    for line in chain.from_iterable(block.splitlines() for block in BLOCK.findall(page.read_text()))
]
GROUP = typer.main.get_command(app)
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("line", [line for line in LINES if line.values[0].startswith("thymos ")])
def test_a_command_of_thymos_takes_what_the_page_gives_it(line):
    words = shlex.split(line, comments=True)[1:]
    if words == ["--help"]:
        return
    command = GROUP
    while hasattr(command, "commands"):  # `thymos export sbml` is a command of a command
        command = command.commands[words.pop(0)]
    known = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("line", [line for line in LINES if line.values[0].startswith("make ")])
def test_a_target_of_make_exists(line):
    assert shlex.split(line, comments=True)[1] in TARGETS
