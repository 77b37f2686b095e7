# Everything one does with a checkout. Needs make and Python 3.11 or newer; the rest is installed
# below .venv/ at the first call and again whenever requirements/ changes.
VENV := .venv
BIN := $(VENV)/bin
# pip installs this one wheel, uv all the rest (docs/decisions/0025-installed-by-uv.md).
UV := $(VENV)/.uv/bin/uv
SYNC := $(UV) pip sync --quiet --python $(BIN)/python --require-hashes
COMPILE := UV_PYTHON_DOWNLOADS=never $(UV) pip compile --quiet --python $(BIN)/python --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock"
# What pyproject.toml asks for, pinned in a folder; what is pinned there already stays. The words after
# the comma are for the first four; the others follow dev.txt.
lock_in = $(COMPILE) --group uv --output-file $(1)/uv.txt $(2) \
	&& $(COMPILE) --group panel-clients --output-file $(1)/panel-clients.txt $(2) \
	&& $(COMPILE) --group tron-client --output-file $(1)/tron-client.txt $(2) \
	&& $(COMPILE) pyproject.toml --group dev --output-file $(1)/dev.txt $(2) \
	&& $(COMPILE) pyproject.toml --group sandbox --constraints requirements/dev.txt --output-file $(1)/sandbox.txt \
	&& $(COMPILE) pyproject.toml --group mutants --constraints requirements/dev.txt --output-file $(1)/mutants.txt \
	&& $(COMPILE) pyproject.toml --group tracing --constraints requirements/dev.txt --output-file $(1)/tracing.txt \
	&& $(COMPILE) pyproject.toml --constraints requirements/dev.txt --output-file $(1)/runtime.txt
# Extra words for the command of `run`, `test` and `bench`: make test ARGS="-k checkout"
ARGS :=
# What runs the tests and looks on: make test MEASURE="-m slipcover" prints how much of app/ they cover.
MEASURE :=
SEEDS := 1-20
# Images of Python often set it. The tests start hundreds of processes; without bytecode on disk each
# compiles all it imports anew, and takes twice as long to start.
unexport PYTHONDONTWRITEBYTECODE

# The first interpreter that is new enough; `make run PYTHON=/path/to/python` overrules it.
PYTHON = $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)

.DEFAULT_GOAL := help
.PHONY: help run test lint style types imports torture mutants bench picture lock clean

help: ## Show what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null \
		|| sed -n 's/^\([a-z]*\):.*## /  make \1: /p' $(MAKEFILE_LIST)

run: $(VENV)/.sandbox-installed ## Start the sandbox: the whole shop and its world, on one page
	@$(BIN)/python main.py sandbox $(ARGS)

# More workers than two cores have: what waits for a process, a timer or PostgreSQL leaves them free.
# Each takes a stretch of neighbours, so that what a module's tests share is made once, and helps
# where others are late.
test: $(VENV)/.dev-installed $(VENV)/.panel-clients/.installed $(VENV)/.tron-client/.installed node_modules/.installed ## Run every test on a real PostgreSQL, Valkey and Ethereum node
	$(BIN)/python $(MEASURE) -m pytest -n 4 --dist worksteal $(ARGS)

# The parts can run beside each other: make --jobs 2 lint
lint: style types imports $(VENV)/.lock-compared ## Check style, types, who imports whom, and the pins

style: $(VENV)/.dev-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev-installed
	$(BIN)/mypy

imports: $(VENV)/.dev-installed
	$(BIN)/lint-imports --no-logo

torture: $(VENV)/.dev-installed ## Break everything at random while users buy (SEEDS=1-20), and judge from outside
	$(BIN)/python -m tests.torture --seeds $(SEEDS)

mutants: $(VENV)/.mutants-installed ## Change the money, delivery and finality code, and count what the tests notice (ARGS="--seed 1")
	$(BIN)/python -m tests.mutants $(ARGS)

bench: $(VENV)/.dev-installed node_modules/.installed ## Measure, and print tables of ratios
	$(BIN)/python -m benchmarks.run $(ARGS)

picture: $(VENV)/.dev-installed ## Take the README's pictures anew, in Chromium (docs/images/)
	$(BIN)/python -m tests.browser.picture

lock: $(UV) ## Write requirements/ anew from pyproject.toml (ARGS=--upgrade for newer ones)
	$(call lock_in,requirements,$(ARGS))

clean: ## Remove what was installed and made, the sandbox's data too
	rm -rf $(VENV) node_modules .sandbox mutants .coverage.json .mypy_cache .pytest_cache \
		.ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Tollgate needs Python 3.11 or newer; none was found."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python can't make a virtual environment: on Debian and Ubuntu install python3-venv."; exit 1; }

$(UV): requirements/uv.txt | $(BIN)/python
	@rm -rf $(VENV)/.uv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
		--only-binary :all: --target $(VENV)/.uv --requirement $<
	@touch $@

# What was installed for developing stays when the sandbox's needs change.
$(VENV)/.sandbox-installed: requirements/sandbox.txt $(UV)
	@echo "Installing what the sandbox needs into $(VENV) (once, some seconds) ..."
	@$(SYNC) $(if $(wildcard $(VENV)/.dev-installed),requirements/dev.txt,$<)
	@touch $@

$(VENV)/.dev-installed: requirements/dev.txt $(UV)
	@echo "Installing what developing needs into $(VENV) (once, some seconds) ..."
	@$(SYNC) $<
	@touch $@ $(VENV)/.sandbox-installed

# In environments of their own, because of names and versions that one can't hold: pyproject.toml.
$(VENV)/.%/.installed: requirements/%.txt $(UV)
	@$(UV) venv --quiet --clear --python $(BIN)/python $(@D)
	@$(UV) pip sync --quiet --python $(@D)/bin/python --require-hashes $<
	@touch $@

# mutmut comes on top of what developing needs.
$(VENV)/.mutants-installed: requirements/mutants.txt $(VENV)/.dev-installed
	@$(SYNC) $<
	@touch $@

# The pins made anew, the present ones preferred: whatever differs, pyproject.toml asks for.
$(VENV)/.lock-compared: pyproject.toml $(wildcard requirements/*.txt) $(UV)
	@rm -rf $(VENV)/lock && cp -R requirements $(VENV)/lock
	@$(call lock_in,$(VENV)/lock) && diff -r requirements $(VENV)/lock || { \
		echo "requirements/ does not match pyproject.toml: run make lock, and commit what it writes."; exit 1; }
	@touch $@

# anvil, the Ethereum node of the tests. Where it can't be had its tests are skipped, except in CI.
node_modules/.installed: package-lock.json
	@{ command -v npm >/dev/null && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch $@; } \
		|| echo "Without npm there is no anvil: the tests that need it are skipped."
