# Everything one does with a checkout. Needs make and Python 3.11 or newer; the rest is installed
# below .venv/ at the first call and again whenever requirements/ changes.
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock" pyproject.toml
# Extra words for the command of `run`, `test` and `bench`: make test ARGS="-k checkout"
ARGS :=

# The first interpreter that is new enough; `make run PYTHON=/path/to/python` overrules it.
PYTHON = $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)

.DEFAULT_GOAL := help
.PHONY: help run test lint bench picture lock clean

help: ## Show what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null \
		|| sed -n 's/^\([a-z]*\):.*## /  make \1: /p' $(MAKEFILE_LIST)

run: $(VENV)/.sandbox-installed ## Start the sandbox: the whole shop and its world, on one page
	@$(BIN)/python main.py sandbox $(ARGS)

test: $(VENV)/.dev-installed node_modules/.installed ## Run every test on a real PostgreSQL, Valkey and Ethereum node
	$(BIN)/python -m pytest -n logical --maxprocesses=4 $(ARGS)

lint: $(VENV)/.dev-installed ## Check style, types and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(VENV)/.dev-installed node_modules/.installed ## Measure, and print tables of ratios
	$(BIN)/python -m benchmarks.run $(ARGS)

picture: $(VENV)/.dev-installed ## Take the README's pictures anew, in Chromium (docs/images/)
	$(BIN)/python -m tests.browser.picture

lock: $(VENV)/.dev-installed ## Write requirements/ anew from pyproject.toml (ARGS=--upgrade for newer ones)
	$(COMPILE) --group dev --output-file requirements/dev.txt $(ARGS)
	$(COMPILE) --group sandbox --constraints requirements/dev.txt --output-file requirements/sandbox.txt
	$(COMPILE) --constraints requirements/dev.txt --output-file requirements/runtime.txt

clean: ## Remove what was installed and made, the sandbox's data too
	rm -rf $(VENV) node_modules .sandbox .coverage .coverage.* htmlcov .mypy_cache .pytest_cache \
		.ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Tollgate needs Python 3.11 or newer; none was found."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python can't make a virtual environment: on Debian and Ubuntu install python3-venv."; exit 1; }

$(VENV)/.sandbox-installed: requirements/sandbox.txt | $(BIN)/python
	@echo "Installing what the sandbox needs into $(VENV) (once, about a minute) ..."
	@$(PIP_INSTALL) --requirement $<
	@touch $@

$(VENV)/.dev-installed: requirements/dev.txt | $(BIN)/python
	@echo "Installing what developing needs into $(VENV) (once, a minute or two) ..."
	@$(PIP_INSTALL) --requirement $<
	@touch $@ $(VENV)/.sandbox-installed

# anvil, the Ethereum node of the tests. Where it can't be had its tests are skipped, except in CI.
node_modules/.installed: package-lock.json
	@{ command -v npm >/dev/null && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch $@; } \
		|| echo "Without npm there is no anvil: the tests that need it are skipped."
