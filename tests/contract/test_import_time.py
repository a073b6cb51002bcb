"""`thymos --help` answers at once because it imports nothing heavy; counted in modules, not in seconds."""

import json
import subprocess
import sys

HEAVY = {
    *("cupy", "dask", "distributed", "duckdb", "jax", "libsbml", "llvmlite", "matplotlib", "numba", "pandas"),
    *("pint", "pyarrow", "scipy", "statsmodels", "sympy"),
}

HELP = """
import json, sys
from thymos.cli import main
sys.argv = ["thymos", "--help"]
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_help_imports_nothing_heavy():
    done = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert not loaded & HEAVY


def test_importing_thymos_imports_nothing_heavy():
    code = "import json, sys, thymos; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {name.partition(".")[0] for name in json.loads(done.stdout)} & HEAVY


def test_models_are_imported_without_sympy():
    # A kernel from the cache needs no tracing, so sympy's import would be half of a warm start.
    code = "import json, sys, thymos.therapy.recipient, thymos.therapy.culture; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {name.partition(".")[0] for name in json.loads(done.stdout)} & {"sympy", "llvmlite", "numba"}
