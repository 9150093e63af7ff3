# make app   starts the app          make test   runs every test, the real browser included
# make thorough   tries 300 new examples of each property
# make mutants   puts small faults into the mathematics and lists those that no test notices; takes days
#                (MODULE=model/network/solve.py TESTS=tests/network tries one module)
# All make the virtual environment .venv first, whenever pyproject.toml is newer than it.
PYTHON ?= python3
BIN := .venv/bin

# uv installs in a fraction of pip's time; where uv cannot (it does not read pip's settings), pip does it all.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
# Byte code is made and kept when a module is first imported, not for all that is installed.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: app test thorough test-pages test-model lint bench mutants clean

app: .venv/installed
	$(BIN)/python -m streamlit run app.py

# Pages wait for a browser, the rest computes: side by side they take little longer than either.
test: .venv/installed
	$(BIN)/python tests/app/install_browser.py
	$(MAKE) --jobs=2 --keep-going test-pages test-model

thorough: export PYTEST_ADDOPTS = --hypothesis-profile=thorough
thorough: test

# Threads of linear algebra that wait for each other on a shared core cost more than they bring.
test-pages test-model: export OPENBLAS_NUM_THREADS = 1

test-pages:
	$(BIN)/python -m pytest tests/app

test-model:
	$(BIN)/python -m pytest tests model myositis --ignore=tests/app

lint: .venv/installed
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

bench: .venv/installed
	$(BIN)/python tests/app/install_browser.py
	$(BIN)/python -m benchmarks

mutants: export OPENBLAS_NUM_THREADS = 1
mutants: .venv/installed
	$(PIP) --editable '.[mutants]'
ifdef MODULE
	$(BIN)/python tests/mutants.py $(MODULE) $(TESTS)
else
	$(BIN)/python -m mutmut run
	$(BIN)/python -m mutmut results
endif

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(PIP) uv && $(BIN)/python -m uv pip install --python $(BIN)/python --editable '.[test]' || $(PIP) --editable '.[test]'
	touch $@

clean:
	rm -rf .venv
