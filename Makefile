# The menu: `make` alone prints it. Nothing here needs root, and nothing is installed outside this folder.
#
# PYTHON           the interpreter to use; the newest that runs, unless it is named
# VENV             the environment of test, lint and docs (.venv)
# JOTPASS_VECTORS  the folder of published test vectors (../shared/vectors)
# PORT             where `make demo` listens (8000)
# ROUNDS, ONLY     a quick look with `make bench`: how many rounds, and of which subjects (ROUNDS=3 ONLY=verify);
#                  with `make races` and `make faults`, how many races (500) and refreshes (10000)
# ARGS             more arguments for the program that a target runs: make test ARGS="-x -k crit"

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

VENV ?= .venv
DEMO_VENV ?= .venv-demo
BENCH_VENV ?= .venv-bench
PORT ?= 8000
ARGS ?=
export PYTHON
bin := $(VENV)/bin
simplejwt := compat/simplejwt/src/rest_framework_simplejwt

.PHONY: help demo test test-incumbent test-neighbours lint fix bench bench-load bench-growth bench-simplejwt soak docs fuzz races faults contract
.PHONY: messages lock clean

help: ## This menu
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name what; do \
	    printf '  make %-14s %s\n' "$$name" "$$what"; done

demo: $(DEMO_VENV)/.ready ## Serve a demonstration on http://127.0.0.1:8000 and say what to type next
	@$(DEMO_VENV)/bin/jotpass demo --port $(PORT) $(ARGS)

test: $(VENV)/.ready ## Run the tests: every host project, SQLite and PostgreSQL
	@$(bin)/python -m tests.everywhere $(ARGS)

test-incumbent: $(VENV)/.ready ## Run the tests of djangorestframework-simplejwt on it and on the drop-in
	@$(bin)/python -m tests.incumbent $(ARGS)

test-neighbours: $(VENV)/.ready ## Run djoser, dj-rest-auth and drf-spectacular on it and on the drop-in
	@$(bin)/python -m tests.neighbours $(ARGS)

lint: $(VENV)/.ready ## Check style, types and layers
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/lint-imports

fix: $(VENV)/.ready ## Let ruff repair what it can
	$(bin)/ruff check --fix
	$(bin)/ruff format

bench: $(BENCH_VENV)/.ready ## Measure against other libraries: a table and a picture
	@$(BENCH_VENV)/bin/python -m benchmarks $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(ONLY),--only $(ONLY)) $(ARGS)

bench-load: $(BENCH_VENV)/.ready ## Measure against other libraries behind one server, under load
	@$(BENCH_VENV)/bin/python -m benchmarks.load $(ARGS)

bench-growth: $(BENCH_VENV)/.ready ## Measure with 5 million families, and flush a million sessions
	@$(BENCH_VENV)/bin/python -m benchmarks.growth $(ARGS)

bench-simplejwt: $(BENCH_VENV)/.ready ## Measure the drop-in against the package that it replaces
	@$(BENCH_VENV)/bin/python -m benchmarks.simplejwt $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(ONLY),--only $(ONLY)) $(ARGS)

soak: $(BENCH_VENV)/.ready ## Serve people who sign in, call, refresh and sign out for half an hour
	@$(BENCH_VENV)/bin/python -m benchmarks.soak $(ARGS)

docs: $(VENV)/.ready ## Build the documentation into docs/_build/html
	$(bin)/sphinx-build --fail-on-warning --keep-going --quiet docs docs/_build/html
	@echo "docs/_build/html/index.html"

fuzz: $(VENV)/.ready ## Run every property test with 20,000 examples
	HYPOTHESIS_PROFILE=fuzz $(bin)/python -m pytest -m hypothesis -n logical --maxprocesses 4 $(ARGS)

races: $(VENV)/.ready ## Let 16 clients race 500 times for each refresh, on PostgreSQL
	JOTPASS_RACE_ROUNDS=$(or $(ROUNDS),500) $(bin)/python -m pytest tests/races --durations=0 $(ARGS)

faults: $(VENV)/.ready ## Kill and restart servers and step clocks in the middle of 10,000 refreshes
	JOTPASS_FAULT_REFRESHES=$(or $(ROUNDS),10000) $(bin)/python -m pytest tests/faults --durations=0 $(ARGS)

contract: $(VENV)/.ready ## Try the HTTP API by its OpenAPI schema, with many more cases than the tests
	OPENAPI_EXAMPLES=2000 $(bin)/python -m pytest tests/openapi/test_contract.py $(ARGS)

messages: $(VENV)/.ready ## Carry the texts of the drop-in into its translations, and compile those
	@mkdir -p build
	@$(bin)/pybabel --quiet extract --project=jotpass-simplejwt --no-location --sort-output \
	    --output=build/simplejwt.pot $(simplejwt)
	@$(bin)/pybabel --quiet update --domain=django --input-file=build/simplejwt.pot --output-dir=$(simplejwt)/locale \
	    --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	@$(bin)/pybabel --quiet compile --domain=django --directory=$(simplejwt)/locale

lock: ## Resolve requirements/*.txt again, to the newest versions
	.ci/lock

clean: ## Remove the environments and everything built
	rm -rf $(VENV) $(DEMO_VENV) $(BENCH_VENV) .venv-incumbent-* .venv-drop-in-* .uv .uv-cache docs/_build build dist
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(VENV)/.ready: requirements/dev.txt requirements/uv.txt pyproject.toml compat/simplejwt/pyproject.toml .ci/make-venv
	@.ci/make-venv $(VENV) requirements/dev.txt
	@touch $@

$(DEMO_VENV)/.ready: requirements/demo.txt requirements/uv.txt pyproject.toml .ci/make-venv
	@.ci/make-venv $(DEMO_VENV) requirements/demo.txt
	@touch $@

$(BENCH_VENV)/.ready: benchmarks/requirements.txt requirements/uv.txt pyproject.toml .ci/make-venv
	@.ci/make-venv $(BENCH_VENV) benchmarks/requirements.txt
	@touch $@
