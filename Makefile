# make run      sets everything up and runs the demo
# make test     sets everything up and runs every check
# make help     lists the rest
#
# Everything is installed into .venv beside this file, from requirements.lock, every package checked by its hash.
# A Python other than the first one found:  make run PYTHON=/path/to/python3.12

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?=
VENV ?= .venv
BIN := $(VENV)/bin
WORKERS ?= 2
PYTEST_ARGS ?=
DEMO_ARGS ?=
BENCHMARK_ARGS ?=

export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1
unexport PYTHONPATH VIRTUAL_ENV

# The stamp names the lock's hash: a changed lock or pyproject.toml installs again, anything else does not.
LOCK_HASH := $(shell cat requirements.lock pyproject.toml | cksum | tr ' ' '-')
STAMP := $(VENV)/.installed-$(LOCK_HASH)

##@ Everyday
.PHONY: run
run: install ## set everything up, then run the demo (about a minute)
	@$(BIN)/countysim demo $(DEMO_ARGS)

.PHONY: test
test: install lint ## set everything up, then lint, types, layers and all tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

.PHONY: install
install: $(STAMP) ## make .venv from the lock, install countysim into it, compile its rules
	@echo "countysim is installed: $(BIN)/countysim --help"

##@ Checks
.PHONY: lint
lint: $(STAMP) ## ruff (rules and format), mypy, import-linter
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

.PHONY: format
format: $(STAMP) ## put the code into the agreed format
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

.PHONY: test-matrix
test-matrix: ## run the tests on every Python from 3.11 to 3.13 that is found, each in its own .venv-3.x
	@found=0; failed=""; for version in 3.11 3.12 3.13; do \
	  python=$$(command -v python$$version || true); \
	  if ! "$$python" --version >/dev/null 2>&1; then \
	    python=$$(ls -d "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/$$version.*/bin/python3 2>/dev/null | sort -V | tail -n 1 || true); \
	  fi; \
	  if [ -z "$$python" ]; then echo "Python $$version: not found, left out"; continue; fi; \
	  echo "Python $$version: $$python"; \
	  found=$$((found + 1)); \
	  $(MAKE) matrix-one PYTHON="$$python" VENV=.venv-$$version || failed="$$failed $$version"; \
	done; \
	if [ $$found -eq 0 ]; then echo "No Python from 3.11 to 3.13 was found." >&2; exit 1; fi; \
	if [ -n "$$failed" ]; then echo "The tests failed on Python$$failed." >&2; exit 1; fi; \
	echo "The tests passed on every Python that was found."

.PHONY: matrix-one
matrix-one: install
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

.PHONY: benchmark
benchmark: install ## measure speed and memory (a quarter of an hour; BENCHMARK_ARGS="--full --write" for all)
	@$(BIN)/python -m benchmarks $(BENCHMARK_ARGS)

##@ Upkeep
.PHONY: lock
lock: $(STAMP) ## resolve the dependencies anew into requirements.lock (all platforms, Python 3.11 and newer)
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
	  --python-version 3.11 --extra dev --output-file requirements.lock.new pyproject.toml
	@mv requirements.lock.new requirements.lock

.PHONY: clean
clean: ## remove what was installed, built or cached here; results stay
	@rm -rf .venv .venv-3.* build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@rm -f .coverage .coverage.*
	@find sim tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

# --- setting up -----------------------------------------------------------------------------------------------------

$(STAMP): requirements.lock pyproject.toml
	@python="$(PYTHON)"; \
	if [ -z "$$python" ]; then \
	  for candidate in python3 python3.13 python3.12 python3.11; do \
	    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	      python=$$candidate; break; \
	    fi; \
	  done; \
	fi; \
	if [ -z "$$python" ]; then \
	  echo "countysim needs Python 3.11 or newer; $$(python3 --version 2>/dev/null || echo 'no python3') was found." >&2; \
	  echo "Install a newer Python, or name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; exit 1; \
	fi; \
	if ! "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	  found=$$("$$python" --version 2>/dev/null || echo "not a program that runs"); \
	  echo "countysim needs Python 3.11 or newer; $$python is $$found." >&2; exit 1; \
	fi; \
	if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	  echo "setting up $(VENV) with $$("$$python" --version)"; \
	  rm -rf $(VENV); \
	  "$$python" -m venv $(VENV) || { \
	    echo "$$python could not make a virtual environment (on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }; \
	fi
	@rm -f $(VENV)/.installed-*
	@echo "installing what requirements.lock names into $(VENV)"; \
	uv=$$(command -v uv || true); \
	if [ -z "$$uv" ] && [ ! -x $(BIN)/uv ]; then \
	  awk '/^uv==/ {take = 1; print; next} /^[^ ]/ {take = 0} take' requirements.lock > $(VENV)/uv.txt; \
	  $(BIN)/python -m pip install --quiet --require-hashes -r $(VENV)/uv.txt \
	    || echo "uv cannot be installed here; going on with pip, which takes a minute longer"; \
	fi; \
	if [ -z "$$uv" ] && [ -x $(BIN)/uv ]; then uv=$(BIN)/uv; fi; \
	if [ -n "$$uv" ] && "$$uv" pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock; then \
	  "$$uv" pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .; \
	else \
	  $(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock; \
	  $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .; \
	fi
	@echo "compiling the rules and testing the installation"
	@$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib sim || true # a package may hold files for another Python
	@$(BIN)/countysim doctor --quiet
	@touch $@
