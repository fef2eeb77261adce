# Everything a newcomer needs: `make demo`, `make test`. Python 3.11 or later and make are assumed, nothing else.
PYTHON ?= python3
BIN := .venv/bin
RUN := .venv/.run
TEST := .venv/.test

# Servers and tests start many processes: compiled modules are kept, wherever the caller forbids it.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo serve test check pieces stories bench vendor lock sbom

help:  ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

demo: $(RUN)  ## Run one whole tender in a fictional city, then serve it (ONCE=1: stop afterwards; LAWFUL=1: periods of the law)
	$(BIN)/trading demo $(if $(LAWFUL),--lawful) $(if $(ONCE),--once)

serve: $(RUN)  ## Migrate ./data and serve it with web, worker and beat
	$(BIN)/trading migrate
	$(BIN)/trading serve

test: $(TEST)  ## Formatting, types, import contracts and the whole suite on SQLite, PostgreSQL and Redis
	$(MAKE) check pieces stories

pieces: $(TEST)
	$(BIN)/pytest -n 2 --dist worksteal --ignore tests/e2e

stories: $(TEST)
	$(BIN)/pytest -n 2 --dist loadfile tests/e2e

check: $(TEST)  ## Formatting, lint, types and import contracts only
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

bench: $(TEST)  ## Measure against the limits and write docs/benchmarks.md
	$(BIN)/python -m tests.bench

vendor:  ## Rebuild the front-end files from npm packages and frontend/src (maintainers; needs npm)
	cd frontend && npm ci && npm run vendor && npm run bundle

lock: $(TEST)  ## Pin the requirements again, with hashes and without addresses
	for name in run test; do \
	  $(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-emit-index-url --python-version 3.11 \
	    requirements/$$name.in -o requirements/$$name.txt; done

sbom: .venv/bin/python  ## List all parts of this release with versions and hashes in sbom.cdx.json (CycloneDX)
	$(BIN)/python requirements/sbom.py > sbom.cdx.json

.venv/bin/python:
	$(PYTHON) -m venv .venv

$(RUN): .venv/bin/python requirements/run.txt pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(TEST): $(RUN) requirements/test.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	touch $@
