# Headroom. `make` alone lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules

export BUILD ?= $(shell git rev-list --count HEAD 2>/dev/null || echo 1)
export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION ?= eu-west-2

# The first Python 3.13 there is: a shim that is on the path but answers for another version does not count.
PYTHON = $(shell for python in python3.13 python3 python "$$(uv python find 3.13 2>/dev/null)"; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null && echo "$$python" && break; done)
RUN := .venv/bin/python -m

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: .venv/.stamp .venv-sam/.stamp .venv-emulator/.stamp ## build, deploy to a local AWS emulator, land the samples (or LANDING=dir), serve the API (PORT=n)
	@exec $(RUN) infra.ops.run $(if $(LANDING),--landing "$(LANDING)") $(if $(PORT),--port $(PORT))

.PHONY: release
release: .venv/.stamp ## LANDING=dir OUT=dir: the same flow in one process; writes the release's tables and receipts
	@exec $(RUN) infra.ops.release $(if $(LANDING),--landing "$(LANDING)") $(if $(OUT),--out "$(OUT)")

.PHONY: check-file
check-file: .venv/.stamp ## DATASET=d PERIOD=p FILE=f [PART=x] [METHOD=dir] [OUT=dir]: the receipt a file would get; lands nothing
	@exec $(RUN) infra.ops.check_file $(if $(DATASET),--dataset "$(DATASET)") $(if $(PERIOD),--period "$(PERIOD)") \
		$(if $(PART),--part "$(PART)") $(if $(FILE),--file "$(FILE)") $(if $(METHOD),--method "$(METHOD)") $(if $(OUT),--out "$(OUT)")

.PHONY: method
method: .venv/.stamp ## OUT=file [METHOD=dir]: the method's documents as the one file that is landed
	@exec $(RUN) infra.ops.method_file $(if $(METHOD),--method "$(METHOD)") $(if $(OUT),--out "$(OUT)")

# Of a deployed stack, found by STAGE or STACK; AWS_ENDPOINT_URL leads to an emulator; DRY_RUN=1 only says what would be done.
OF_STACK = $(if $(STAGE),--stage "$(STAGE)") $(if $(STACK),--stack "$(STACK)") $(if $(DRY_RUN),--dry-run)

.PHONY: replay
replay: .venv/.stamp ## STAGE=s [DATASET=d [PERIOD=p]] [DRY_RUN=1]: have landed files looked at again
	@exec $(RUN) infra.ops.replay replay $(OF_STACK) $(if $(DATASET),--dataset "$(DATASET)") $(if $(PERIOD),--period "$(PERIOD)")

.PHONY: redrive
redrive: .venv/.stamp ## STAGE=s [QUEUE=q] [DRY_RUN=1]: return dead letters to where they came from
	@exec $(RUN) infra.ops.replay redrive $(OF_STACK) $(if $(QUEUE),--queue "$(QUEUE)")

.PHONY: rebuild
rebuild: .venv/.stamp ## STAGE=s CONFIRM=bucket [DRY_RUN=1]: make the data bucket anew from the landing bucket
	@exec $(RUN) infra.ops.replay rebuild $(OF_STACK) $(if $(CONFIRM),--confirm "$(CONFIRM)")

.PHONY: preview
preview: .venv/.stamp ## STAGE=s: the preview release compared with the current one
	@exec $(RUN) infra.ops.decide preview $(OF_STACK)

.PHONY: releases
releases: .venv/.stamp ## STAGE=s: which releases readers saw, when, and what operators decided
	@exec $(RUN) infra.ops.decide releases $(OF_STACK)

DECIDED = $(OF_STACK) $(if $(RELEASE),--release "$(RELEASE)") $(if $(WHY),--why "$(WHY)") $(if $(WHO),--who "$(WHO)")

.PHONY: promote
promote: .venv/.stamp ## STAGE=s RELEASE=preview WHY="…" [WHO=…]: make the preview release the current one
	@exec $(RUN) infra.ops.decide promote $(DECIDED)

.PHONY: rollback
rollback: .venv/.stamp ## STAGE=s RELEASE=earlier FROM=current WHY="…" [WHO=…]: go back to an earlier release and hold it
	@exec $(RUN) infra.ops.decide rollback $(DECIDED) $(if $(FROM),--instead-of "$(FROM)")

