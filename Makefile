# Every target makes its own virtual environment; uv is used when it is there, pip otherwise.
VENV ?= .venv
PY := $(VENV)/bin/python
PYTHON ?= python3
STAMP := $(VENV)/.installed
PEERS := $(VENV)/.peers
INSTALL := $(PY) -m pip install -q --disable-pip-version-check

.PHONY: demo test check lint bench theory sample clean help

help:
	@echo "make demo    the whole road on the embedded sample history -> results/demo/proposal.html"
	@echo "make test    all tests"
	@echo "make check   lint, format, types and tests"
	@echo "make bench   speed beside other simulators; what calibration learns, beside the truth"
	@echo "make theory  the engine against formulas and published figures"
	@echo "make sample  generate the embedded sample history again"

$(STAMP): pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
	  test -x $(PY) || uv venv -q --python 3.11 $(VENV) || uv venv -q $(VENV); \
	  uv pip install -q --python $(PY) -e ".[dev]"; \
	else \
	  test -x $(PY) || $(PYTHON) -m venv $(VENV); \
	  $(INSTALL) -e ".[dev]"; \
	fi
	@touch $(STAMP)

# Peers that cannot be installed here are left out of the table.
$(PEERS): $(STAMP)
	@if command -v uv >/dev/null 2>&1; then \
	  uv pip install -q --python $(PY) -e ".[dev,bench]"; \
	else \
	  $(INSTALL) -e ".[dev,bench]"; \
	fi || echo "the peers of the benchmark were not installed"
	@touch $(PEERS)

demo: $(STAMP)
	@$(VENV)/bin/svcsim demo -o results/demo

test: $(STAMP)
	@$(PY) -m pytest -q -n auto

lint: $(STAMP)
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy

check: lint test

bench: $(PEERS)
	@$(PY) benchmarks/desk/run.py
	@$(PY) benchmarks/desk/many.py
	@$(PY) benchmarks/desk/growth.py
	@$(PY) benchmarks/desk/start.py
	@$(PY) benchmarks/recovery.py

theory: $(STAMP)
	@$(PY) benchmarks/theory.py

sample: $(STAMP)
	@$(PY) -m svcsim.samples

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build dist
