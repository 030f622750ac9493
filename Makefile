# make demo | down | test. Needs Python 3.11 to 3.13 and make; everything else is set up under .venv and .run.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo down test lint format lock docs pictures screens guide register survey bench bench-pages bench-night bench-growth bench-reconcile bench-outside latency idle typing more slow mutants fuzz crash-tests

# The first suitable Python: PYTHON=… chooses another.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
STAMP := .venv/.installed
export PYTHONUTF8 = 1
# Where no bytecode may be written, every process compiles Airflow and Great Expectations anew: twice the time.
unexport PYTHONDONTWRITEBYTECODE

help:
	@echo "make demo   set up, start database and Airflow, run the main job on sample workbooks"
	@echo "make down   stop everything"
	@echo "make test   set up, check style and types, run the tests"

setup: $(STAMP)

$(STAMP): requirements.lock requirements-bootstrap.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "District Reports needs Python 3.11, 3.12 or 3.13 (PYTHON=… names one)"; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version): 190 packages, compiled at once; a few minutes the first time"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "python -m venv failed; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
	@$(BIN)/uv pip sync --python $(BIN)/python --compile-bytecode --require-hashes requirements.lock requirements-bootstrap.lock
	@$(BIN)/uv pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q plugins dags
	@touch $@

demo: $(STAMP)
	@DISTRICT_REPORTS_TODAY=2020-07-04 $(BIN)/district-reports demo

down:
	@if [ -x $(BIN)/district-reports ]; then $(BIN)/district-reports stop && echo "Everything is stopped"; else echo "Nothing was ever started here"; fi

survey: $(STAMP)
	@test -n "$(FOLDER)" || { echo "make survey FOLDER=… names a folder of spreadsheets"; exit 1; }
	@$(BIN)/python tests/corpus/survey.py "$(FOLDER)"; verdicts=$$?; $(BIN)/python tests/corpus/cells.py "$(FOLDER)" && exit $$verdicts

bench: $(STAMP)
	@$(BIN)/python tests/benchmarks/reading.py
	@$(BIN)/python tests/benchmarks/marking.py

bench-pages: $(STAMP)
	@$(BIN)/python tests/benchmarks/page_times.py

bench-night: $(STAMP)
	@$(BIN)/python tests/benchmarks/night.py --scale $(or $(SCALE),1 10) $(ARGS)

bench-growth: $(STAMP)
	@$(BIN)/python tests/benchmarks/growth.py $(ARGS)

bench-reconcile: $(STAMP)
	@$(BIN)/python tests/benchmarks/reconciling.py --scale $(or $(SCALE),1 10) $(ARGS)

bench-outside: $(STAMP)
	@$(BIN)/python tests/benchmarks/outside.py $(ARGS)

latency: $(STAMP)
	@DISTRICT_REPORTS_TODAY=2020-07-04 $(BIN)/python tests/benchmarks/latency.py $(ARGS)

idle: $(STAMP)
	@$(BIN)/python tests/benchmarks/idle.py $(ARGS)

typing: $(STAMP)
	@$(BIN)/python -m district_reports.local.samples.typing_saved

lint: $(STAMP)
	@echo "Style and types"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

# In the order of tests/conftest.py, what belongs together to one process.
SIDE_BY_SIDE := --numprocesses auto --dist loadscope --no-loadscope-reorder

test: lint
	@echo "Tests, side by side (real PostgreSQL, Airflow and Great Expectations)"
	@$(BIN)/python -m pytest -m "not slow" $(SIDE_BY_SIDE)

# What CI adds to `test`: the slow tests of what reads, checks and tells, in a few minutes.
MORE := tests/independent tests/workbook tests/checks tests/contract tests/traits tests/fuzz tests/feedback

more: $(STAMP)
	@echo "Slow tests of some folders (make slow: of all): $(MORE)"
	@$(BIN)/python -m pytest -m slow $(SIDE_BY_SIDE) $(MORE)

slow: $(STAMP)
	@$(BIN)/python -m pytest -m slow $(SIDE_BY_SIDE)

# Plants the faults of tests/mutation/faults.toml, each in a copy of the tree, and sees that the quick tests catch them; ONLY=… names some.
mutants: $(STAMP)
	@$(BIN)/python tests/mutation/run.py $(ONLY)

fuzz: $(STAMP)
	@$(BIN)/python tests/fuzz/run.py $(or $(MINUTES),5) $(SEED)

crash-tests: $(STAMP)
	@$(BIN)/python tests/crash/run.py $(or $(N),300) $(SEED) $(ONLY)

format: $(STAMP)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(STAMP)
	@$(BIN)/district-reports rules > docs/rules.md.new && mv docs/rules.md.new docs/rules.md
	@$(BIN)/district-reports dictionary > docs/dictionary.new && mv docs/dictionary.new docs/data-dictionary.md

# Of a running demo, but for those of the guide, which needs none.
pictures: guide
	@$(BIN)/python docs/make_pictures.py

# Every page of a running demo for each role, at a desk and on a phone, light and dark, in both languages: .run/screens.
screens: $(STAMP)
	@$(BIN)/python docs/make_screens.py

guide: $(STAMP)
	@$(BIN)/python docs/make_guide.py

lock:
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header --group dev pyproject.toml --output-file requirements.lock
	@cp requirements.lock requirements-fab.lock  # what both can have, both have
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header --extra fab pyproject.toml --output-file requirements-fab.lock
	@echo "uv" | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header - --output-file requirements-bootstrap.lock

register: $(STAMP)
	@$(BIN)/python -m district_reports.local.samples.register