.PHONY: resume
resume: .venv/.stamp ## STAGE=s WHY="…" [WHO=…]: lift the hold
	@exec $(RUN) infra.ops.decide resume $(OF_STACK) $(if $(WHY),--why "$(WHY)") $(if $(WHO),--who "$(WHO)")

.PHONY: token
token: .venv/.stamp ## STAGE=s SCOPES="operate": an access token of the stack's Cognito, for what takes one
	@exec $(RUN) infra.ops.tokens $(if $(STAGE),--stage "$(STAGE)") $(if $(STACK),--stack "$(STACK)") $(if $(SCOPES),--scopes "$(SCOPES)")

.PHONY: smoke
smoke: .venv/.stamp ## STAGE=s: try a deployed stack with four files under dry-run/, compare their receipts with this checkout's
	@exec $(RUN) infra.ops.smoke $(if $(STAGE),--stage "$(STAGE)") $(if $(STACK),--stack "$(STACK)")

.PHONY: preflight
preflight: .venv/.stamp ## STAGE=s: what must be true of an account before the stage is deployed; changes nothing
	@exec $(RUN) infra.ops.preflight $(if $(STAGE),--stage "$(STAGE)")

# Each part says at its end which of its tests took longest; the last lines say how long each part took.
TIMED = began=$$(date +%s) && { $(1); } && echo "$(2): $$(( $$(date +%s) - began )) s" >> .timed
SYSTEM_TESTS = $(RUN) pytest tests/system --durations 10

.PHONY: test
test: .venv/.stamp .venv-sam/.stamp .venv-emulator/.stamp ## every test
	@: > .timed
	@$(call TIMED,$(RUN) pytest -n 2 --ignore tests/system --durations 10,all but the system tests)
	@$(call TIMED,$(SYSTEM_TESTS),system tests on the emulator)
	@cat .timed && rm .timed

.PHONY: system-test
system-test: .venv/.stamp .venv-sam/.stamp .venv-emulator/.stamp ## only the tests on the local AWS emulator
	@$(SYSTEM_TESTS)

.PHONY: any-day
any-day: .venv/.stamp .venv-sam/.stamp ## [DAY=name]: all but the system tests on other days, in another time zone and locale (needs faketime)
	@exec $(RUN) infra.local.any_day $(DAY)

.PHONY: any-day-short
any-day-short: .venv/.stamp .venv-sam/.stamp .venv-checkov/.stamp ## make check and the API's tests, 400 days ahead
	@$(RUN) infra.local.any_day in-400-days $(MAKE) check
	@$(RUN) infra.local.any_day in-400-days $(RUN) pytest -n 2 tests/api

.PHONY: load
load: .venv/.stamp .venv-sam/.stamp .venv-emulator/.stamp ## a thousand files at once and two hundred readers, on the emulator
	LOAD_FILES=1000 LOAD_READERS=200 $(RUN) pytest tests/system/test_load.py -s

.PHONY: nightly
nightly: .venv/.stamp ## five hundred examples of whatever may happen, and a crash at every single call
	HYPOTHESIS_PROFILE=nightly $(RUN) pytest tests/pipeline/test_convergence.py tests/pipeline/test_crashes.py

.PHONY: bench
bench: .venv/.stamp ## [CASES="…"] [OUT=file]: ours beside DuckDB, pandas and NumPy; writes bench.json, prints a table
	@exec $(RUN) benchmarks $(CASES) $(if $(OUT),--out "$(OUT)")

.PHONY: check
check: .venv/.stamp .venv-sam/.stamp .venv-checkov/.stamp ## lint and types; changes nothing
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	.venv/bin/lint-imports
	.venv/bin/cfn-lint
	$(RUN) infra.generate.openapi --check
	$(RUN) infra.generate.glue_tables --check
	$(RUN) infra.generate.alarms --check
	$(RUN) infra.generate.cognito --check
	$(RUN) infra.generate.method_page --check
	$(RUN) infra.generate.contract_page --check
	.venv-sam/bin/sam validate --lint
	.venv-checkov/bin/checkov --config-file .checkov.yaml

.PHONY: fix
fix: .venv/.stamp ## format, mend what can be mended, write what is generated
	$(RUN) ruff check --fix .
	$(RUN) ruff format .
	$(RUN) infra.generate.event_schemas
	$(RUN) infra.generate.glue_tables
	$(RUN) infra.generate.alarms
	$(RUN) infra.generate.cognito
	$(RUN) infra.generate.contract_page
	$(RUN) infra.generate.openapi
	$(RUN) infra.generate.method_page

