# Everything starts here: `make run` on a fresh clone needs Python 3.11, make and git, and no step before it.
# bash, because recipes use pipefail and traps.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
PYTHON := $(VENV)/bin/python
NETWORK_DIR ?= .cache/networks
SEMGREP := .cache/semgrep/bin/semgrep
SEMGREP_VERSION := 1.182.0
PACKAGES := audit biometrics travelers watchlists borders deploy
LOCK_HASH := $(shell sha256sum requirements.lock 2>/dev/null | cut -c1-16)
# named by the lock's content: a changed lock installs anew, an unchanged one costs nothing
STAMP := $(VENV)/.installed-$(LOCK_HASH)

.PHONY: help install run test check static lock bench sbom semgrep torture fmt schema clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

install: $(STAMP) ## Install the locked packages into .venv and build the face networks
	@$(PYTHON) -m biometrics.networks.build "$(NETWORK_DIR)" > /dev/null

$(STAMP):
	@python=$$(deploy/launcher/find-python)
	rm -f $(VENV)/.installed-*
	if command -v uv > /dev/null; then
	    UV_PYTHON_DOWNLOADS=never uv venv --quiet --allow-existing --python "$$python" $(VENV)
	    VIRTUAL_ENV="$$PWD/$(VENV)" uv pip sync --quiet --require-hashes requirements.lock
	else
	    "$$python" -m venv --clear $(VENV)
	    $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	fi
	touch $@

run: install ## Start everything, play the demo, serve until Ctrl-C (ONCE=1: stop after the demo)
	@exec $(PYTHON) -m deploy.launcher run $(if $(ONCE),--once)

test: install ## Run all tests, two at a time (PYTEST_ARGS="-n 0 tests/unit": others, one at a time)
	@exec $(PYTHON) -m pytest -n 2 $(PYTEST_ARGS)

check: static test ## Format, lint, types, imports, migrations, API schema, then all tests

static: install ## The part of check that runs no test
	@$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	$(VENV)/bin/lint-imports
	$(PYTHON) -m deploy.launcher exec -- $(PYTHON) manage.py makemigrations --check --dry-run
	trap 'rm -f "$$found"' EXIT
	found=$$(mktemp)
	$(PYTHON) manage.py spectacular --validate --fail-on-warn --file "$$found"
	diff -u openapi.yaml "$$found" || { echo "openapi.yaml differs from the code: run make schema and name the change." >&2; exit 1; }

schema: install ## Write openapi.yaml from the code
	@$(PYTHON) manage.py spectacular --validate --fail-on-warn --file openapi.yaml

lock: ## Resolve pyproject.toml anew into requirements.lock (needs uv)
	@uv lock --quiet
	uv export --quiet --no-emit-project --no-header --group dev --format requirements-txt --output-file requirements.lock

bench: install ## Measure everything (NAME=journey: one measurement; FULL=1: the sizes of the documentation)
	@exec $(PYTHON) -m tests.bench $(or $(NAME),$(if $(FULL),full,all))

sbom: install ## Write .data/sbom.json, what the lock installs, in CycloneDX form: the same lock gives the same file
	@mkdir -p .data
	exec $(PYTHON) -m cyclonedx_py requirements --output-reproducible --of JSON -o .data/sbom.json requirements.lock

semgrep: ## The house's rules in semgrep's language, in an environment of its own, for its pins exclude ours
	@if [ ! -x $(SEMGREP) ]; then
	    python=$$(deploy/launcher/find-python)
	    if command -v uv > /dev/null; then
	        UV_PYTHON_DOWNLOADS=never uv venv --quiet --clear --python "$$python" .cache/semgrep
	        uv pip install --quiet --python .cache/semgrep/bin/python semgrep==$(SEMGREP_VERSION)
	    else
	        "$$python" -m venv --clear .cache/semgrep
	        .cache/semgrep/bin/python -m pip install --quiet --disable-pip-version-check semgrep==$(SEMGREP_VERSION)
	    fi
	fi
	exec $(SEMGREP) scan --metrics off --disable-version-check --error --quiet --config .ci/semgrep.yml $(PACKAGES)

torture: install ## Kill, load, tamper, restore, fuzz, bombs (NAME=kill, SEED=1; FULL=1: the sizes of the documentation)
	@exec $(PYTHON) -m tests.torture $(NAME) $(if $(FULL),--full) $(if $(SEED),--seed $(SEED)) $(if $(SIZE),--size $(SIZE))

fmt: install ## Format the code and sort the imports
	@$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

clean: ## Remove the data of this checkout and the tools' caches; .venv stays
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m deploy.launcher clean; fi
	rm -rf .data .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
