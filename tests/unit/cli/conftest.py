"""A terminal of known width, and the arguments of the test runner put back."""

import sys

import pytest


@pytest.fixture(autouse=True)
def _terminal(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["thymos"])
    monkeypatch.setenv("COLUMNS", "200")
