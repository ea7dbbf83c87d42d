# make demo and make test do everything on a fresh machine with Python 3.11 or newer.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

SECONDS ?= 60

.PHONY: help demo test release-test lint audit bench fuzz layouts texts docs links pictures lock wheel deb sbom clean

help:  ## show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY)  ## play a recorded morning at the dock of a sample company, then type serial numbers yourself
	$(BIN)/scanstation demo

test: $(READY)  ## run the tests (SCANSTATION_FULL=1: the long ones too, nothing skipped)
	$(BIN)/python -m pytest -n 2 --dist worksteal $(if $(SCANSTATION_FULL),--cov --cov-report=term)

release-test: $(READY)  ## run what a release needs besides: the package on bare systems and in the virtual machine
	SCANSTATION_FULL=1 SCANSTATION_RELEASE=1 $(BIN)/python -m pytest -m release

lint: $(READY)  ## check style, types and import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: $(READY)  ## look whether a locked package has a known vulnerability
	$(BIN)/python -m package audit

bench: $(READY)  ## measure, as ratios to a floor in the same run; judges nothing
	for bench in tests/bench/*.py; do PYTHONPATH=. $(BIN)/python $$bench || exit 1; done

fuzz: $(READY)  ## fuzz every parser of untrusted input, SECONDS=60 each
	$(BIN)/pip install --quiet --disable-pip-version-check atheris==3.0.0
	PYTHONPATH=. $(BIN)/python tests/fuzz/fuzz.py $(SECONDS)

layouts: $(READY)  ## write the keyboard layouts anew from xkb's data (Debian: libxkbcommon0, xkb-data)
	$(BIN)/python -m drivers.wedge.generate_layouts

texts: $(READY)  ## collect the texts to translate and compile the languages' catalogues
	$(BIN)/python -m station.i18n.collect

docs: $(READY)  ## make the site of the documentation in build/site; a wrong link or anchor is an error
	$(BIN)/python -m sphinx -q -E -W --keep-going -c docs -d build/doctrees . build/site

links: $(READY)  ## ask for each address elsewhere that the documentation links to, whether it is there
	$(BIN)/python -m sphinx -q -W --keep-going -b linkcheck -c docs -d build/doctrees . build/links

pictures: $(READY)  ## take the pictures of docs/workers.md anew, of a running station (Debian: chromium)
	$(BIN)/python -m tests.browser.pictures

lock: $(READY)  ## write requirements.lock anew from pyproject.toml
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --group dev --all-extras --universal --python-version 3.11 \
		--generate-hashes --no-strip-extras --no-annotate --no-header --upgrade --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
		--generate-hashes --no-strip-extras --no-annotate --no-header --constraint requirements.lock \
		--output-file package/requirements.lock

deb: $(READY)  ## build the Debian package into dist (it needs dpkg-deb)
	$(BIN)/python -m package deb

wheel: $(READY)  ## build the wheel into dist
	$(BIN)/python -m package wheel

sbom: $(READY)  ## list what the package holds, as CycloneDX, into dist
	$(BIN)/python -m package sbom

clean:  ## remove what was made
	rm -rf $(VENV) .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "scanstation needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "no venv module; on Debian: apt install python3-venv" >&2; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
