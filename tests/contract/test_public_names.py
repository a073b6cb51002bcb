"""The public surface is a list, and this reads it."""

import importlib
import pkgutil
from inspect import ismodule

import pytest

import thymos

FOUND = pkgutil.iter_modules(thymos.__path__)
PACKAGES = ["thymos", *(f"thymos.{found.name}" for found in FOUND if found.ispkg)]


def listed(package):
    module = importlib.import_module(package)
    return module, list(getattr(module, "__all__", []))


@pytest.mark.parametrize("package", PACKAGES)
def test_listed_names_exist_once(package):  # their order is ruff's rule RUF022
    module, names = listed(package)
    assert len(names) == len(set(names))
    assert [name for name in names if not hasattr(module, name)] == []


def test_no_public_name_of_thymos_is_unlisted():
    module, names = listed("thymos")
    found = {name for name, value in vars(module).items() if not name.startswith("_") and not ismodule(value)}
    assert found <= set(names)


def test_the_version_is_that_of_the_distribution():
    from importlib.metadata import version

    assert thymos.__version__ == version("thymos")
