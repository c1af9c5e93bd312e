# Every target sets up what it needs: a virtual environment in .venv with exactly the packages of requirements.lock.
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$name >/dev/null 2>&1 && $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& { echo $$name; break; }; done)
BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
READY := .venv/.ready
READY_LAB := .venv/.ready-lab
BACKENDS := jax torch
# The newest Python that is installed, on the path or among pyenv's, where it is newer than that of .venv.
NEWEST ?= $(shell least=$$($(BIN)/python -c 'import sys; print(sys.version_info[1])'); for minor in 13 12; do \
	for name in python3.$$minor $$HOME/.pyenv/versions/3.$$minor.*/bin/python; do test $$minor -gt $$least \
	&& command -v $$name >/dev/null 2>&1 && $$name -c '' 2>/dev/null && { echo $$name; exit; }; done; done)
PROFILE ?= quick
WORKERS ?=
SCHEDULER ?=
LOCK_OPTIONS ?= --upgrade
# Data of your own: make book DATA=reviews.csv TEXT=review LABEL=stars (or ID= STEP= LABEL= FEATURES=a,b for series).
# Only what stands on the command line of make counts, not a variable DATA that the shell happens to have. Paths and
# column names reach the program through the environment, unexpanded, so that no shell reads them.
OWN := DATA NAME TEXT LABEL ID STEP FEATURES GROUP MINUTES PLACEMENTS RATES
given = $(if $(filter command,$(firstword $(origin $(1)))),$(value $(1)))
unexport $(OWN)
export BILSTM_DROPOUT_OWN_DATA = $(call given,DATA)
export BILSTM_DROPOUT_OWN_NAME = $(call given,NAME)
export BILSTM_DROPOUT_OWN_TEXT = $(call given,TEXT)
export BILSTM_DROPOUT_OWN_LABEL = $(call given,LABEL)
export BILSTM_DROPOUT_OWN_ID = $(call given,ID)
export BILSTM_DROPOUT_OWN_STEP = $(call given,STEP)
export BILSTM_DROPOUT_OWN_FEATURES = $(call given,FEATURES)
export BILSTM_DROPOUT_OWN_GROUP = $(call given,GROUP)
export BILSTM_DROPOUT_OWN_MINUTES = $(call given,MINUTES)
export BILSTM_DROPOUT_OWN_PLACEMENTS = $(call given,PLACEMENTS)
export BILSTM_DROPOUT_OWN_RATES = $(call given,RATES)
STUDY = $(BIN)/bilstm-dropout study --profile $(PROFILE) $(if $(WORKERS),--workers $(WORKERS)) $(if $(SCHEDULER),--scheduler $(SCHEDULER))
export TF_CPP_MIN_LOG_LEVEL ?= 3

.DEFAULT_GOAL := help
.PHONY: help setup read book pdf epub archive study test test-backends test-browser serve bench lab lint lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv from the hash-locked requirements

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python 3.11, 3.12 or 3.13 was found: install one of them, or name it: make PYTHON=/path/to/python3.12"; exit 1; }
	@echo "Setting up .venv (once; a minute or two)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@awk '/^uv==/ {on = 1} on {print} on && !/\\$$/ {exit}' requirements.lock > .venv/uv.txt
	@$(PIP_INSTALL) --require-hashes -r .venv/uv.txt
# uv takes seconds where pip takes minutes; pip reads settings (mirrors, proxies) that uv does not, so it comes second.
# Compiled once here, because where PYTHONDONTWRITEBYTECODE is set every import of TensorFlow would take twice as long.
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock \
	|| { echo "uv could not install the packages; pip tries"; \
	$(PIP_INSTALL) --require-hashes -r requirements.lock; }
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# The whole book from what is published: the profile that trains nothing.
read: PROFILE := read
read: book ## build the whole book from published results: nothing is trained

book: $(READY) ## the same, with runs of your own (PROFILE=quick, or DATA=reviews.csv TEXT=review LABEL=stars)
	@$(STUDY); studied=$$?; test $$studied -ne 2 || exit 2; $(BIN)/bilstm-dropout book --profile $(PROFILE) && exit $$studied

# Both are made from the pages as they were built last, by `make read` where none were.
BUILT = @test -f book/_build/html/index.html || $(MAKE) --no-print-directory read

pdf: $(READY) ## the book as a PDF, printed by Chromium (no LaTeX); builds it first where none is
	$(BUILT)
	@$(BIN)/bilstm-dropout take pdf

epub: $(READY) ## the book as an EPUB, for reading devices; builds it first where none is
	$(BUILT)
	@$(BIN)/bilstm-dropout take epub

archive: $(READY) ## source, results and book of this commit in one zip file, for Zenodo
	@$(BIN)/bilstm-dropout take archive

study: $(READY) ## run a study: PROFILE=quick|path.yaml WORKERS=8 SCHEDULER=tcp://host:port, or DATA= as for book
	@$(STUDY)

