# Two commands do everything on a fresh machine with Python 3.11 or newer, git and make:
#   make demo   install into .venv and find the topics of the seed corpus
#   make test   install if needed and run everything that CI runs

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo install test lint types unit fuzz soak transformers docs bench-quality bench-fields bench-scale \
	bench-trends bench-labelling clean

demo: $(VENV)/.installed
	$(BIN)/topics run configs/seed.yaml

install: $(VENV)/.installed

$(VENV)/.installed: .ci/requirements-build.txt .ci/requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .ci/requirements-build.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .ci/requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.tools: $(VENV)/.installed .ci/requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .ci/requirements-dev.txt
	@touch $@

test: lint types unit docs

lint: $(VENV)/.tools
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.tools
	$(BIN)/mypy

# A file's tests share what they run, so they stay together. Each process takes 1.2 GB.
unit: $(VENV)/.tools
	$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile

# EXAMPLES: how many inputs each target gets; `make unit` gives them 25.
fuzz: $(VENV)/.tools
	TOPICS_FUZZ=$(or $(EXAMPLES),20000) $(BIN)/python -m pytest -q tests/test_fuzz.py

# A model of sentence-transformers from a folder. The extra takes torch, so CI does without.
transformers: $(VENV)/.tools
	$(BIN)/pip install --quiet --disable-pip-version-check 'sentence-transformers>=6.0'
	$(BIN)/python -m pytest tests/embed/test_local_model.py

docs: $(VENV)/.tools
	$(BIN)/python .ci/docs.py --check

# MINUTES of runs and prunes on one cache, and KILLS of runs with the default encoder; takes half an hour.
soak: $(VENV)/.tools
	$(BIN)/python -m tests.soak together $(or $(MINUTES),10)
	$(BIN)/python -m tests.soak killed $(or $(KILLS),25)

# CORPORA: the folder with arxiv-2k, arxiv-9k and ohsumed, as benchmarks/quality.py says; METHODS: further options.
bench-quality: $(VENV)/.tools
	$(BIN)/python benchmarks/quality.py $(if $(CORPORA),--corpora $(CORPORA)) $(METHODS)

# CORPORA: the folder with arxiv-200k, acl-2016-2025 and ohsumed, REVIEWS: that with OpenAlex exports, as
# benchmarks/single_field.py says; METHODS: further options. Writes single_field.json.
bench-fields: $(VENV)/.tools
	$(BIN)/python benchmarks/single_field.py $(if $(CORPORA),--corpora $(CORPORA)) \
		$(if $(REVIEWS),--exports $(REVIEWS)) $(METHODS)

# PAPERS: JSON lines with title and abstract; SIZES: of how many papers, if not 2,000 to 200,000; CONFIG: if not
# configs/large.yaml; PLAIN: a Python with BERTopic to compare with, which needs torch and an older pandas to do the same
# work (benchmarks/plain_bertopic.py). Writes benchmarks/scale.json and docs/scale.png.
bench-scale: $(VENV)/.installed
	$(BIN)/python benchmarks/scale.py $(PAPERS) $(if $(SIZES),--sizes $(SIZES)) $(if $(CONFIG),--config $(CONFIG)) \
		$(if $(PLAIN),--plain $(PLAIN)) --plot docs/scale.png

# PAPERS: JSON lines with labels, as benchmarks/labelling.py says.
bench-labelling: $(VENV)/.installed
	$(BIN)/python benchmarks/labelling.py --corpus $(PAPERS)

# CLASSES: JSON lines with labels; PAPERS: JSON lines with years. Both gzipped, as benchmarks/trends.py says.
bench-trends: $(VENV)/.installed
	$(BIN)/python benchmarks/trends.py $(CLASSES) $(if $(PAPERS),--acl $(PAPERS) --bertopic)

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
