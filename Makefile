# `make run` and `make test` do all the set-up on a fresh Debian or Ubuntu machine with Python 3.11+.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
DEV    := $(VENV)/.installed-dev

.PHONY: run demo test check lint types bench lab screenshots clean help

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: $(STAMP) ## start dnet-tui (the demo cluster where no engine answers); ARGS="--view services" passes options
	@$(BIN)/dnet-tui --demo-if-none $(ARGS)

demo: $(STAMP) ## start dnet-tui on the built-in demo cluster
	@$(BIN)/dnet-tui --demo $(ARGS)

test: check ## all tests, types and contracts; DNET_LAB=require makes the real Swarm a must
	$(BIN)/python -m pytest

check: lint types

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(DEV)
	$(BIN)/mypy

bench: $(DEV) ## measure: start-up, CPU, memory, key to repaint, bytes written, requests
	$(BIN)/python -m tests.bench $(ARGS)

lab: $(DEV) ## a real three-node Swarm on this machine with dnet-tui in its manager (root, Linux)
	$(BIN)/python -m tests.lab run

screenshots: $(DEV) ## make screenshots/ anew from the real app on the demo cluster
	$(BIN)/python -m screenshots.make

clean: ## remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The packages' compiled form is written at installation: without it the first start takes half a second more.
$(STAMP): pyproject.toml scripts/venv.sh
	@sh scripts/venv.sh $(PYTHON) $(VENV)
	@$(BIN)/python -m pip install --quiet --compile -e .
	@$(BIN)/python -m compileall -q backends tui
	@touch $@

$(DEV): $(STAMP)
	@$(BIN)/python -m pip install --quiet --compile -e . --group dev
	@touch $@