# One virtual environment per set of locked requirements: the emulator pins botocore, SAM boto3, checkov a hundred others.
LOCK_dev := .venv
LOCK_sam := .venv-sam
LOCK_emulator := .venv-emulator
LOCK_checkov := .venv-checkov
define environment
$(LOCK_$(1))/.stamp: requirements/$(1).txt
	@test -n "$$(PYTHON)" || { echo "Headroom needs Python 3.13: install it (pyenv, uv or your system's packages) and run make again." >&2; exit 1; }
	@echo "setting up $$(@D) …"
	@$$(PYTHON) -m venv $$(@D)
	@$$(@D)/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r $$<
	@touch $$@
endef
$(foreach name,dev sam emulator checkov,$(eval $(call environment,$(name))))

# `sam build` calls these with ARTIFACTS_DIR set: the function's folder, `shared`, and its own requirements for Lambda's
# platform. Sources run unchanged, so import paths are the same in the repository, in tests and in Lambda.
# Bytecode goes along: Lambda's disk is read-only, so every cold start would compile all of it again.
ARCHITECTURE ?= x86_64
BUILD_PYTHON = $(or $(wildcard .venv/bin/python),$(PYTHON))
platform := $(patsubst arm64,aarch64,$(ARCHITECTURE))
lower = $(shell echo $(1) | tr A-Z a-z)
FUNCTIONS := Ingest Peers Opportunities Api

.PHONY: $(FUNCTIONS:%=build-%Function)
$(FUNCTIONS:%=build-%Function): build-%Function:
	@mkdir -p $(ARTIFACTS_DIR)/functions
	@cp functions/__init__.py $(ARTIFACTS_DIR)/functions/
	@cp -R functions/$(call lower,$*) $(ARTIFACTS_DIR)/functions/
	@cp -R shared $(ARTIFACTS_DIR)/
	@rm -f $(ARTIFACTS_DIR)/functions/*/requirements.*
	@find $(ARTIFACTS_DIR) -name __pycache__ -prune -exec rm -rf {} +
	@$(BUILD_PYTHON) -m pip install -qq --disable-pip-version-check --require-hashes --no-deps --no-compile \
		--target $(ARTIFACTS_DIR) --only-binary :all: --implementation cp --python-version 3.13 \
		--platform manylinux_2_28_$(platform) --platform manylinux2014_$(platform) \
		-r functions/$(call lower,$*)/requirements.txt
	@rm -rf $(ARTIFACTS_DIR)/bin
	@$(BUILD_PYTHON) -m compileall -q --invalidation-mode unchecked-hash -s $(ARTIFACTS_DIR) -p /var/task $(ARTIFACTS_DIR)

.PHONY: build-LibrariesLayer
build-LibrariesLayer: build-parameters
	@$(BUILD_PYTHON) -m infra.layer $(ARTIFACTS_DIR) --architecture $(ARCHITECTURE)

# What `sam deploy` of a stage has to know of the build: samconfig.toml names the file. TAKEOVER=at-once goes before the
# stage's own choice, for a build that mends what makes an alarm ring.
.PHONY: build-parameters
build-parameters:
	@mkdir -p .aws-sam && printf 'Build: "%s"\nArchitecture: %s\n$(if $(TAKEOVER),Takeover: $(TAKEOVER)\n)' \
		$(BUILD) $(ARCHITECTURE) > .aws-sam/built.yaml

.PHONY: lock
lock: ## resolve every requirements/*.in and functions/*/requirements.in anew
	@test -x .venv-lock/bin/uv || { $(PYTHON) -m venv .venv-lock && .venv-lock/bin/python -m pip install -qq uv; }
	@for name in dev sam emulator checkov; do \
		.venv-lock/bin/uv pip compile --quiet --no-header --generate-hashes --python-version 3.13 --upgrade \
			requirements/$$name.in -o requirements/$$name.txt || exit 1; done
	@for deployed in requirements/layer.in functions/*/requirements.in; do \
		.venv-lock/bin/uv pip compile --quiet --no-header --generate-hashes --python-version 3.13 \
			-c requirements/dev.txt $$deployed -o $${deployed%.in}.txt || exit 1; done
