# Needs git, make and Python 3.11; each target installs whatever else it lacks.
SHELL := /bin/bash
.DEFAULT_GOAL := help
# A plain user's PATH lacks the folder in which Debian keeps servers.
export PATH := $(PATH):/usr/sbin:/sbin
# pytest keeps what it made of each test module; to make it anew takes longer than many tests.
unexport PYTHONDONTWRITEBYTECODE
# What bash's `time` says after each step.
export TIMEFORMAT := == took %0R s

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -q
# Tests of one file share their servers, so they stay in one process; conftest.py says what goes
# first. Two processes keep two cores busy, and eight where tests of servers wait most of their time.
BY_FILE := --dist loadfile --no-loadscope-reorder
BOTH_CORES := -n 2 $(BY_FILE)
LONGEST := --durations 10 --durations-min 1
# In a fresh clone pytest makes each test module ready once, beside the types, and not in eight processes.
READ := .cache/tests-read

.NOTPARALLEL:
.PHONY: help demo check test static env dev servers unit integration deep truth chaos chaos-long sites sites-load failover shape golden bench bench-check lock audit clean \
    package bundle try-packages

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: env ## a small office, counted end to end, in a quarter of a minute
	@$(BIN)/copier-fleet demo

check: static unit ## format, lint, types, layers, quick unit tests: the loop while working

test: static servers ## everything, integration tests on real servers too: what CI runs
	@echo "== tests"
	@time $(PYTEST) -n 8 $(BY_FILE) $(LONGEST)

static: dev
	@echo "== scripts" && for script in $$(grep -lE "^#!.*(bash|/sh)" .ci/* systemd/*/* tests/package/*); do bash -n "$$script" || exit 1; done
	@echo "== format" && time $(BIN)/ruff format --check .
	@echo "== lint" && time $(BIN)/ruff check .
	@if [ ! -e $(READ) ]; then mkdir -p $(dir $(READ)) && $(PYTEST) --collect-only >/dev/null 2>&1 && touch $(READ); fi & \
	echo "== types" && time $(BIN)/mypy && wait
	@echo "== layers" && time $(BIN)/lint-imports --no-logo

unit: dev ## unit tests without the slow ones, few examples a law
	@echo "== unit tests"
	@time COPIER_FLEET_TEST_PROFILE=few $(PYTEST) -m "not integration and not slow" $(BOTH_CORES) $(LONGEST)

integration: dev servers ## tests on real servers only
	@time $(PYTEST) -m integration $(LONGEST)

deep: dev ## the laws, on thousands of generated examples each
	@COPIER_FLEET_TEST_PROFILE=deep $(PYTEST) -m "not integration" $(BOTH_CORES)

truth: dev ## made-up offices with every accident against what was really printed: RUNS=500 SEED=1
	@$(BIN)/python -m tests.truth --runs $(or $(RUNS),500) --seed $(or $(SEED),1)

chaos: dev servers ## the running service under every fault, page by page, in five minutes: SEED=1
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED))

chaos-long: dev servers ## the same for hours: DURATION=minutes SEED=1
	@$(BIN)/python -m tests.chaos --minutes $(or $(DURATION),180) --at-once 99 $(if $(SEED),--seed $(SEED))

sites: dev servers ## 62 sites, 12,000 copiers, one centre under blows, fact by fact, in five minutes: SEED=1
	@$(BIN)/python -m tests.sites $(if $(SEED),--seed $(SEED)) $(SITES)

sites-load: dev servers ## how much one centre takes and what is reached first: LOAD="steady --rate 500"
	@$(BIN)/python -m tests.sites.load $(LOAD)

shape: dev ## how many modules, how large, what stands twice: SHAPE_OF=folder of another checkout
	@$(BIN)/python -m tests.architecture.shape $(SHAPE_OF)

golden: dev ## all that a fixed office publishes, seals and prints, as texts in OUT=folder
	@$(BIN)/python -m tests.golden $(OUT)

failover: dev servers ## a centre loses its PostgreSQL under load: SITES=8, SILENT=1 for one that hangs
	@$(BIN)/python -m tests.sites.failover $(if $(SITES),--sites $(SITES)) $(if $(SILENT),--silent)

bench: dev servers ## figures in one table, with their goals: BENCH="get polls" for some, --json FILE
	@$(BIN)/python -m tests.bench $(BENCH)

bench-check: dev servers ## the same, and failing where one is a quarter beyond tests/bench/baseline.json
	@$(BIN)/python -m tests.bench --check $(BENCH)

servers: ## Debian's servers that the integration tests start
	@bash .ci/servers

env: ## .venv with what the collector needs
	@bash .ci/python-env run

dev: ## .venv with the tools of the tests as well
	@bash .ci/python-env dev

package: ## dist/*.deb: installs on Debian 12 without internet, SBOM beside it
	@bash .ci/package

bundle: ## dist/*.tar.gz: the same for other systems, with install.sh
	@bash .ci/bundle

try-packages: package bundle ## both in a fresh Debian 12 without a network; as root
	@bash tests/package/try_install

audit: ## whether a locked version is known to be vulnerable, where that can be asked
	@bash .ci/audit

lock: ## write the lock files anew; versions move with: .ci/lock --upgrade
	@bash .ci/lock

clean: ## remove what the targets made
	rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist
