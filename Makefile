# Everything a developer runs. `make help` lists it.
#
# Another interpreter beside the first one: make test PYTHON=python3.13 VENV=.venv-3.13

# Tried in this order. A name may be on PATH and yet run nothing (the shims of pyenv), so each is tried out.
PYTHON ?= python3.13 python3.12 python3.11 python3
VENV ?= .venv
# The SAM CLI pins boto3 and click, so it lives on its own.
VENV_SAM ?= .venv-sam
# The AWS CLI, for the tests in which it starts releases: it brings a botocore of its own.
VENV_AWS = .venv-aws
# Programs that only look at files or install them; they share no package with what they look at.
VENV_TOOLS = .venv-tools
# What writes the hashed pins and describes a version; only `make pins` and `make package` need it.
VENV_RELEASE = .venv-release
# Each worker starts a cloud of its own, which takes as long as ten releases; two would wait for real time now and then.
WORKERS ?= 3
# Draws of each recorded deployment; 40 take a minute or two.
DRAWS ?= 40
TARGETS ?= 100
RELEASES ?= 100
DRAINS ?= 200

PYTEST = $(VENV)/bin/python -m pytest --quiet
PARALLEL = --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder
# Without what they do not use: the plugin of hypothesis takes as long to load as two releases.
CLOUDS = $(PARALLEL) -p no:hypothesispytest
# A region, since SAM wants one; no account is asked for anything.
SAM = AWS_DEFAULT_REGION=us-east-1 SAM_CLI_TELEMETRY=0 PIP_DISABLE_PIP_VERSION_CHECK=1 $(VENV_SAM)/bin/sam

.PHONY: help demo test lint types template validate build build-one package unit contract workflow command property coverage faults events bench \
	bench-chain bench-deciders bench-fast bench-fleet bench-judge bench-preflight bench-real bench-users newcomer schema cost tables diagram pictures pins clean
.SILENT:

help:  ## List these targets
	awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-11s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/ready  ## Run five releases on the local cloud; needs no account
	$(VENV)/bin/tidegate try

# Two parts at a time: those of the command wait for their cloud's clock while releases keep the processor busy.
# There is one cloud in a process, and three kinds: of contract tests, of releases, whose time leaps, and the command's.
test:  ## Run every gate: lint, types, template and all tests
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint types validate build-one $(VENV_AWS)/ready
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target EXAMPLES=gate workflow command unit contract property

lint: $(VENV)/ready $(VENV_TOOLS)/ready  ## Check style and format with ruff, and the files that CI systems read
	$(VENV)/bin/ruff check --quiet .
	$(VENV)/bin/ruff format --quiet --check .
	$(PYTEST) tests/lint

types: $(VENV)/ready  ## Check types with mypy --strict
	$(VENV)/bin/mypy --strict --no-error-summary

template: validate build-one  ## Check template.yaml and the state machine, and build the package
	$(PYTEST) tests/unit/test_template.py tests/unit/test_state_machine.py tests/unit/test_state_machine_text.py

