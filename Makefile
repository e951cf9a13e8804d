# make help lists the targets.

PYTHON ?= $(shell for each in python3.11 python3 python3.12 python3.13; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$each; break; }; done)
ARGS ?=
# One process a core, each with servers of its own; the tests of one file stay together, the longest begin.
SIDE_BY_SIDE = --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder
SETUP = $(if $(PYTHON),$(PYTHON),python3) scripts/setup.py
BIN = .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test test-dates test-kills lint format types messages clock bench release-dump reset

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Make .venv and install everything, development tools included
	@$(SETUP) --dev
	@$(BIN)/python -m run.messages

run: ## Run the whole service with a demonstration plan (PORT=8000, HOST=127.0.0.1); Ctrl-C stops it
	@$(SETUP)
	@exec $(BIN)/python -m run.supervisor

test: ## Run all tests, browser tests included (ARGS="-k words tests/jury")
	@$(SETUP) --dev
	@$(BIN)/python scripts/browser.py
	@$(BIN)/python -m run.messages
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not whole_run" $(ARGS)

test-dates: ## Run all tests but the browser's on each of the days that are hard for a calendar
	@$(SETUP) --dev
	@$(BIN)/python -m run.messages
	@$(BIN)/python -m run.hard_days --all $(ARGS)

test-kills: ## Run the tests that kill workers, also on the servers of TEST_DATABASE_URL and TEST_BROKER_URL
	@$(SETUP) --dev
	@$(BIN)/python -m run.messages
	@$(BIN)/python -m run.kills $(ARGS)

lint: ## Check format, style and the order of imports
	@$(SETUP) --dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports

format: ## Format the code and sort its imports
	@$(SETUP) --dev
	@$(BIN)/ruff check --select I --fix --quiet .
	@$(BIN)/ruff format .

types: ## Check the types
	@$(SETUP) --dev
	@ASSIZE_MODE=test $(BIN)/mypy

messages: ## Compile the translations
	@$(SETUP)
	@$(BIN)/python -m run.messages

clock: ## Show the clock of the demonstration, or set it forward (TO="2026-12-07 09:00")
	@$(SETUP)
	@$(BIN)/python manage.py clock $(if $(TO),--to "$(TO)")

bench: ## Measure, on a database of its own (ARGS="--help")
	@$(SETUP) --dev
	@$(BIN)/python manage.py bench $(ARGS)

release-dump: ## Keep a grown demonstration of this release for the test of upgrades (NAME=2026-12-01)
	@$(SETUP) --dev
	@$(BIN)/python -m tests.upgrade.dumping $(NAME)

reset: ## Start over: delete the embedded database, queue, uploads and logs (var/)
	@$(SETUP)
	@$(BIN)/python -m run.embedded.reset
