"""A hunt for a bug, step by step: plant it, show it, name it, fix it. Each step returns sentences for the learner."""

from __future__ import annotations

import contextlib
import io
import random
import tempfile
from pathlib import Path

from grader.course import Course
from grader.errors import StateError, UsageError
from grader.files import digest
from grader.learner.workspace import helpers_in
from grader.practice.bugs import changed_lines, decoded, difference
from grader.practice.planting import plant
from grader.practice.question import LETTERS
from grader.practice.showing import Order, compare
from grader.study.folder import read
from grader.study.hunt import (
    Answer,
    Finished,
    Hunt,
    Hunts,
    PlantedBug,
    Tell,
    bugs_folder,
    load_hunts,
    option_text,
    place,
    planted_file,
    remove_planted,
    right_letters,
    save_hunts,
    write_planted,
)
from grader.study.hunted_code import code_of, passed_exercises, trials_on, write_all
from grader.study.small_gpt import begin_small_gpt, trains_again
from grader.study.state import State, load_state

LEVELS = (1, 2, 3)


def current_hunt(course: Course, tell: Tell) -> Hunt | None:
    """Return the hunt that is going on, with its files written again if some are gone; None if there is none.

    Raises:
        StateError: a file can't be written.
    """
    hunts = load_hunts(course, tell)
    if hunts.current is not None:
        write_planted(course, _contents(course, hunts.current))
    return hunts.current


def begin(course: Course, exercise: str | None, level: int, seed: int | None, tell: Tell) -> Hunt:
    """Plant bugs in a copy of the learner's code that passed, and begin a hunt.

    Args:
        course: the course.
        exercise: whose module gets the bug; by default the one that the learner has practiced least.
        level: 1 for one bug, 2 for two, 3 for one in a whole small GPT.
        seed: draws the same bugs again; by default, every learner and every hunt gets others.
        tell: gets a sentence if saved progress can't be read.

    Raises:
        UsageError: there is no such level, no code that passed, or no bug for it; or another hunt is going on.
        StateError: a file can't be written.
    """
    if level not in LEVELS:
        raise UsageError(f"There is no level {level}. Choose one: --level 1, --level 2 or --level 3")
    hunts = load_hunts(course, tell)
    if hunts.current is not None:
        raise UsageError(
            f"There is still a bug in {place(hunts.current)}. To go on with it: grader bugs. "
            "To give up and see where it is: grader bugs --stop"
        )
    state = load_state(course, tell)
    if level == len(LEVELS):
        names = [exercise] if exercise is not None else passed_exercises(course, state)
        drawn = _seed(hunts, "", level, "") if seed is None else seed
        hunt = begin_small_gpt(course, state, names, drawn)
    else:
        exercise = exercise or _least_practiced(course, state, hunts)
        right = code_of(course, state, exercise)
        drawn = _seed(hunts, exercise, level, right[exercise]) if seed is None else seed
        hunt = _plant(course, exercise, level, right, drawn)
    put_in_place(course, hunts, hunt)
    return hunt


def put_in_place(course: Course, hunts: Hunts, hunt: Hunt) -> None:
    """Begin a hunt with bugs that were planted already.

    Raises:
        StateError: a file can't be written.
    """
    contents = _contents(course, hunt)
    hunt.files = sorted(contents)
    _move_aside(course, hunt)
    # The state first: whenever the process is killed, the next command writes the files again.
    hunts.current = hunt
    save_hunts(course, hunts)
    write_planted(course, contents)


def show(course: Course, code: str, tell: Tell) -> Answer:
    """Run the learner's lines on the code with the bug and on their own; the bug is shown if the answers differ.

    Raises:
        UsageError: there is no hunt.
    """
    hunts, hunt = _going_on(course, tell)
    with tempfile.TemporaryDirectory(prefix="bugs-", ignore_cleanup_errors=True) as folder:
        right = write_all(Path(folder, "right"), hunt.right)
        planted = write_all(Path(folder, "planted"), {**hunt.right, hunt.exercise: hunt.planted})
        others = {name: str(path) for name, path in _others(course, hunt).items() if name not in right}
        outcome = compare(Order(code, others | right, others | planted, _seen_modules(course, hunt)))
    tries = hunt.count("show") if hunt.step == "show" else 0
    if not outcome.differ:
        save_hunts(course, hunts)
        return Answer((outcome.sentence, "Try another input, or go on without: grader bugs --skip"))
    if hunt.step == "show":
        hunt.step, hunt.shown = "name", code
    save_hunts(course, hunts)
    return Answer((outcome.sentence, f"That shows it, at try {tries}." if tries else "That shows it, too."), True)