validate: $(VENV)/ready $(VENV_SAM)/ready
	$(VENV)/bin/cfn-lint template.yaml docs/chat.yaml docs/starting/*.yaml docs/clients/*.yaml
	said=$$($(SAM) validate --lint 2>&1) || { echo "$$said"; exit 1; }

# Lambda's runtime has to be here, as a plain python3.13 or in pyenv.
build: $(VENV_SAM)/ready  ## Build the deployment package into .aws-sam (where python3.13 is installed)
	what=; $(BUILD)

# Every function has the same package, boto3 in it: the tests build that of one function, which takes a tenth of the files.
build-one: $(VENV_SAM)/ready
	what='PlanFunction --build-dir .aws-sam/one'; $(BUILD)

BUILD = PYENV_VERSION=$$(pyenv versions --bare 2>/dev/null | grep '^3\.13\.[0-9]*$$' | tail -1); export PYENV_VERSION; \
	if ! python3.13 -c '' 2>/dev/null; then echo "not built: there is no python3.13 here" >&2; exit 0; fi; \
	mkdir -p .aws-sam && $(SAM) build $$what >.aws-sam/build.log 2>&1 || { cat .aws-sam/build.log; exit 1; }

package: $(VENV)/ready $(VENV_TOOLS)/ready $(VENV_RELEASE)/ready  ## Build wheel and application into out/package, and install the wheel with pipx
	rm -rf .aws-sam/build
	$(MAKE) --no-print-directory build
	.ci/package $(abspath $(VENV)/bin/python) $(abspath $(VENV_TOOLS)/bin) $(abspath $(VENV_SAM)/bin/sam) $(abspath $(VENV_RELEASE)/bin)

unit: $(VENV)/ready  ## Run the unit tests
	$(PYTEST) tests/unit

contract: $(VENV)/ready  ## Run the tests that hold the local cloud to what AWS does
	$(PYTEST) $(PARALLEL) tests/contract

workflow: $(VENV)/ready  ## Run whole releases on the local cloud
	$(PYTEST) $(CLOUDS) tests/workflow

command: $(VENV)/ready $(VENV_AWS)/ready $(VENV_SAM)/ready  ## Run the tidegate command against the local cloud
	$(PYTEST) $(CLOUDS) tests/command

property: $(VENV)/ready  ## Run the property tests on new examples; EXAMPLES=gate takes those of `make test`
	EXAMPLES=$(or $(EXAMPLES),search) $(PYTEST) $(PARALLEL) tests/property

# Whole releases run in processes of the local cloud, which measure themselves; that takes longer than without.
coverage: $(VENV)/ready  ## Measure what the tests reach of domain/ and aws/; fails below 95 %
	rm -rf out/coverage && mkdir -p out/coverage
	$(VENV)/bin/coverage run -m pytest --quiet $(PARALLEL) tests/unit tests/property
	$(VENV)/bin/coverage run -m pytest --quiet $(PARALLEL) tests/workflow
	$(VENV)/bin/coverage combine --quiet
	$(VENV)/bin/coverage report

faults: $(VENV)/ready  ## Run 500 releases with random faults and check what is left of each (FAULTS='--count 60 --clouds 2')
	$(VENV)/bin/python -m tests.faults $(FAULTS)

events: $(VENV)/ready  ## Send 1,000 events, doubled, malformed and with faults, and check what became of each
	$(VENV)/bin/python -m tests.starting

bench: $(VENV)/ready build  ## Print the figures as JSON lines
	$(VENV)/bin/python -m bench

bench-preflight: $(VENV)/ready  ## Plan in a large account and for templates of usual shapes; print the figures
	$(VENV)/bin/python -m bench.preflight

bench-fleet: $(VENV)/ready  ## Release many functions together (TARGETS=100), judge simulated ones (RELEASES=100), drain (DRAINS=200); print the figures
	$(VENV)/bin/python -m bench.fleet --targets $(TARGETS) --releases $(RELEASES) --drains $(DRAINS)

bench-chain: $(VENV)/ready  ## Send orders through a chain of functions by weights and by users; print the figures
	PYTHONPATH=routing $(VENV)/bin/python -m bench.chain

bench-deciders: $(VENV)/ready  ## Let LaunchDarkly and AppConfig decide for users, on this machine; print the figures
	PYTHONPATH=routing $(VENV)/bin/python -m bench.deciders

bench-fast: $(VENV)/ready  ## Judge simulated traffic with looks at the logs; print the figures
	$(VENV)/bin/python -m bench.fast

bench-judge: $(VENV)/ready  ## Run the judge beside other rules on simulated traffic; write the tables
	$(VENV)/bin/python -m bench.judge

bench-real: $(VENV)/ready  ## Judge recorded deployments (DATA=file.csv, DRAWS=40 of each); write the table
	$(VENV)/bin/python -m bench.real "$(DATA)" --draws $(DRAWS)

# The library for callers is a package of its own, which nothing else here needs.
bench-users: $(VENV)/ready  ## Release to users, simulated (EACH=2000 in a cell), or on a trace (TRACE=file.csv SHARE=0.5 HOURS=6); print the figures
	PYTHONPATH=routing $(VENV)/bin/python -m bench.users $(if $(TRACE),--trace "$(TRACE)") \
	  $(if $(SHARE),--share $(SHARE)) $(if $(HOURS),--hours $(HOURS)) $(if $(EACH),--releases $(EACH))

schema: $(VENV)/ready  ## Write the JSON Schemas in docs/
	for what in request milestones project; do \
	  $(VENV)/bin/python -m tidegate_cli.schema $$what >docs/$$what.schema.json.new && \
	  mv docs/$$what.schema.json.new docs/$$what.schema.json || exit 1; \
	done

newcomer: $(VENV)/ready $(VENV_SAM)/ready  ## Count and time the commands up to a first release, by the pages' own text
	$(VENV)/bin/python -m bench.newcomer

cost: $(VENV)/ready  ## Count what releases take, and write what that costs into docs/cost.md
	$(VENV)/bin/python -m bench.cost
	$(VENV)/bin/python -m bench.fleet_cost

tables: $(VENV)/ready  ## Write the tables in docs/ that come from the code
	$(VENV)/bin/python -m tests.pages.tables

diagram: $(VENV)/ready  ## Draw the state machine afresh (with dot, from graphviz)
	$(VENV)/bin/python -m tests.pages.state_machine_drawing draw

pictures: $(VENV)/ready  ## Take the pictures in docs/ of a release on the local cloud (with chromium), draw that of the users
	$(VENV)/bin/python -m tests.pages.report_pictures
	PYTHONPATH=routing $(VENV)/bin/python -m bench.chain --picture docs/pictures/users.svg

# The versions are those that the tests run on; --universal covers every platform and each Python from the named one on.
COMPILE = $(VENV_RELEASE)/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--no-header --no-annotate --only-binary :all: --constraint requirements/dev.txt
pins: $(VENV_RELEASE)/ready  ## Write the hashed pins that command and functions are installed from
	head='# `make pins` writes this file: what pip may install, each file by its hash. Wheels only, so pip runs no code.'; \
	{ printf '%s\n--only-binary :all:\n--require-hashes\n' "$$head"; $(COMPILE) --python-version 3.11 pyproject.toml; } >requirements/command.txt.new && \
	{ printf '%s\n--only-binary :all:\n--require-hashes\n' "$$head"; echo hatchling | $(COMPILE) --python-version 3.11 -; } >requirements/build.txt.new && \
	head='# `make pins` writes this file: what the functions are deployed with, boto3 too: that of the runtime may be older.'; \
	{ echo "$$head"; printf '%s\n' aws-lambda-powertools boto3 pydantic | $(COMPILE) --python-version 3.13 -; } >functions/requirements.txt.new && \
	for each in requirements/command requirements/build functions/requirements; do mv $$each.txt.new $$each.txt; done

clean:  ## Remove environments, packages and caches
	rm -rf .venv .venv-* .aws-sam out .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# Makes $$venv afresh and installs $$pins; a half-made one is made again, since nothing says it is ready.
# Of what SAM and AWS CLI bring, most is never imported, so it is compiled when it is.
MAKE_VENV = \
	for python in $(PYTHON); do \
	  if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "making $$venv with $$($$python --version)" >&2; \
	    $$python -m venv --clear $$venv && $$venv/bin/pip install -qq --disable-pip-version-check $$options -r $$pins; exit; \
	  fi; \
	done; \
	echo "Python 3.11 or later with venv is needed; none of these is one: $(PYTHON)" >&2; \
	echo "Install one, or name it: make PYTHON=/usr/bin/python3.12" >&2; exit 1

$(VENV)/made: requirements/dev.txt
	venv=$(VENV); pins=requirements/dev.txt; options=; $(MAKE_VENV)
	touch $@

# The entry points of the command are in pyproject.toml.
$(VENV)/ready: $(VENV)/made pyproject.toml
	$(VENV)/bin/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(VENV_SAM)/ready: requirements/sam.txt
	venv=$(VENV_SAM); pins=requirements/sam.txt; options=--no-compile; $(MAKE_VENV)
	touch $@

$(VENV_AWS)/ready: requirements/aws-cli.txt
	venv=$(VENV_AWS); pins=requirements/aws-cli.txt; options=--no-compile; $(MAKE_VENV)
	touch $@

$(VENV_TOOLS)/ready: requirements/tools.txt
	venv=$(VENV_TOOLS); pins=requirements/tools.txt; options=--no-compile; $(MAKE_VENV)
	touch $@

$(VENV_RELEASE)/ready: requirements/release.txt
	venv=$(VENV_RELEASE); pins=requirements/release.txt; options=--no-compile; $(MAKE_VENV)
	touch $@
