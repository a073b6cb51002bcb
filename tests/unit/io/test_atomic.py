"""A file is whole or absent, and the operating system's complaints become one clear message."""

import errno
import os
import subprocess
import sys

import pytest

from thymos.io import atomic
from thymos.io.atomic import clear_remains, make_folder, write_atomically, write_text
from thymos.lang.errors import StoreError


def test_text_is_written_and_nothing_else_is_left(tmp_path):
    write_text(tmp_path / "a.txt", "µ")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "µ"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_failure_half_way_leaves_the_old_file_and_no_remains(tmp_path):
    write_text(tmp_path / "a.txt", "old")

    def fail(file):
        file.write(b"half of it")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_atomically(tmp_path / "a.txt", fail)
    assert (tmp_path / "a.txt").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "a read-only file system"),
        (errno.EACCES, "permission denied"),
        (errno.EDQUOT, "the quota is used up"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_every_complaint_of_the_system_is_a_store_error(tmp_path, monkeypatch, number, said):
    write_text(tmp_path / "a.txt", "old")

    def refuse(handle):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(atomic.os, "fsync", refuse)
    with pytest.raises(StoreError, match=said) as caught:
        write_text(tmp_path / "a.txt", "new")
    assert caught.value.try_
    assert (tmp_path / "a.txt").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_arrow_hides_the_number_in_its_text():
    problem = OSError("Error writing bytes to file. Detail: [errno 28] No space left on device")
    assert "the disk is full" in str(atomic.store_error(problem, atomic.Path("x")))


def test_a_real_limit_on_file_size(tmp_path):
    # The nearest thing to a full disk that needs no rights: the kernel refuses the bytes beyond the limit.
    code = f"""
import resource
from pathlib import Path
from thymos.io.atomic import write_text
from thymos.lang.errors import StoreError
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_text(Path({str(tmp_path)!r}) / "a.txt", "x" * 5000)
except StoreError as problem:
    print(problem)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "the limit on file size was met" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_folder_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="expected a folder"):
        make_folder(tmp_path / "file" / "run")


def test_remains_of_a_killed_writer_are_cleared(tmp_path):
    (tmp_path / ".a.txt.abc.partial").write_text("half")
    (tmp_path / "a.txt").write_text("whole")
    clear_remains(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
