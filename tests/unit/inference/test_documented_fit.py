"""The page on fits runs as it stands."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "fit-with-gradients.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def run(blocks):
    code = "\n".join(blocks)
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_fit_of_the_page_converges():
    said = run(BLOCKS[:3])
    assert "CONVERGENCE" in said
    assert len(re.findall(r"^progenitors\S*: at best known to \d+ %$", said, re.MULTILINE)) == 4


@pytest.mark.slow
@pytest.mark.skipif(
    not (find_spec("jax") and find_spec("numpyro")), reason="JAX is not installed: pip install 'thymos[jax]'"
)
def test_the_sampler_of_the_page_runs():
    shorter = re.sub(r"(num_\w+)=\d+", r"\1=20", BLOCKS[3])
    assert "Number of divergences" in run([BLOCKS[0], shorter])
