"""Compiled loops on disk and over blocks."""

import importlib.util

import pytest

from thymos.biology.repertoire.kernel import over_blocks
from thymos.lang.errors import RunError

SOURCE = """
from thymos.biology.repertoire.kernel import outer

@outer
def twice(x):
    return 2 * x
"""


def loaded(path):
    """The module of a file, made anew, as a new process would."""
    spec = importlib.util.spec_from_file_location("some_loop", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
@pytest.mark.parametrize("share", [0, 0.5])
def test_a_damaged_copy_is_made_anew(tmp_path, suffix, share):
    path = tmp_path / "some_loop.py"
    path.write_text(SOURCE)
    assert loaded(path).twice(2) == 4
    (kept,) = (tmp_path / "__pycache__").glob(f"some_loop.twice*.{suffix}")
    whole = kept.read_bytes()
    kept.write_bytes(whole[: int(share * len(whole))])
    again = loaded(path).twice
    assert again(3) == 6
    assert not again.stats.cache_hits
    assert loaded(path).twice(4) == 8  # and what is kept now is whole
    (kept,) = (tmp_path / "__pycache__").glob(f"some_loop.twice*.{suffix}")
    assert len(kept.read_bytes()) > len(whole) / 2


@pytest.mark.parametrize("workers", [1, 3])
def test_every_item_is_in_one_block(workers):
    seen = []
    over_blocks(lambda first, last: seen.extend(range(first, last)), 10, 4, workers)
    assert sorted(seen) == list(range(10))


def test_no_worker_is_refused():
    with pytest.raises(RunError, match="at least 1"):
        over_blocks(lambda first, last: None, 10, 4, 0)
