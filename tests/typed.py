"""A command of thymos as a user types it, in this process."""

import sys

import pytest

from thymos import cli


def run(capsys, *words):
    """Exit code, stdout and stderr."""
    sys.argv = ["thymos", *map(str, words)]
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    out, err = capsys.readouterr()
    return stopped.value.code or 0, out, err
