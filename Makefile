# make demo    play a real incident in a made-up shop and inspect it
# make demo-leaver   a leaver and a signing key, played on real servers that it starts itself
# make test    all tests
# make lint types imports docs golden bench lock
#
# PYTHON chooses the interpreter (3.11 or later) that .venv is made with: make demo PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
DEMO := demo
SCALE ?= 0.001
SEED ?= 1

.PHONY: demo demo-leaver test lint types imports docs golden picture bench lock clean
.DEFAULT_GOAL := demo

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Haechi needs Python 3.11 or later: make PYTHON=...")'
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# The lock files pin every package by its hash. The package itself is installed in place, so that changes show at once.
$(VENV)/run: $(VENV)/made requirements.lock pyproject.toml
	@echo "Installing what Haechi needs to run"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev: $(VENV)/run requirements-dev.lock
	@echo "Installing what its tests need"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/run
	@rm -rf $(DEMO)/inspect $(DEMO)/truth
	@echo "Making a shop's logs with the incident coupang-2025 in them, at scale $(SCALE)"
	@$(BIN)/haechi drill make coupang-2025 --scale $(SCALE) --seed $(SEED) --out $(DEMO)
	@echo "Inspecting them"
	@echo
	@$(BIN)/haechi inspect --workspace $(DEMO)/inspect || test $$? -eq 1
	@echo
	@echo "The logs and haechi.toml are in $(DEMO)/inspect, what really happened is in $(DEMO)/truth. Next, try:"
	@echo "  $(BIN)/haechi case list --workspace $(DEMO)/inspect"
	@echo "  $(BIN)/haechi rule explain never-issued"
	@echo "  $(BIN)/haechi drill run coupang-2025 --scale $(SCALE) --seed 2"
	@echo "  $(BIN)/haechi inspect YOUR-OWN-ACCESS.log"

# Needs OpenBao (comes with the packages), Node with npm, and PostgreSQL, slapd, sshd and nginx as in .ci/run.
demo-leaver: $(VENV)/dev
	@PATH="$$PWD/$(BIN):$$PATH" $(BIN)/python -m demos.leaver

test: $(VENV)/dev
	@$(BIN)/python -m pytest -n auto --dist loadgroup

lint: $(VENV)/dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/dev
	@$(BIN)/mypy

imports: $(VENV)/dev
	@$(BIN)/lint-imports

# The picture is drawn from the demo's store: make demo first.
picture: $(VENV)/run
	@$(BIN)/python -m haechi.cli.picture $(DEMO)/inspect > docs/images/report.svg

# Pages and sheets of reports as they look; to be looked at before they are committed.
golden: $(VENV)/dev
	@HAECHI_GOLDEN=renew $(BIN)/python -m pytest -q -n 0 tests/report/document/test_golden.py

docs: $(VENV)/run
	@$(BIN)/python -m haechi.cli.docs > docs/cli.md
	@$(BIN)/python -m haechi.detect.docs > docs/rules.md

# About ten minutes on two quiet cores. BENCH passes options on: make bench BENCH="--sizes 1000000 2000000".
bench: $(VENV)/dev
	@$(BIN)/python -m benchmarks $(BENCH)

# Needs pip-tools (pip install pip-tools). The lock files name no registry: pip's own settings choose it.
LOCK := pip-compile --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	--strip-extras --allow-unsafe --no-header --annotation-style=line --build-deps-for=editable --quiet
lock:
	@$(LOCK) --output-file requirements.lock pyproject.toml
	@$(LOCK) --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	@! grep -n "://" requirements.lock requirements-dev.lock

clean:
	@rm -rf $(VENV) $(DEMO)/inspect $(DEMO)/truth
