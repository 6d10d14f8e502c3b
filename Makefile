# Every habit of the house is one target; `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
ifeq ($(MAKELEVEL),0)
# What doesn't need each other goes side by side. Said here alone: a make within that is given a number of its own
# leaves this one's pipe open in all it starts, so that this one waits for the container engine's end.
MAKEFLAGS += --jobs=2
endif

VENV ?= .venv
STATE_DIR ?= .region
INVENTORY ?= inventories/local
# The workload's version: the image's tag, and what the backend says of itself.
VERSION ?= 1.0.0
# Where the local region's registry has it.
IMAGE ?= registry.gitlab.example/goals/backend
# More arguments for ansible-playbook or pytest: make site ARGS='--check --diff', make test-unit ARGS='-k plan'.
ARGS ?=

export PATH := $(abspath $(VENV))/bin:$(PATH)
# Ansible and the region start often: what Python has compiled once is kept, even where the machine says otherwise.
unexport PYTHONDONTWRITEBYTECODE
REGION := python -m local_region
STATE := --state-dir $(STATE_DIR)
COLLECTION := ansible_collections.ha_stack.aws.plugins.module_utils

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' Makefile

# --- The site ---------------------------------------------------------------------------------------------------

# Where the local inventory finds the region's registry password.
site deploy destroy drill: export LOCAL_REGION_STATE := $(abspath $(STATE_DIR))

.PHONY: site
site: push ## bring up the local region and deploy the whole stack on it; again changes nothing
	ansible-playbook -i $(INVENTORY) playbooks/site.yml $(ARGS)

.PHONY: deploy
deploy: region-up goals-image ## bring the image of VERSION=... to every instance, with no failed request
	$(REGION) push $(STATE) goals:$(VERSION) goals/backend:$(VERSION)
	ansible-playbook -i $(INVENTORY) playbooks/deploy.yml -e backend_image=$(IMAGE):$(VERSION) $(ARGS)

.PHONY: destroy
destroy: $(VENV)/.site ## remove the stack, whatever state it is in (asks for its name; STACK=name answers)
	ansible-playbook -i $(INVENTORY) playbooks/destroy.yml $(if $(STACK),-e confirm=$(STACK)) $(ARGS)

.PHONY: drill
drill: $(VENV)/.site ## break a part of the stack while clients are at work (DRILL=name STACK=name), and report what they saw
	ansible-playbook -i $(INVENTORY) playbooks/drill.yml -e drill=$(DRILL) $(if $(STACK),-e drill_confirm=$(STACK)) $(ARGS)

.PHONY: region-up
region-up: images ## start the local region
	$(REGION) up $(STATE)

.PHONY: region-down
region-down: $(VENV)/.site ## stop the local region and remove all it made
	$(REGION) down $(STATE)

.PHONY: push
push: region-up goals-image ## put the goals image into the region's registry
	$(REGION) push $(STATE) goals:$(VERSION) goals/backend:latest

# --- What they need ---------------------------------------------------------------------------------------------

.PHONY: venv
venv: $(VENV)/.site ## the virtual environment with what the site needs

$(VENV)/.site: requirements/site.txt requirements/constraints.txt scripts/venv.sh
	scripts/venv.sh $(VENV) site
	@touch $@

# Not side by side with .site: both write the same environment.
$(VENV)/.dev: requirements/dev.txt examples/goals/backend/requirements.txt | $(VENV)/.site
$(VENV)/.dev: requirements/site.txt requirements/constraints.txt scripts/venv.sh scripts/compared.sh
	scripts/venv.sh $(VENV) dev
	scripts/compared.sh $(VENV)
	@touch $(VENV)/.site $@

$(VENV)/.bench: requirements/bench.txt | $(VENV)/.dev
	scripts/venv.sh $(VENV) bench
	@touch $@

.PHONY: engine
engine: ## a container engine: the one that answers, or else one is installed and started
	scripts/engine.sh

.PHONY: images
images: engine $(VENV)/.site ## the base image and the region's images, those that are not there yet
	python -m local_region.plane.docker build

.PHONY: goals-image
goals-image: images ## the workload's image
	scripts/goals-image.sh goals:$(VERSION)

# --- Tests ------------------------------------------------------------------------------------------------------

# So many processes, each with a region of its own; a file's tests stay together, the longest files come first.
SIDE_BY_SIDE := --dist loadfile --numprocesses
LONGEST_FIRST := $(addprefix tests/integration/,cores site)
THE_OTHERS = $(filter-out $(LONGEST_FIRST) %/__pycache__,$(patsubst %/,%,$(wildcard tests/integration/*/)))

.PHONY: test
test: $(VENV)/.dev ## what CI runs: the quickest first, and alone what measures
	for suites in "lint test-unit" "test-integration test-molecule test-plane" test-e2e; do \
	  echo "== $$suites"; time $(MAKE) --output-sync=target $$suites; done

.PHONY: lint
lint: $(VENV)/.dev ## ruff, mypy, yamllint, ansible-lint
	ruff check .
	ruff format --check .
	mypy -p local_region -p goals -p $(COLLECTION)._model -p $(COLLECTION)._plan -p $(COLLECTION)._drill
	git ls-files --cached --others --exclude-standard "*.yml" "*.yaml" .ansible-lint .yamllint | xargs yamllint --strict
	ansible-lint

.PHONY: test-unit
test-unit: $(VENV)/.dev ## the tests that need nothing but Python
	pytest $(SIDE_BY_SIDE) 2 tests/unit $(ARGS)

.PHONY: test-integration
test-integration: $(VENV)/.dev ## modules and control plane against a region without containers
	scripts/apt.sh postgresql
	pytest $(SIDE_BY_SIDE) 4 --no-loadscope-reorder $(LONGEST_FIRST) $(THE_OTHERS) $(ARGS)

.PHONY: test-molecule
test-molecule: $(VENV)/.dev ## every molecule scenario, on a region without containers
	scripts/molecule.sh

.PHONY: test-plane
test-plane: $(VENV)/.dev images ## the region's data plane: instances, load balancer, database, network
	scripts/apt.sh haproxy
	pytest tests/plane $(ARGS)

.PHONY: test-e2e
test-e2e: $(VENV)/.dev images goals-image ## the whole site in containers, seen by a browser and the AWS CLI
	scripts/apt.sh chromium
	pytest tests/e2e -m "not long" $(ARGS)

.PHONY: drills
drills: $(VENV)/.dev images goals-image ## every drill, on a site of its own
	scripts/apt.sh chromium
	pytest tests/e2e/test_drills.py $(ARGS)

.PHONY: bench
bench: $(VENV)/.bench ## this collection beside amazon.aws and plain boto3, into docs/benchmark.md (ARGS='--rounds 1' for a look)
	python -m tests.bench $(ARGS)

.PHONY: bench-site
bench-site: $(VENV)/.dev ## a fresh site beside its critical path, where all takes AWS's minutes, and its no-op (16; ARGS='--time-scale 0.25' for a look)
	python -m tests.bench.site $(ARGS)

.PHONY: clean
clean: ## remove the virtual environment and every cache (the region must be down)
	@[ ! -e $(STATE_DIR)/region.json ] || { echo "A region is up, or was killed: make region-down first." >&2; exit 1; }
	rm -rf $(VENV) .cache .ansible .pytest_cache .ruff_cache build
	find . -name __pycache__ -prune -exec rm -rf {} +
