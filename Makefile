# make trial   the main job: a registered protocol, from the graft to the virtual result
# make test    all tests that take seconds; the slow ones are in `make prove`
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

STUDY ?= scid-haplo
TRIAL_ARGS ?=
BENCH_ARGS ?=
COST_ARGS ?=
PYTEST_ARGS ?= -n auto

.DEFAULT_GOAL := help
.PHONY: help trial test lint docs bench bench-repertoire cost validate prove clean

help:  ## say what can be made
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## /make \1|/' | column -t -s '|'

trial: $(VENV)/.core  ## run the trial protocol STUDY (default: scid-haplo)
	$(BIN)/thymos trial $(STUDY) $(TRIAL_ARGS)

test: $(VENV)/.extra-dev  ## run the tests
	$(BIN)/pytest $(PYTEST_ARGS)

lint: $(VENV)/.extra-dev  ## check style, types and the stack
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.extra-docs  ## build the documentation into docs/_build/html
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html

bench: $(VENV)/.extra-bench  ## compare the engine with its peers, in one run
	$(BIN)/python benchmarks/engine.py $(BENCH_ARGS)

bench-repertoire: $(VENV)/.core $(VENV)-peers/.peers  ## compare the repertoire with its peers, in an environment of their own
	$(BIN)/python benchmarks/repertoire.py --peers $(VENV)-peers/bin/python --model $(VENV)-peers/righor_models $(BENCH_ARGS)
	$(BIN)/python benchmarks/selection.py
	$(BIN)/python benchmarks/clones.py

cost: $(VENV)/.core  ## measure the cost curve and draw it for the documentation
	$(BIN)/python benchmarks/cost_curve.py --picture docs/_static/engine-cost.png $(COST_ARGS)

validate: $(VENV)/.extra-dev  ## the model against data kept out of calibration, and the table of verdicts
	$(BIN)/python validation/run.py

prove: $(VENV)/.extra-dev $(VENV)/.extra-bench $(VENV)/.extra-jax  ## the slow tests with fresh random cases, the model against its targets and kept-out data, the benchmark
	HYPOTHESIS_PROFILE=search $(BIN)/pytest -m slow
	$(BIN)/thymos verify
	$(BIN)/python validation/run.py --all
	$(BIN)/python benchmarks/engine.py
	$(BIN)/python benchmarks/design.py
	$(MAKE) bench-repertoire

clean:  ## remove the environment, the caches and the built documentation; runs/ stays
	rm -rf $(VENV) $(VENV)-peers dist docs/_build .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests docs benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)-peers/.peers: benchmarks/repertoire_peers.txt
	$(PYTHON) -m venv $(VENV)-peers
	$(VENV)-peers/bin/python -m pip install --quiet --requirement benchmarks/repertoire_peers.txt
	@touch $@

# The environment is brought up to date whenever pyproject.toml changes; each mark says what is installed.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.extra-%: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[$*]'
	@touch $(VENV)/.core $@
