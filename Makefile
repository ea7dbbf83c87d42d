# make demo and make test work on a fresh machine with Python 3.11 or newer.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

SECONDS ?= 60
SEED ?= 1
SAMPLE ?= 300
RUNS ?= 10

.PHONY: help demo test coverage stress release-test lint audit bench fuzz mutants layouts texts docs links pictures lock wheel deb sbom clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY)  ## play a recorded morning at a sample company's dock, then type in serial numbers yourself
	$(BIN)/scanstation demo

test: $(READY)  ## run the tests (SCANSTATION_FULL=1: also the long ones, nothing skipped)
	$(BIN)/python -m tests.sweeping $(BIN)/python -m pytest -n 2 --dist worksteal -o console_output_style=classic

coverage: $(READY)  ## run the tests, and list what they leave out (slower by half)
	$(BIN)/python -m tests.sweeping $(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term

stress: $(READY)  ## run the tests RUNS=10 times on a busy machine, and list what fails
	$(BIN)/python -m tests.sweeping $(BIN)/python -m tests.stress $(RUNS)

release-test: $(READY)  ## run the tests before a release: the package on bare systems and in the virtual machine
	SCANSTATION_FULL=1 SCANSTATION_RELEASE=1 $(BIN)/python -m pytest -m release

lint: $(READY)  ## check style, types and import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: $(READY)  ## check the locked packages for known vulnerabilities
	$(BIN)/python -m package audit

bench: $(READY)  ## run the benchmarks, as ratios to a floor in the same run; they never fail
	for bench in tests/bench/*.py; do PYTHONPATH=. $(BIN)/python $$bench || exit 1; done

fuzz: $(READY)  ## fuzz each parser of untrusted input for SECONDS=60
	$(BIN)/pip install --quiet --disable-pip-version-check atheris==3.0.0
	PYTHONPATH=. $(BIN)/python tests/fuzz/fuzz.py $(SECONDS)

mutants: $(READY)  ## change single places in the costliest code (SAMPLE=300 drawn by SEED=1); list what no test notices
	$(BIN)/python -m tests.mutants $(SEED) $(SAMPLE)

layouts: $(READY)  ## regenerate the keyboard layouts from xkb's data (Debian: libxkbcommon0, xkb-data)
	$(BIN)/python -m drivers.wedge.generate_layouts

texts: $(READY)  ## collect the texts to translate, and compile the catalogues
	$(BIN)/python -m station.i18n.collect

docs: $(READY)  ## build the documentation site in build/site; a broken link or anchor is an error
	$(BIN)/python -m sphinx -q -E -W --keep-going -c docs -d build/doctrees . build/site

links: $(READY)  ## check the external links of the documentation
	$(BIN)/python -m sphinx -q -W --keep-going -b linkcheck -c docs -d build/doctrees . build/links

pictures: $(READY)  ## retake the screenshots of docs/workers.md from a running station (Debian: chromium)
	$(BIN)/python -m tests.browser.pictures

lock: $(READY)  ## update requirements.lock and the package's from pyproject.toml
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --group dev --all-extras --universal --python-version 3.11 \
		--generate-hashes --no-strip-extras --no-annotate --no-header --upgrade --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
		--generate-hashes --no-strip-extras --no-annotate --no-header --constraint requirements.lock \
		--output-file package/requirements.lock

deb: $(READY)  ## build the Debian package in dist (needs dpkg-deb)
	$(BIN)/python -m package deb

wheel: $(READY)  ## build the wheel in dist
	$(BIN)/python -m package wheel

sbom: $(READY)  ## write the package's bill of materials (CycloneDX) to dist
	$(BIN)/python -m package sbom

clean:  ## remove generated files
	rm -rf $(VENV) .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "scanstation needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "no venv module; on Debian: apt install python3-venv" >&2; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q station drivers tests
	@touch $@
