# Every target that runs our code sets the machine up first; that takes a moment when nothing is new.
.DEFAULT_GOAL := help
.PHONY: help demo test check fix bench bindings docs screenshots setup lock
BIN := .venv/bin

# How many processes share the tests; WORKERS=0 runs them in one, for a debugger.
WORKERS ?= 2
# What to test: make test TESTS=tests/storage
TESTS ?= tests

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## the whole story on real samples, with PDFs and XML left in demo-output/
	@scripts/setup
	$(BIN)/passavant demo

test: ## every test (TESTS=tests/storage for a part, WORKERS=0 for one process)
	@scripts/setup --tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope $(TESTS)

check: ## style, types, imports between rooms, stale generated files
	@scripts/setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m schemas.generate --check
	$(BIN)/python -m docs.generate --check

fix: ## repair what ruff can repair, and format
	@scripts/setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: ## measure against the machine itself; writes bench/latest.json
	@scripts/setup
	$(BIN)/python -m bench

bindings: ## write schemas/bindings and the entry schema again from the XSDs
	@scripts/setup
	$(BIN)/python -m schemas.generate

docs: ## write the reference pages again from the code
	@scripts/setup
	$(BIN)/python -m docs.generate

screenshots: ## take the pictures of the console for docs/console again
	@scripts/setup --tests
	$(BIN)/python -m docs.screenshots

setup: ## Debian packages, .venv and libraries, for the hub and its tests
	@scripts/setup --tests

lock: ## pin and hash what pyproject.toml asks for (scripts/lock --upgrade renews all)
	scripts/lock