def name(course: Course, letters: str, tell: Tell) -> Answer:
    """Compare the names that the learner chose with those of the bugs.

    Raises:
        UsageError: there is no hunt, or these are no letters of options.
    """
    hunts, hunt = _going_on(course, tell)
    if hunt.step == "show":
        raise UsageError("First show the bug: grader bugs --show CODE. To go on without: grader bugs --skip")
    chosen = sorted(set(letters.lower()) - set(" ,"))
    wanted = right_letters(hunt)
    known = LETTERS[: len(hunt.options)]
    if len(chosen) != len(wanted) or not set(chosen) <= set(known):
        raise UsageError(f"Answer with {len(wanted)} of the letters {', '.join(known)}, not with {letters!r}.")
    if hunt.step == "name":
        hunt.named, hunt.step = "".join(chosen), "fix"
        hunt.count("name")
    save_hunts(course, hunts)
    names = " ".join(f"{letter}) {option_text(hunt, hunt.options[known.index(letter)])}" for letter in wanted)
    verdict = "Right." if chosen == wanted else f"No. Right would be: {names}"
    return Answer((verdict, *_to_fix(course, hunt)), chosen == wanted)


def skip(course: Course, tell: Tell) -> Answer:
    """Go on without an answer to a step, which is then told.

    Raises:
        UsageError: there is no hunt, or the bug only has to be fixed.
    """
    hunts, hunt = _going_on(course, tell)
    match hunt.step:
        case "show":
            sentences = _case(course, hunt)
            hunt.step = "name"
        case "name":
            sentences = [option_text(hunt, hunt.options[LETTERS.index(letter)]) for letter in right_letters(hunt)]
            sentences += _to_fix(course, hunt)
            hunt.step = "fix"
        case _:
            raise UsageError("Only the fix is left. To see where the bug is, and end the hunt: grader bugs --stop")
    save_hunts(course, hunts)
    return Answer(tuple(sentences))


def check(course: Course, tell: Tell, printing: bool = True) -> Answer:
    """Run the visible checks on the learner's fix; it counts if they pass and the change is small.

    Raises:
        UsageError: there is no hunt, or the file can't be read.
    """
    hunts, hunt = _going_on(course, tell)
    if hunt.step in ("show", "name"):
        raise UsageError("First show the bug and name it. To go on without: grader bugs --skip")
    hunt.count("fix")
    save_hunts(course, hunts)
    path = planted_file(course, hunt)
    try:
        text = decoded(read(path) or b"")
    except (SyntaxError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name} can't be read: {error}. Save it again, and run: grader bugs --check") from None
    passed = _passes(course, hunt.exercise, printing)
    if not passed:
        return Answer((f"Not fixed yet. Change bugs/{hunt.exercise}.py, and run: grader bugs --check",))
    size, most = changed_lines(hunt.planted, text), _most_lines(hunt)
    if size > most:
        return Answer(
            (
                f"All visible checks pass, but you changed {size} lines, and a fix of this bug needs {most} at most.",
                "To start again from the code with the bug: delete the file, and run grader bugs",
            )
        )
    if hunt.runs is not None:
        answer = trains_again(course, hunt, text)
        if not answer.is_right:
            return answer
    sentences = ["Fixed: all visible checks pass.", *_score(hunt), *_where(hunt)]
    _end(course, hunts, hunt, fixed=True)
    return Answer((*sentences, "For another one: grader bugs"), True)


def stop(course: Course, tell: Tell) -> Answer:
    """End the hunt, say where the bug is, and remove the files with it.

    Raises:
        UsageError: there is no hunt.
    """
    hunts, hunt = _going_on(course, tell)
    sentences = [*_where(hunt), f"Your own {hunt.exercise}.py was never changed. For another bug: grader bugs"]
    _end(course, hunts, hunt, fixed=False)
    return Answer(tuple(sentences))


def _plant(course: Course, exercise: str, level: int, right: dict[str, str], seed: int) -> Hunt:
    with trials_on(course, exercise, right) as trials:
        if not trials.accept(right[exercise]):
            raise UsageError(f"Your {exercise} passed once, but doesn't any longer. Run: grader check {exercise}")
        made = plant(trials, right[exercise], level, random.Random(seed))
    if made is None:
        another = "one bug: --level 1" if level > 1 else "another exercise"
        raise UsageError(f"No bug was found for your {exercise} that the visible checks catch. Try {another}")
    bugs = [PlantedBug(bug.kind, bug.function) for bug in made.bugs]
    return Hunt(exercise, level, seed, right, made.text, bugs, list(made.options))


def _contents(course: Course, hunt: Hunt) -> dict[str, bytes]:
    """Return the files of a hunt: the code with the bug, what it builds on, and the learner's helper files."""
    helpers = {f"{name}.py": path.read_bytes() for name, path in helpers_in(course.stubs, course.by_id).items()}
    texts = {**hunt.right, hunt.exercise: hunt.planted}
    return helpers | {f"{name}.py": text.encode() for name, text in texts.items()}


def _others(course: Course, hunt: Hunt) -> dict[str, Path]:
    """Return files for what the learner's lines may import besides their code: stand-ins, and helpers."""
    needed = [name for each in hunt.right for name in course.all_needs(each) if name not in hunt.right]
    standins = {name: course.standins / f"{name}.py" for name in needed}
    return helpers_in(course.stubs, course.by_id) | {name: path for name, path in standins.items() if path.is_file()}


