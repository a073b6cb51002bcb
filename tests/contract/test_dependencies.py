"""What the package imports is declared, and what is declared is imported."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CORE = PROJECT["dependencies"]
# Where a distribution is not installed, nothing else says that it brings a module of another name.
BRINGS = {"cupy": ["cupy-cuda12x"]}
EXTRAS = list(chain.from_iterable(PROJECT["optional-dependencies"].values()))


def names(requirements):
    return {normal(re.match(r"[\w.-]+", text)[0]) for text in requirements}


def normal(name):
    return name.lower().replace("_", "-")


def imported():
    """Distributions that provide the modules named in any import statement of the package."""
    tops = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                tops |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                tops.add(node.module.partition(".")[0])
    provides = BRINGS | packages_distributions()
    outside = tops - set(sys.stdlib_module_names) - {"thymos"}
    return {normal(provides.get(top, [top])[0]) for top in outside}


def test_every_import_is_declared():
    assert imported() - names(CORE + EXTRAS) == set()


def test_every_core_dependency_is_imported():
    assert names(CORE) - imported() == set()


def test_every_requirement_has_a_lower_bound():
    assert [text for text in CORE + EXTRAS if not re.fullmatch(r"[\w.-]+>=[\d.]+", text)] == []
