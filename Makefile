# `make help` lists the targets. Each sets up .venv first; PYTHON=… selects the interpreter, VENV=… the folder.
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules --no-print-directory

# Exported variables with the names of the others are meant for other programs: only arguments of `make` set them.
PYTHON ?= $(shell scripts/find-python)
PYTHONS = $(shell scripts/find-python --all)
VENV := .venv
# Python inside the environment; `-m` works even after the folder has moved.
RUN = $(VENV)/bin/python
READY = $(VENV)/.ready
PIP = $(RUN) -m pip install --quiet --disable-pip-version-check --no-user
unexport PIP_DRY_RUN PIP_PREFIX PIP_PYTHON PIP_ROOT PIP_TARGET PYTHONHOME PYTHONINSPECT PYTHONPATH PYTHONSAFEPATH
# Without compiled modules, each of the many processes of a test would compile all of them.
unexport PYTHONDONTWRITEBYTECODE
# Number of tests that run in parallel, and further arguments for pytest: make test ARGS="-k golden"
JOBS := auto
ARGS :=
PYTEST = $(RUN) -m pytest $(ARGS)
SOURCES = generator pulumi_stacks scripts tests

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' Makefile

$(READY): requirements/dev.txt pyproject.toml
	@python="$(PYTHON)"; test -n "$$python" && "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "PYTHON=$$python: not Python 3.11 or newer; choose one with \`make $(MAKECMDGOALS) PYTHON=/path/to/python\`" >&2; exit 2; }
	"$(PYTHON)" -m venv --clear $(VENV)
	$(PIP) --require-hashes -r requirements/dev.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@$(RUN) -I -c 'import generator, pytest'
	@touch $@

# Recreated if its Python was deleted, or if it came with a copy of the folder and imports the other one.
SAME = import os, sys, generator; sys.exit(not os.path.samefile(generator.__path__[0], "generator"))
ifneq ($(shell $(RUN) -I -c '$(SAME)' 2>/dev/null && echo same),same)
.PHONY: $(READY)
endif

.PHONY: setup
setup: $(READY) ## make .venv from the locked requirements

.PHONY: test
test: $(READY) ## all tests that need no engine, in a few minutes; properties with few examples
	$(PYTEST) -n $(JOBS) -m "not engine and not slow" tests

.PHONY: lint
lint: $(READY) ## formatter, linter, type checker and banned words, changing nothing
	$(RUN) -m ruff format --check $(SOURCES)
	$(RUN) -m ruff check $(SOURCES)
	$(RUN) -m mypy
	$(RUN) -m scripts.words

.PHONY: format
format: $(READY) ## format the sources and fix what the linter can
	$(RUN) -m ruff check --fix $(SOURCES)
	$(RUN) -m ruff format $(SOURCES)

.PHONY: demo
demo: $(READY) ## render examples/02-shop into build/shop and, with Docker and Pulumi, run it
	$(RUN) scripts/demo.py up

.PHONY: demo-down
demo-down: $(READY) ## remove what the demo created, including its data
	$(RUN) scripts/demo.py down

RUNTIME :=
.PHONY: conformance
conformance: $(READY) ## test the service contract on the built image of each runtime, or of RUNTIME=… (Docker)
	CN_CONTRACT_RUNTIMES=$(RUNTIME) $(PYTEST) tests/contract

.PHONY: record
record: $(READY) ## write the results of conformance and bench to docs/runtimes.md; RUNTIME=… (Docker, wrk)
	CN_CONTRACT_RUNTIMES=$(RUNTIME) $(PYTEST) --record tests/contract
	$(RUN) -m scripts.bench --record $(if $(RUNTIME),--only $(RUNTIME))
	$(RUN) -m scripts.docs

.PHONY: browser
browser: $(READY) ## test the page of cn graph in a browser (chromium, chromedriver)
	$(PYTEST) tests/browser

.PHONY: generated
generated: $(READY) ## run linters and tests of generated repositories (Docker)
	$(PYTEST) tests/generated

.PHONY: e2e
e2e: $(READY) ## test from cn-new to a running system and back (Docker, Pulumi)
	$(PYTEST) tests/e2e

.PHONY: first
first: $(READY) ## run every documented command as the first one in a fresh repository (Docker, Pulumi, a cluster, Go)
	$(PYTEST) -n $(JOBS) -m "engine or slow" tests/first

.PHONY: cluster
cluster: $(READY) ## test on the Kubernetes cluster of KUBECONFIG, whose node is this machine (Docker, Pulumi)
	$(PYTEST) tests/cluster

.PHONY: bench
bench: $(READY) ## measure ratios against named peers, side by side (Docker, wrk)
	$(RUN) -m scripts.bench $(ARGS)

.PHONY: packaging
packaging: $(READY) ## test wheel and sdist in empty environments (package registry)
	$(PYTEST) tests/packaging

.PHONY: test-all-pythons
test-all-pythons: ## run `make test` on each installed Python from 3.11 to 3.13
	@set -e; for python in $(PYTHONS); do \
	  version=$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); echo "== Python $$version"; \
	  $(MAKE) test PYTHON=$$python VENV=.venv-$$version; done

# The same seed gives the same specs, on any machine with the locked Hypothesis.
SPECS := 25
SEED := 1
.PHONY: parity
parity: $(READY) ## compare our renderer with Copier on the examples and SPECS=25 random specs of SEED=1, and test the Copier commands in docs/
	CN_SPECS=$(SPECS) CN_SEED=$(SEED) $(PYTEST) -n $(JOBS) tests/parity tests/docs/test_templates.py

.PHONY: faults
faults: $(READY) ## inject an error, a kill, a full disk at every call that writes (strace, root)
	$(PYTEST) -n $(JOBS) tests/faults tests/unit/repository/test_existing_files.py \
	  tests/unit/repository/test_writer_interrupts.py

.PHONY: property
property: $(READY) ## the slower tests that need no engine: properties with all examples, parity, fuzz, faults
	CN_EXAMPLES=all $(PYTEST) -n $(JOBS) -m "hypothesis and not engine" tests
	$(MAKE) parity
	$(MAKE) fuzz
	$(MAKE) faults

MUTANTS := 20000
.PHONY: fuzz
fuzz: $(READY) ## MUTANTS=20000 mutated specs of SEED=1: each is rejected with a message, or rendered
	$(RUN) -m tests.fuzz --count $(MUTANTS) --seed $(SEED)

.PHONY: long
long: ## run the long forms of seeded tests: fuzz, and parity with 500 specs
	$(MAKE) fuzz
	$(MAKE) parity SPECS=500

.PHONY: golden
golden: docs ## update the expected trees of the examples, and the docs; read the diff
	$(PYTEST) --update-golden tests/golden

.PHONY: docs
docs: $(READY) ## update the tables and examples in docs/
	$(RUN) -m scripts.docs

.PHONY: wheel
wheel: $(READY) ## build sdist and wheel into dist/
	$(RUN) -m hatchling build

# The resolver runs in a temporary environment, because it is not part of the lock that it writes.
.PHONY: lock
lock: ## update requirements/*.txt (all versions as high as pyproject.toml allows)
	scripts/lock

.PHONY: clean
clean: ## remove environments and caches; keeps build/shop and its state
	rm -rf .venv .venv-3.* dist build/.*_cache .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +
