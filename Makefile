# make app   starts the app          make test   runs every test, the real browser included
# Both make the virtual environment .venv first, whenever requirements.txt is newer than it.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: app test lint bench clean

app: .venv/installed
	$(BIN)/python -m streamlit run app.py

test: .venv/installed
	$(BIN)/python tests/install_browser.py
	$(BIN)/python -m pytest

lint: .venv/installed
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

bench: .venv/installed
	$(BIN)/python tests/install_browser.py
	$(BIN)/python -m benchmarks

.venv/installed: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

clean:
	rm -rf .venv
