"""Pools: what is under way is bounded, errors come home whole, nobody outlives the one who asked."""

import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from operator import neg
from pathlib import Path

import cloudpickle
import pytest

from thymos.lang.errors import StudyError, WorkerError
from thymos.therapy.culture import source_model
from thymos.trial.pool import Cluster, Processes, Threads, cluster
from thymos.trial.pool.pool import as_they_come


def test_a_bounded_number_is_under_way():
    given, under_way, most = [], [], []

    def submit(order):
        future = Future()
        given.append(order)
        under_way.append(future)
        most.append(len(under_way))
        if len(under_way) == 3 or order == 9:  # the last come first
            for waiting in reversed(under_way):
                waiting.set_result(order)
            under_way.clear()
        return future

    found = list(as_they_come(submit, range(10), lambda: 3))
    assert given == list(range(10))
    assert max(most) == 3
    assert sorted(order for order, _ in found) == list(range(10))


def test_what_is_left_is_cancelled_when_the_reader_leaves():
    futures = [Future() for _ in range(3)]
    futures[0].set_result(0)
    results = as_they_come(futures.__getitem__, range(3), lambda: 3)
    assert next(results) == (0, 0)
    results.close()
    assert [future.cancelled() for future in futures] == [False, True, True]


@pytest.mark.parametrize("kind", [Threads, Processes])
def test_results_and_errors_come_home(kind):
    with kind(2) as pool:
        assert sorted(pool.each(neg, range(5))) == [(x, -x) for x in range(5)]
        with pytest.raises(
            StudyError, match=r"^StudyError: graft\.source: expected one of .*, got marrow\.$"
        ):
            list(pool.each(source_model, ["marrow"]))


def test_a_process_that_ends_suddenly_is_one_message():
    with Processes(1) as pool, pytest.raises(WorkerError, match="a worker process: expected an answer"):
        list(pool.each(os._exit, [1]))


PARENT = """
import os, sys, time
from thymos.trial.pool import Processes
def number(x):
    return os.getpid()
if __name__ == "__main__":
    with Processes(1) as pool:
        print(*(pid for _, pid in pool.each(number, [1])), flush=True)
        time.sleep(600)
"""


def test_no_process_outlives_a_parent_that_is_killed(tmp_path):
    (tmp_path / "parent.py").write_text(PARENT)
    with subprocess.Popen([sys.executable, str(tmp_path / "parent.py")], stdout=subprocess.PIPE) as parent:
        child = int(parent.stdout.readline())
        parent.kill()
    state = Path(f"/proc/{child}/stat")
    if not state.parent.parent.joinpath("self").exists():
        pytest.skip("this system has no /proc to look into")
    while state.exists() and state.read_text().split()[2] != "Z":  # a test that fails here never ends
        time.sleep(0.02)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.3)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("nonsense", "expected the address of a Dask scheduler, got missing port number"),
        ("tcp://127.0.0.1:port", "expected the address of a Dask scheduler, got invalid literal"),
        ("http://127.0.0.1:8786", "got unknown address scheme 'http'"),
        ("tcp://127.0.0.1:1", "got Timed out trying to connect to tcp://127.0.0.1:1"),
        ("tls://127.0.0.1:1", "expected certificates for TLS"),
    ],
)
def test_an_address_without_a_scheduler_is_one_message(address, message):
    with pytest.raises(WorkerError, match=message), Cluster(address):
        pass


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["silent", "web server"])
def test_a_port_of_something_else_is_one_message(says):
    """Dask alone would wait for ever on the first and ask for exabytes on the second."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            connection, _ = listening.accept()
            with connection:
                connection.sendall(says)
                connection.recv(1 << 16)
                if not says:
                    time.sleep(2)

        other = threading.Thread(target=answer)
        other.start()
        address = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(WorkerError, match="expected the address of a Dask scheduler"), Cluster(address):
            pass
        other.join()


def test_without_the_extra_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(WorkerError, match=r"pip install 'thymos\[cluster\]'"), Cluster("tcp://127.0.0.1:1"):
        pass


def test_what_dask_sends_can_be_read_where_thymos_is_not(tmp_path):
    """A worker that cannot read its task would end, and so one after the other."""
    (tmp_path / "task").write_bytes(cloudpickle.dumps(cluster._envoy()))
    code = "import sys, pickle; sys.modules['thymos'] = None; print(pickle.loads(open('task', 'rb').read()).__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "answer\n"
