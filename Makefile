# make demo         set up; build a demo class and grade it
# make test         set up; run the project's tests
# make prove        set up; prove the exercises that changed since they were last proven: about a minute each
# make lint         set up; check style, types, imports and wording
# make build        set up; regenerate stubs, golden records, diagnostic cases and schemas: up to ten minutes after a change
# make docs         set up; build lessons, checks and docs as a static site
# make figures      set up; redraw the lessons' figures
# make screens      set up; rerun the commands whose output the docs quote: a few minutes
# make matrix       set up; run every check on every known mistake and every right answer: a few minutes
# make mutants      set up; run the checks on every mutant of the solutions: five to ten minutes
# make questions    set up; check that the questions of grader predict are those that the cases give: about ten minutes
# make names        set up; check that every mistake gets its own name or none: about ten minutes
# make slow         set up; run the tests that `make test` leaves out because they take long: an hour or more
# make attacks      set up; run every attack, as a module and as a notebook: a few minutes
# make browser      set up; click through JupyterLab, formgrader and the class page in Chromium: about two minutes
# make tolerances   set up; run right answers over a thousand seeds: about fifteen minutes
# make determinism  set up; grade the same submissions fifty times: about ten minutes
# make chaos        set up; kill processes of the grader at random while it grades a class: about ten minutes
# make student      set up; release the course, and work through it as a student in a new environment: a few minutes
# make autograder   set up; install the autograder for Gradescope in a new environment, and grade with it: a few minutes
# make fuzz         set up; search at random for input that breaks intake or the wire format
# make clean        remove the environment and everything that was built

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := build/demo
FEEDBACK := $(DEMO)/reports/scaled-by-the-wrong-width.md

.PHONY: demo test prove lint build docs figures screens matrix mutants questions names slow attacks browser tolerances determinism chaos student autograder fuzz clean

demo: $(VENV)/installed
	$(BIN)/python benchmarks/demo_class.py $(DEMO)/class
# Somebody in this class handed in an empty folder, which is listed as not graded and gives status 1.
	$(BIN)/grader grade $(DEMO)/class --track warm-up,book --out $(DEMO) || test $$? -eq 1
	@printf '\nThe feedback of one student, %s:\n\n' $(FEEDBACK)
	@cat $(FEEDBACK)

test: $(VENV)/installed
	$(BIN)/python -m pytest -W error -m "not slow" -n auto --dist loadfile --no-loadscope-reorder \
		--junitxml=$(VENV)/tests.xml -o junit_family=xunit1 tests/kit --ignore tests/kit/slow

prove: $(VENV)/installed
	$(BIN)/grader prove

lint: $(VENV)/installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m docs.wording

build: $(VENV)/installed
	$(BIN)/grader build
	$(BIN)/python -m docs.schemas

docs: $(VENV)/installed
	$(BIN)/grader site --out build/site

figures: $(VENV)/installed
	$(BIN)/python -m docs.figures

screens: $(VENV)/installed
	$(BIN)/python -m cogapp -r -P -I . -p "from docs import screens" --markers="{{{cog }}} {{{end}}}" \
		$$(grep -l '{{{cog' README.md docs/*.md exercises/*.md)
	$(BIN)/python -m benchmarks.feedback

matrix: $(VENV)/installed
	$(BIN)/python -m pytest -W error tests/kit/slow/test_matrix.py

mutants: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[mutants]"
	$(BIN)/python -m benchmarks.mutants

questions: $(VENV)/installed
	$(BIN)/grader questions --check

names: $(VENV)/installed
	$(BIN)/python -m pytest -W error tests/kit/slow/test_names.py

slow: $(VENV)/installed
	$(BIN)/python -m pytest -W error -m slow tests/kit --ignore tests/kit/slow

attacks: $(VENV)/installed
	$(BIN)/python -m pytest -W error tests/kit/test_attacks.py tests/kit/slow/test_notebook_attacks.py

browser: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[browser]"
	$(BIN)/python -m pytest -W error tests/kit/slow/test_browser.py tests/kit/slow/test_class_page.py

tolerances: $(VENV)/installed
	$(BIN)/python -m benchmarks.tolerances

determinism: $(VENV)/installed
	DETERMINISM_RUNS=50 $(BIN)/python -m pytest -W error tests/kit/test_determinism.py

chaos: $(VENV)/installed
	$(BIN)/python -m pytest -W error tests/kit/slow/test_chaos.py

student: $(VENV)/installed
	$(BIN)/python -m pytest -W error tests/kit/slow/test_release.py

autograder: $(VENV)/installed
	$(BIN)/python -m pytest -W error tests/kit/slow/test_export.py

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