def _seen_modules(course: Course, hunt: Hunt) -> list[str]:
    """List the modules whose names the learner's lines may use, that with the bug last."""
    return [*(name for name in hunt.right if name != hunt.exercise), hunt.exercise]


def _move_aside(course: Course, hunt: Hunt) -> None:
    """Keep files that are in the way, under other names: a hunt that nobody knows about any longer left them."""
    for name in hunt.files:
        path = bugs_folder(course) / name
        number = 1
        while path.exists():
            aside = path.with_name(f"{path.name}.{number}.old")
            number += 1
            if not aside.exists():
                try:
                    path.rename(aside)
                except OSError as error:
                    raise StateError(f"{path} can't be moved ({error.strerror}). Delete it yourself.") from None


def _least_practiced(course: Course, state: State, hunts: Hunts) -> str:
    names = passed_exercises(course, state)
    draw = random.Random(hunts.learner + len(hunts.finished))
    counts = {each: sum(finished.exercise == each for finished in hunts.finished) for each in names}
    return draw.choice([each for each in names if counts[each] == min(counts.values())])


def _seed(hunts: Hunts, exercise: str, level: int, text: str) -> int:
    parts = (str(hunts.learner), str(len(hunts.finished)), exercise, str(level), text)
    return int(digest(*parts)[:8], 16)


def _going_on(course: Course, tell: Tell) -> tuple[Hunts, Hunt]:
    hunts = load_hunts(course, tell)
    if hunts.current is None:
        raise UsageError("There is no bug at the moment. To plant one in a copy of your code: grader bugs")
    write_planted(course, _contents(course, hunts.current))
    return hunts, hunts.current


def _case(course: Course, hunt: Hunt) -> list[str]:
    """Return the case of a check that fails, as lines of Python."""
    with trials_on(course, hunt.exercise, hunt.right) as trials:
        trial = trials.run(hunt.planted)
    cases = sorted(
        (trial.outcomes[name].counterexample for name in trial.fails), key=lambda case: (not case, len(case))
    )
    case = cases[0].splitlines() if cases else []
    return ["Here is an input on which it fails:", *(f"    {line}" for line in case)]


def _to_fix(course: Course, hunt: Hunt) -> list[str]:
    return [f"Now fix bugs/{hunt.exercise}.py in your editor, and run: grader bugs --check"]


def _most_lines(hunt: Hunt) -> int:
    """Return how many lines a fix may change: twice as many as the bug did, and two more."""
    return 2 * changed_lines(hunt.right[hunt.exercise], hunt.planted) + 2


def _where(hunt: Hunt) -> list[str]:
    places = dict.fromkeys(bug.function for bug in hunt.bugs)
    lines = difference(hunt.right[hunt.exercise], hunt.planted)
    what = "bug was" if len(hunt.bugs) == 1 else "bugs were"
    return [f"The {what} in {' and '.join(places)} of {hunt.exercise}.py:", *(f"    {line}" for line in lines)]


def _score(hunt: Hunt) -> list[str]:
    """Say how the hunt went."""
    tries = hunt.tries.get("show", 0)
    shown = f"at try {tries}" if hunt.shown else "no"
    named = "right" if list(hunt.named) == right_letters(hunt) else "wrong" if hunt.named else "no"
    fixed = f"at try {hunt.tries.get('fix', 0)}"
    return [f"{'' if hunt.runs is not None else f'Shown: {shown}. '}Named: {named}. Fixed: {fixed}."]


def _end(course: Course, hunts: Hunts, hunt: Hunt, fixed: bool) -> None:
    named = list(hunt.named) == right_letters(hunt)
    kinds = [bug.kind for bug in hunt.bugs]
    hunts.finished.append(Finished(hunt.exercise, hunt.level, kinds, bool(hunt.shown), named, fixed))
    hunts.current = None
    save_hunts(course, hunts)
    remove_planted(course, hunt)


def _passes(course: Course, exercise: str, printing: bool) -> bool:
    """Run the visible checks of an exercise on the files with the bug, as `pytest --submission=bugs` does."""
    import pytest

    from grader.checks.plugin import files_for_pytest, options_for_pytest
    from grader.checks.reports_of_pytest import RESULTS

    statuses: list[str] = []

    class Statuses:
        def pytest_sessionfinish(self, session: pytest.Session) -> None:
            statuses.extend(outcome.status for _, outcome, _ in session.config.stash.get(RESULTS, []))

    files = [path for e, v, path in course.check_files() if v == "visible" and e.id == exercise]
    options = [*options_for_pytest(course), "-q", "--no-header", "--submission", str(bugs_folder(course))]
    silence = contextlib.nullcontext() if printing else contextlib.redirect_stdout(io.StringIO())
    with files_for_pytest(course, files) as arguments, silence:
        pytest.main([*options, *arguments], [Statuses()])
    return bool(statuses) and all(status == "passed" for status in statuses)
