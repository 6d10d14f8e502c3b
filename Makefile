# Every habit of the house is one target. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV ?= .venv
PY := $(VENV)/bin/python
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1m%-18s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.site: requirements/site.txt requirements/constraints.txt scripts/venv.sh
	scripts/venv.sh $(VENV) site
	@touch $@

$(VENV)/.dev: requirements/dev.txt requirements/site.txt requirements/constraints.txt scripts/venv.sh examples/goals/backend/requirements.txt
	scripts/venv.sh $(VENV) dev
	@touch $@ $(VENV)/.site

.PHONY: lint
lint: $(VENV)/.dev ## ruff, mypy, yamllint, ansible-lint
	ruff check .
	ruff format --check .
	mypy -p local_region
	yamllint .
	ansible-lint

.PHONY: test-unit
test-unit: $(VENV)/.dev ## the tests that start no process
	pytest tests/unit
