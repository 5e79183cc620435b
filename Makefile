# Everything runs in .venv, which each target makes for itself on its first call.
#
#   PYTHON     the interpreter that .venv is made with (3.10 or newer)
#   PIP_ARGS   passed on to pip, for instance for a PyTorch without CUDA:
#              make demo PIP_ARGS="--extra-index-url https://download.pytorch.org/whl/cpu"
#   TEST_ARGS  passed on to pytest
#   LOCKED     the releases to install; LOCKED= takes the newest that pyproject.toml allows

PYTHON ?= python3
PIP_ARGS ?=
TEST_ARGS ?=
WORKERS ?= 2
LOCKED ?= requirements/dev.txt

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet $(addprefix --constraint ,$(LOCKED)) $(PIP_ARGS)
PEERS := pytorch-lightning lightning lightning-utilities torchmetrics pytorch-ignite \
	trl mosaicml ultralytics keras
EXAMPLE := examples/language_model

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# DeepSpeed and arctic-training look for a GPU unless they are told not to.
export DS_ACCELERATOR := cpu
# DeepSpeed compiles an operator for a CPU once; environments that shared it would build it in turns.
export TORCH_EXTENSIONS_DIR := $(CURDIR)/$(VENV)/torch_extensions

.DEFAULT_GOAL := help
.PHONY: help demo unit test test-long lint format typecheck docs dist bench fuzz reliability mutation lock audit clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo "$(PYTHON) is older than Python 3.10; set PYTHON=python3.12, say" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.demo: $(VENV)/.made pyproject.toml $(LOCKED)
	@echo "Installing arctic-codegen, PyTorch, DeepSpeed and transformers into $(VENV) (once) ..."
	@$(PIP) -e ".[train,check]"
	@touch $@

# It has all of .demo in it. pip makes bytecode of everything, on one core alone, which is a third of
# the time. Some thousand files of these packages are imported by no test.
SELDOM := /tests?/|/transformers/models/[^/]+/|/(openai|databricks|_inductor|mpmath|IPython)/
$(VENV)/.dev: $(VENV)/.made pyproject.toml $(LOCKED)
	@echo "Installing PyTorch, DeepSpeed, transformers and what the tests need into $(VENV) (once) ..."
	@$(PIP) --no-compile -e ".[dev]"
	@$(BIN)/python -m compileall -qq -j $(WORKERS) -x '$(SELDOM)' $(VENV)/lib || true
	@touch $(VENV)/.demo $@

$(VENV)/.docs: $(VENV)/.made pyproject.toml $(LOCKED)
	@$(PIP) -e ".[docs]"
	@touch $@

demo: $(VENV)/.demo  ## Compile the example, explain its trainer, train a Llama for a minute
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(EXAMPLE)/demo.sh

test: $(VENV)/.dev  ## Run the quick part of every kind of test
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not long" $(TEST_ARGS)

unit: $(VENV)/.dev  ## Run the unit tests (under a minute)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not long" tests/unit $(TEST_ARGS)

test-long: $(VENV)/.dev  ## Run all tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(TEST_ARGS)

lint: $(VENV)/.dev  ## Check style and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## Put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

typecheck: $(VENV)/.dev  ## Check the types of the package and of the example
	$(BIN)/mypy arctic_codegen benchmarks
	$(BIN)/mypy examples/language_model examples/transformers_trainer generated

docs: $(VENV)/.docs  ## Build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

dist: $(VENV)/.made  ## Build the sdist and the wheel into dist/
	@$(PIP) build hatchling
	$(BIN)/python -m build --no-isolation

bench: $(VENV)/.dev  ## Time builds and events, and write docs/performance.md
	@echo "Installing the frameworks that are compared into $(VENV)/peers ..."
	@$(PIP) --no-deps --upgrade --target $(VENV)/peers $(PEERS) || echo "they are left out" >&2
	$(BIN)/python benchmarks/bench.py

fuzz: $(VENV)/.dev  ## Try random and torn projects for SECONDS (60)
	$(BIN)/python -m tests.robustness.fuzz --seconds $(or $(SECONDS),60)

reliability: $(VENV)/.dev  ## Try attacks, hard inputs, faults, and write docs/reliability.md
	@rm -f $(VENV)/reliability
	ARCTIC_CODEGEN_RELIABILITY_RESULTS=$(CURDIR)/$(VENV)/reliability \
		$(BIN)/python -m pytest -n 0 \
		tests/robustness/attacks tests/robustness/reliability/test_interrupted.py tests/robustness/reliability/test_clock.py \
		tests/robustness/reliability/test_defences.py
	$(BIN)/python -m tests.robustness.reliability.record $(VENV)/reliability

mutation: $(VENV)/.dev  ## Change the code that decides order and calls, and see that tests notice (an hour)
	@$(PIP) "cosmic-ray>=8.4,<9"
	AGAIN=$(AGAIN) LIMIT=$(LIMIT) tests/robustness/mutation/run.sh

lock: $(VENV)/.made  ## Resolve the locked dependencies again (UV_ARGS=--upgrade for the newest)
	@$(BIN)/python -m pip install --quiet uv
	UV=$(BIN)/uv requirements/refresh.sh $(UV_ARGS)

audit: $(VENV)/.made  ## Look the locked dependencies up in the database of vulnerabilities (needs network)
	@$(BIN)/python -m pip install --quiet pip-audit
	$(BIN)/pip-audit --requirement requirements/dev.txt --no-deps --disable-pip

clean:  ## Remove .venv and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis build dist
