# make demo    set up, build a demo class, grade it
# make test    set up, run the project's tests
# make prove   set up, prove the exercises that changed since they were proven: about a minute each
# make lint    set up, ruff and mypy
# make build   set up, make stubs, golden records and diagnostic cases anew: up to ten minutes after a change
# make docs    set up, build lessons, checks and docs as a static site
# make figures  set up, draw the figures of the lessons anew
# make matrix  set up, run every check on every mistake of the catalogue and every right answer: some minutes
# make mutants set up, run the checks on every mutant of the solutions: five to ten minutes
# make names   set up, see what every known mistake, and others, are called: some ten minutes
# make slow    set up, run what `make test` leaves out for its length: some ten minutes
# make attacks set up, run every attack, as a module and as a notebook: some minutes
# make browser set up, go through JupyterLab and formgrader in Chromium: some two minutes
# make tolerances   set up, run right answers over a thousand seeds: a quarter of an hour
# make determinism  set up, grade the same submissions fifty times: some ten minutes
# make chaos   set up, kill judges, walls and grader at random while a class is graded: some ten minutes
# make fuzz    set up, a long random search for what intake and wire format do not stand
# make clean   remove the environment and what was built

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := build/demo
FEEDBACK := $(DEMO)/reports/scaled-by-the-wrong-width.md

.PHONY: demo test prove lint build docs figures matrix mutants names slow attacks browser tolerances determinism chaos fuzz clean

demo: $(VENV)/installed
	$(BIN)/python benchmarks/demo_class.py $(DEMO)/class
	$(BIN)/grader grade $(DEMO)/class --out $(DEMO)
	@printf '\nThe feedback of one student, %s:\n\n' $(FEEDBACK)
	@cat $(FEEDBACK)

test: $(VENV)/installed
	$(BIN)/python -m pytest -W error -m "not slow" -n auto --dist loadfile --no-loadscope-reorder tests/kit --ignore tests/kit/slow

prove: $(VENV)/installed
	$(BIN)/grader prove

lint: $(VENV)/installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

build: $(VENV)/installed
	$(BIN)/grader build

docs: $(VENV)/installed
	$(BIN)/grader site --out build/site

figures: $(VENV)/installed
	$(BIN)/python -m docs.figures

matrix: $(VENV)/installed
	$(BIN)/python -m pytest -W error tests/kit/slow/test_matrix.py

mutants: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[mutants]"
	$(BIN)/python -m benchmarks.mutants

names: $(VENV)/installed
	$(BIN)/python -m pytest -W error tests/kit/slow/test_names.py

slow: $(VENV)/installed
	$(BIN)/python -m pytest -W error -m slow tests/kit --ignore tests/kit/slow

attacks: $(VENV)/installed
	$(BIN)/python -m pytest -W error tests/kit/test_attacks.py tests/kit/slow/test_notebook_attacks.py

browser: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[browser]"
	$(BIN)/python -m pytest -W error tests/kit/slow/test_browser.py

tolerances: $(VENV)/installed
	$(BIN)/python -m benchmarks.tolerances

determinism: $(VENV)/installed
	DETERMINISM_RUNS=50 $(BIN)/python -m pytest -W error tests/kit/test_determinism.py

chaos: $(VENV)/installed
	$(BIN)/python -m pytest -W error tests/kit/slow/test_chaos.py

fuzz: $(VENV)/installed
	FUZZ_EXAMPLES=5000 $(BIN)/python -m pytest -W error tests/kit/test_wire.py tests/kit/test_intake.py

clean:
	rm -rf $(VENV) build *.egg-info

$(VENV)/installed: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed, and there is no $(PYTHON): install it, or name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1): name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments: install its venv package (Debian: apt install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@
