# One command for each thing; `make` lists them. Every target sets itself up and is safe to repeat.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
SCENARIO ?= single

export PATH := $(CURDIR)/.venv/bin:$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help env lock demo demo-down test unit contract playbooks lint sanity molecule docs build engine images clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: env build ## install Harbor on five nodes, use it with real clients, cut the power of two nodes; leaves it running
	@tests/demo/demo.sh

demo-down: env ## remove everything that `make demo` made, and nothing else
	@tests/demo/down.sh

test: env ## run every test and print the counts last
	@python tools/test.py

unit: env ## unit and module tests (no engine needed)
	@# Two processes: filters load ansible's controller side, and a module that finds it in its process sends its warnings there.
	@pytest tests/unit && pytest tests/module

contract: env ## replay the recordings of a real Harbor against the stand-in
	@python -m pytest -q tests/contract && PYTHONPATH=tests/standin:. python -m tests.contract

playbooks: env build ## playbooks from the built tarball, on every ansible-core found here
	@pytest tests/playbooks

lint: env ## ruff, mypy, yamllint, ansible-lint (production), shellcheck, generated files
	@tools/lint.sh

sanity: env ## ansible-test sanity
	@tools/sanity.sh

molecule: env ## one scenario on real systemd nodes: make molecule SCENARIO=single
	@tests/lab/molecule.sh $(SCENARIO)

docs: env ## regenerate everything that comes from the resource table
	@python tools/gen_docs.py

build: env ## build the collection and install it from the tarball into .build/collections
	@tools/build.sh

engine: ## make sure that a Docker engine runs
	@tests/lab/engine.sh

images: env engine ## build the images of the test nodes and of the stand-in
	@tests/lab/images.sh

env: ## make the locked development environment (.venv)
	@tools/env.sh

lock: ## resolve requirements/dev.in into requirements/dev.txt
	@.build/uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-emit-index-url --custom-compile-command "make lock" requirements/dev.in -o requirements/dev.txt

clean: ## remove what was built here (not running labs: see demo-down)
	@tools/clean.sh
