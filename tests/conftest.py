"""Settings and fixtures that all tests share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]

# No deadline: a first call compiles a kernel, a later one takes microseconds; neither time is a law.
# Derandomised, so that `make test` says the same twice; `make prove` goes looking for new cases.
settings.register_profile("repeat", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("search", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeat"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference tables beside the checkout; most users do not have it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the reference tables of ../shared are absent beside this checkout")
    return folder
