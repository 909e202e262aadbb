# Two commands do everything: `make demo` and `make test`. Both set themselves up.
VENV   ?= .venv
PYTHON ?= python3
BIN     = $(VENV)/bin
STAMP   = $(VENV)/.ready
READY   = $(VENV)/.compiled
KERNELS = $(shell find src -path '*/kernels/*.py')

.PHONY: demo test check lint types contracts bench setup clean

demo: $(READY) ## make the demonstration county, monitor two years, show the report
	$(BIN)/shuibao demo --open demo

test: $(READY) ## all tests
	$(BIN)/python -m pytest -n auto --dist loadfile

check: lint types contracts ## what must hold besides the tests

lint: $(STAMP)
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks

types: $(STAMP)
	$(BIN)/mypy

contracts: $(STAMP)
	$(BIN)/lint-imports

bench: $(READY) ## speed, as ratios side by side in one run
	$(BIN)/python benchmarks/terrain.py --peers
	$(BIN)/python benchmarks/monitoring.py

setup: $(READY)

$(STAMP): pyproject.toml tools/set-up
	PYTHON=$(PYTHON) VENV=$(VENV) sh tools/set-up
	touch $@

# numba does not see that a kernel imported from another file has changed, so any change compiles all of them anew.
$(READY): $(STAMP) $(KERNELS)
	find src -name '*.nb[ic]' -delete
	@echo "Setting up: compiling the kernels (once, about a minute)"
	$(BIN)/shuibao warm-up
	touch $@

clean:
	rm -rf $(VENV) demo .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
