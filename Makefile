.DELETE_ON_ERROR:
.PHONY: setup dev run test check wheel bench lock docs clean

# The first Python from 3.11 to 3.14 that really starts; `make PYTHON=... run` overrides.
SUPPORTED := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c '$(SUPPORTED)' 2>/dev/null && command -v "$$p" && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
EDITABLE := $(PIP) install --no-deps --no-build-isolation --editable .

setup: $(VENV)/.setup

dev: $(VENV)/.dev

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Isthmus needs Python 3.11 to 3.14 with venv; none was found on the path." >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.setup: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing what Isthmus needs to run (once, about a minute)" >&2
	$(PIP) install --require-hashes --requirement requirements.lock
	$(EDITABLE)
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.setup
	@echo "Installing what its tests and checks need (once)" >&2
	$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@

run: setup
	@$(BIN)/isthmus run --out build/run --force

test: dev
	$(BIN)/python -m pytest

check: dev docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: dev
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs docs/_build

# The wheel in an environment that holds nothing else, outside the repository.
wheel: dev
	rm -rf build/wheel && mkdir -p build/wheel
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir build/wheel .
	"$(PYTHON)" -m venv build/wheel/venv
	build/wheel/venv/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --requirement requirements.lock
	build/wheel/venv/bin/python -m pip --disable-pip-version-check --quiet install --no-deps build/wheel/isthmus-*.whl
	cd build/wheel && venv/bin/isthmus check strait && venv/bin/isthmus doctor

bench: setup
	$(BIN)/python -m bench

lock: dev
	$(BIN)/python -m pip --disable-pip-version-check --quiet install uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --quiet \
		--custom-compile-command "make lock" --group build pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --quiet \
		--custom-compile-command "make lock" --group build --group dev pyproject.toml --constraints requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) build dist docs/_build .mypy_cache .ruff_cache .pytest_cache .hypothesis