# Many tests start Python anew. Where PYTHONDONTWRITEBYTECODE is set, every one of those compiles the package again.
test: export PYTHONDONTWRITEBYTECODE =
test: $(READY) ## run the tests that need no browser
	@$(BIN)/python -m pytest

# The layer is Keras 3 code, and so is the probe: neither needs TensorFlow, nor the packages of the study.
test-backends: $(READY) $(BACKENDS:%=.venv-%/.ready) ## test layer and probe under JAX and PyTorch, and the newest Python
	@failed=0; for backend in $(BACKENDS); do echo "== Keras on $$backend: the layer and the probe"; \
	KERAS_BACKEND=$$backend PYTHONPATH=src OMP_NUM_THREADS=1 .venv-$$backend/bin/python -m pytest \
	-o addopts="-q --disable-warnings --import-mode importlib" tests/dropout/test_backends.py tests/stock_keras/test_probe_backends.py \
	|| failed=1; done; \
	if test -n "$(NEWEST)"; then make --no-print-directory .venv-newest/.ready NEWEST=$(NEWEST) \
	&& echo "== $$(.venv-newest/bin/python -V): every package is imported, and the golden run trained" \
	&& PYTHONPATH=src .venv-newest/bin/python -m pytest -o addopts="-q --disable-warnings --import-mode importlib" \
	-k "change_only_with_their_version or public_name" tests/runs/test_trainer.py tests/test_project.py || failed=1; \
	else echo "== No Python newer than that of .venv is here (up to 3.13): NEWEST=/path/to/python3.13 names one"; fi; \
	exit $$failed

# $(call environment,FOLDER,PYTHON,LOCK): a virtual environment with exactly the packages of a lock.
define environment
@echo "Setting up $(1) (once)"
@test -x $(1)/bin/python || $(2) -m venv $(1)
@$(BIN)/uv pip sync --quiet --compile-bytecode --python $(1)/bin/python --require-hashes $(3) \
|| { echo "uv could not install the packages; pip tries"; \
$(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(3); }
endef

.venv-jax/.ready: requirements-jax.lock | $(READY)
	$(call environment,.venv-jax,$(BIN)/python,$<)
	@touch $@

# No common registry has PyTorch for Linux without CUDA: pip looks where its settings say, uv where PyTorch keeps its own.
.venv-torch/.ready: requirements-torch.lock requirements-torch-cpu.lock | $(READY)
	$(call environment,.venv-torch,$(BIN)/python,$<)
	@.venv-torch/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
	-r requirements-torch-cpu.lock || { echo "pip knows no CPU wheel of PyTorch; uv asks PyTorch's own registry"; \
	$(BIN)/uv pip install --quiet --torch-backend cpu --no-deps --python .venv-torch/bin/python --require-hashes \
	-r requirements-torch-cpu.lock; }
	@touch $@

.venv-newest/.ready: requirements.lock | $(READY)
	$(call environment,.venv-newest,$(NEWEST),$<)
	@touch $@

test-browser: $(READY) ## open the built book in Chromium and test its pages (after make book)
	@$(BIN)/python -m pytest tests/browser

serve: $(READY) ## serve the built book on http://127.0.0.1:8000
	@test -f book/_build/html/index.html || { echo "Nothing is built yet: make read builds the book."; exit 2; }
	@$(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory book/_build/html

bench: $(READY) ## measure training against stock Keras, as ratios in one run, and make book (BOOK=no leaves it out)
	@$(BIN)/python -m bench.speed
	@$(if $(filter no,$(BOOK)),,$(BIN)/python -m bench.book)

# The project's folder is the root, so that source, data and pages can be opened beside the notebooks.
lab: $(READY_LAB) ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab --ip 127.0.0.1 --ServerApp.root_dir . --LabApp.default_url /lab/tree/notebooks \
	$(if $(filter 0,$(shell id -u)),--allow-root)

# Everything of requirements.lock and JupyterLab, so that setting up anew, which removes it, has this done again.
$(READY_LAB): requirements-lab.lock $(READY)
	@echo "Adding JupyterLab to .venv (once)"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-lab.lock \
	|| { echo "uv could not install the packages; pip tries"; \
	$(PIP_INSTALL) --require-hashes -r requirements-lab.lock; }
	@touch $@

lint: $(READY) ## check the code's style, and that imports go down the floors
	@$(BIN)/ruff check src tests bench notebooks
	@$(BIN)/lint-imports --no-logo

lock: $(READY) ## resolve the locks anew from pyproject.toml
	@$(BIN)/uv pip compile pyproject.toml --extra develop --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header --quiet $(LOCK_OPTIONS) -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --extra develop --extra lab --constraint requirements.lock --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet $(LOCK_OPTIONS) \
	-o requirements-lab.lock
	@for backend in $(BACKENDS); do $(BIN)/uv pip compile --group pyproject.toml:$$backend --constraint requirements.lock \
	--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet \
	$(LOCK_OPTIONS) -o requirements-$$backend.lock || exit 1; done

clean: ## remove what was built; results in data/ stay
	rm -rf build book/_build book/generated
