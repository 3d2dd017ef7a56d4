# make run | test | check: each sets itself up. PORT=N and DATA=DIR are passed on by `make run`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup run test check lock clean
setup: $(STAMP)

$(STAMP): requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(BIN)/python -m sandbox.launcher.build || echo "the launcher was not built: see gavel doctor"
	touch $@

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-cache

test: setup
	$(BIN)/python -m pytest

lock:
	$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet pip-tools
	$(VENV)/lock/bin/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --generate-hashes --no-header -o requirements.lock pyproject.toml
	$(VENV)/lock/bin/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --generate-hashes --no-header --extra dev -o requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV) build *.egg-info
