"""From a notebook to a module: whatever students do to their cells, the grader finds their answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.authoring.generate import build
from grader.course import Course, load_course
from grader.failures.as_text import message, position_text
from grader.failures.rows import Position, Row
from grader.failures.visible_to_student import visible_to_student
from grader.grading import Cell, Submission, in_cells, module_of, take_in
from grader.grading.notebook import NotANotebook, read_notebook
from grader.grading.run import grade
from grader.port import Workspace

Notebook = dict[str, Any]

STUB = '''\
"""A stub."""

import math

LIMIT = 3


def area(radius):
    raise NotImplementedError("Square it.")


class Circle:
    def __init__(self, radius):
        raise NotImplementedError("Keep it.")
'''


Loaded = Callable[..., dict[str, Any]]


@pytest.fixture
def loaded(tmp_path: Path) -> Iterator[Loaded]:
    """Return a function that imports the module made from cells and returns its names."""
    opened: list[Workspace] = []

    def load(*cells: str | Cell) -> dict[str, Any]:
        numbered = enumerate(cells, 1)
        module = module_of([Cell(f"cell {n}", c) if isinstance(c, str) else c for n, c in numbered], STUB)
        path = tmp_path / "thing.py"
        path.write_text(module.text, encoding="utf-8")
        opened.append(Workspace({"thing": path}))
        return vars(opened[-1].module("thing"))

    yield load
    for workspace in opened:
        workspace.close()


def test_only_what_the_answer_needs_is_kept(loaded: Loaded) -> None:
    """Helpers, constants and imports in any cell are found, and experiments aren't run."""
    names = loaded(
        "import statistics as s\nFACTOR = 2; print('experiment')",
        "def helper(x):\n    '''Text\n  of two lines.'''\n    return FACTOR * s.mean([x, x])",
        "def area(radius):\n    return math.pi * helper(radius) ** 2 / 4",
        "result = area(3)\nwhile True:\n    pass",
        "raise SystemExit",
        "input('a name: ')",
    )
    assert names["area"](1.0) == pytest.approx(3.14159, rel=1e-5)
    assert "result" not in names


def test_the_later_of_two_definitions_counts(loaded: Loaded) -> None:
    """The later of two definitions counts, as in a kernel, and so do methods that are added later."""
    assert loaded("def area(r):\n    return 1", "def area(r):\n    return 2")["area"](0) == 2
    patched = loaded("class Circle:\n    pass", "def f(self):\n    return 5\n\nCircle.five = f")
    assert patched["Circle"]().five() == 5


def test_a_failure_does_not_affect_the_rest(loaded: Loaded) -> None:
    """A missing package, a cell that raises or a class that can't be created doesn't affect the rest."""
    names = loaded(
        "import no_such_package\nimport no_such_package.plots as plots\nSIZE = 1 / 0",
        "class Circle(no_such_package.Base):\n    pass",
        "def area(r):\n    return r * LIMIT",
    )
    assert names["area"](2) == 6
    with pytest.raises(ModuleNotFoundError, match="no package `no_such_package`"):
        names["Circle"](1)


def test_missing_imports_come_from_the_stub(loaded: Loaded) -> None:
    """If the cell with the imports was deleted, the stub's imports are used."""
    assert loaded("def area(r):\n    return math.pi")["area"](1) == pytest.approx(3.14159, rel=1e-5)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("%matplotlib inline\n!pip install x\ndef area(r):\n    return 7", "%matplotlib inline, !pip install x"),
        ("%%time\ndef area(r):\n    return 7", "%%time"),
        ("files = !ls\narea?\ndef area(r):\n    return 7", "files = !ls, area?"),
        ("def area(r):\n    %time x = 7\n    return x", "%time"),
    ],
)
def test_ipython_syntax_is_left_out_and_noted(loaded: Loaded, text: str, note: str) -> None:
    """Magic and shell lines aren't run and a note lists them; the code around them counts."""
    assert loaded(text)["area"](0) == 7
    assert note in module_of([Cell("cell 1", text)], STUB).notes[0]


@pytest.mark.parametrize(
    "text",
    [
        "def area(r:\n    return 1",
        "return 3",
        "await x",
        "%%bash\nls",
        "x" * 10**5 + "(",
        "x = 1\0",
        "x" * 10**6,
        "not " * 10**5 + "x",
        "x" + ".y" * 10**5,
        "[" * 10**4,
        "if x:\n    pass\n" + "elif x:\n    pass\n" * 10**4,
    ],
)
def test_a_cell_that_is_not_python_is_left_out(loaded: Loaded, text: str) -> None:
    """A cell that isn't valid Python is left out, with a note that names it."""
    assert loaded("def area(r):\n    return 1", text)["area"](0) == 1
    if not text.startswith("await"):
        assert "cell 2" in module_of([Cell("cell 1", ""), Cell("cell 2", text)], STUB).notes[0].lower()


TABLE = "TABLE = []"
SUM = "def area(r):\n    return sum(TABLE)"
ROUND = "class Circle:\n    def __init__(self, radius):\n        self.radius = radius"
EPS = "class Circle:\n    def __init__(self, radius):\n        self.radius = EPS"
METHOD = "def five(self):\n    return 5"
ADD = "def add(cls):\n    def into(f):\n        setattr(cls, f.__name__, f)\n    return into"
ADDER = (
    "class add:\n    def __init__(self, c):\n        self.c = c\n    def __call__(self, f):\n        self.c.five = f"
)
REGISTER = "PARTS = {}\ndef register(f):\n    PARTS[f.__name__] = f\n    return f"
USE = "def area(r):\n    return PARTS['five'](r)"
NAMED = (
    "class Parts(dict):\n    def named(self, name):\n        def keep(f):\n            self[name] = f\n"
    "            return f\n        return keep\nPARTS = Parts()"
)


@pytest.mark.parametrize(
    "cells",
    [
        (TABLE, "for i in (2, 3):\n    TABLE.append(i)", SUM),
        (TABLE, "while len(TABLE) < 5:\n    TABLE.append(1)", SUM),
        (TABLE, "[TABLE.append(i) for i in (2, 3)]", SUM),
        (TABLE, "list(map(TABLE.append, (2, 3)))", SUM),
        (TABLE, "import contextlib\nwith contextlib.nullcontext(TABLE) as t:\n    t.append(5)", SUM),
        (TABLE, "try:\n    TABLE[:] = [5]\nexcept KeyError:\n    pass", SUM),
        (TABLE, "if True:\n    TABLE += [5]", SUM),
        (TABLE, "short = TABLE", "short.append(5)", SUM),
        (TABLE, "import heapq\nheapq.heappush(TABLE, 5)", SUM),
        (TABLE, "from heapq import heappush\nheappush(TABLE, 5)", SUM),
        (TABLE, "def fill(n):\n    for i in range(n):\n        TABLE.append(1)", "fill(5)", SUM),
        (TABLE, "def put(t, x):\n    t.append(x)", "def all_of(t):\n    put(t, 5)", "all_of(TABLE)", SUM),
        (TABLE, "def setup():\n    global TABLE\n    TABLE = [5]", "setup()", SUM),
        (TABLE, "TABLE.append(5)", "del TABLE[1:]", SUM, "del area"),
        ("%time TABLE = [5]", SUM),
    ],
)
def test_what_fills_a_table_that_the_answer_reads_is_kept(loaded: Loaded, cells: tuple[str, ...]) -> None:
    """A loop, a call, a `with` or a comprehension that changes a kept object runs, as it did in the kernel."""
    assert loaded(*cells)["area"](0) == 5


@pytest.mark.parametrize(
    "cells",
    [
        (ADD, ROUND, f"@add(Circle)\n{METHOD}"),
        (ADD, ROUND, METHOD, "add(Circle)(five)"),
        (ADDER, ROUND, f"@add(Circle)\n{METHOD}"),
        (ROUND, METHOD, "Circle.five = five"),
        (ROUND, METHOD, "def patch(cls):\n    cls.five = five", "patch(Circle)"),
        (ROUND, METHOD, "def patch(cls, f):\n    setattr(cls, 'five', f)", "patch(f=five, cls=Circle)"),
        (ROUND, METHOD, "for cls in (Circle,):\n    cls.five = five"),
        (ROUND, METHOD, "for f in (five,):\n    setattr(Circle, f.__name__, f)"),
        (ROUND, METHOD, "setattr(Circle, 'five', (five_again := five))"),
    ],
)
def test_methods_that_are_added_to_a_class_are_kept(loaded: Loaded, cells: tuple[str, ...]) -> None:
    """A method that a decorator, a helper, a loop or an assignment adds to a class is there."""
    assert loaded(*cells)["Circle"](1).five() == 5


@pytest.mark.parametrize(
    "cells",
    [
        (REGISTER, f"@register\n{METHOD}", USE),
        (REGISTER, METHOD, "for f in [five]:\n    register(f)", USE),
        (NAMED, f"@PARTS.named('five')\n{METHOD}", USE),
        (
            "PARTS = {}\nclass Part:\n    def __init_subclass__(cls):\n        PARTS['five'] = lambda r: 5",
            "class Other(Part):\n    pass",
            USE,
        ),
        (
            "PARTS = {}\nclass Kind(type):\n    def __init__(cls, *rest):\n        PARTS['five'] = lambda r: 5",
            "class Other(metaclass=Kind):\n    pass",
            USE,
        ),
        (
            "from functools import singledispatch\n@singledispatch\ndef area(r):\n    return 1",
            "@area.register(int)\ndef _(r):\n    return 5",
        ),
        (
            "import fractions",
            "fractions.Fraction.five = property(lambda self: 5)",
            "def area(r):\n    return fractions.Fraction(1).five",
        ),
    ],
)
def test_what_registers_itself_is_kept(loaded: Loaded, cells: tuple[str, ...]) -> None:
    """Functions and classes that only a registry or a dispatcher refers to are kept."""
    assert loaded(*cells)["area"](0) == 5


@pytest.mark.parametrize(
    "text",
    [
        "print(EPS := 5)",
        "if (EPS := 5) > 3:\n    pass",
        "[EPS := i for i in range(6)]",
        "globals()['EPS'] = 5",
        "globals().update(EPS=5)",
        "for name, value in {'EPS': 5}.items():\n    globals()[name] = value",
        "exec('EPS = 5')",
    ],
)
def test_names_that_are_bound_in_other_ways_are_kept(loaded: Loaded, text: str) -> None:
    """A walrus, `globals()` and `exec` bind names, too."""
    assert loaded(EPS, text)["Circle"](1).radius == 5


def test_what_only_reads_the_answer_costs_nothing(loaded: Loaded) -> None:
    """Trial calls, prints, endless loops and training runs are not run, whatever they read."""
    names = loaded(
        "TABLE = [5]",
        SUM,
        "print(TABLE)\ninput(TABLE)",
        "result = area(3)",
        "for i in range(3):\n    print(TABLE[0], area(i))\nwhile True:\n    area(1)",
        "raise SystemExit(TABLE)",
        "def trial(f):\n    while True:\n        f(3)\ntrial(area)",
        "def tried(circle):\n    circle.radius = 3\n    while True:\n        pass\ntried(Circle(3))",
        "import functools\nwhile True:\n    functools.partial(area)(3)",
        "for epoch in range(10**12):\n    loss.backward()\n    TABLE.append(loss)",
    )
    assert names["area"](0) == 5
    assert names.keys() & {"result", "i", "epoch"} == set()


def notes_of(*cells: str | Cell) -> tuple[str, ...]:
    """Return the notes about cells."""
    numbered = enumerate(cells, 1)
    return module_of([Cell(f"cell {n}", c) if isinstance(c, str) else c for n, c in numbered], STUB).notes


def test_an_experiment_that_changes_a_kept_object_is_named() -> None:
    """If a training run fills a list that the answer reads, a note says that it was left out, and why."""
    loop = "for step in range(9):\n    loss.backward()\n    TABLE.append(loss)"
    expected = ("Line 1 of cell 3 was left out, although it changes `TABLE`: it trains.",)
    assert notes_of(TABLE, SUM, loop) == expected
    train = "def train():\n    loss.backward()\n    TABLE.append(loss)\ndef main():\n    train()"
    assert notes_of(TABLE + "\n" + train, SUM, "main()") == expected


@pytest.mark.parametrize(
    "text",
    [
        "from math import sqrt as area",
        "from math import pi, sqrt as area",
        "try:\n    from math import sqrt as area\nexcept ImportError:\n    pass",
    ],
)
def test_an_import_never_replaces_a_definition(loaded: Loaded, text: str) -> None:
    """An import of the same name in a later cell doesn't replace the learner's function, and a note says so."""
    definition = "def area(r):\n    return 5"
    assert loaded(definition, text)["area"](0) == 5
    assert notes_of(definition, text) == (
        "Line 1 of cell 2 imports another `area`. Your own in cell 1, line 1 is graded.",
    )
    assert (
        loaded("def sqrt(r):\n    return 5", "def area(r):\n    return sqrt(r)", "from math import *")["area"](0) == 5
    )
    assert loaded(text)["area"](4) == 2


AREA = "def area(r):\n    return five(r)"


@pytest.mark.parametrize("name", ["thing.py", "-a exercises/thing.py", "'thing.py'"])
def test_a_cell_that_writes_the_module_is_code_of_the_notebook(name: str) -> None:
    """What `%%writefile` writes to the exercise's own file counts, and an import from that file replaces nothing."""
    cells = [
        Cell("cell 1", f"%%writefile {name}\ndef area(r):\n    return 5"),
        Cell("cell 2", "from thing import area"),
    ]
    module = module_of(cells, STUB, "thing")
    assert "# cell 1, line 2\ndef area" in module.text
    assert module.notes == ()


@pytest.mark.parametrize(
    ("imports", "call"),
    [("from helpers import five", "five"), ("import helpers as h", "h.five"), ("from helpers import *", "five")],
)
def test_a_cell_that_writes_a_helper_file_makes_a_module(loaded: Loaded, imports: str, call: str) -> None:
    """A module that a cell writes to a file can be imported, and only such cells are run that are needed."""
    cells = ["%%file helpers.py\nfive = lambda r: 5\n", imports, f"def area(r):\n    return {call}(r)"]
    assert loaded(*cells)["area"](0) == 5
    assert "_module" not in loaded("%%file helpers.py\nraise SystemExit", "def area(r):\n    return 5")


def test_a_helper_file_that_is_not_python_is_skipped() -> None:
    """A cell that writes something else to a file isn't run, and a note says so."""
    assert notes_of("%%writefile helpers.py\nno Python here") == (
        "Skipped in cell 1, because it isn't Python: %%writefile helpers.py.",
    )


@pytest.mark.parametrize(
    "cells",
    [
        (AREA, "def five(r):\n    return FIVE", "FIVE = 5"),
        ("area = partial(five)", "def five(r=0):\n    return 5", "from functools import partial"),
        ("TABLE.append(five)", "TABLE = []", "def five(r):\n    return 5", "def area(r):\n    return TABLE[0](r)"),
        ("TABLE = made()", "def made():\n    return [FIVE]", "FIVE = 5", SUM),
        ("TABLE = made()", "def made():\n    return table()", "def table():\n    return [FIVE]", "FIVE = 5", SUM),
        (
            "class area(Base):\n    pass",
            "class Base(Lower):\n    pass",
            "class Lower(int):\n    __eq__ = lambda *_: True",
        ),
    ],
)
def test_cells_that_were_run_in_another_order_are_graded(loaded: Loaded, cells: tuple[str, ...]) -> None:
    """A statement that needs one further down runs after it."""
    assert loaded(*cells)["area"](0) == 5


def test_a_note_names_cells_that_were_run_in_another_order() -> None:
    """The note names both cells; without need, nothing is moved, and two names that need each other do no harm."""
    assert notes_of("area = partial(abs)", "from functools import partial") == (
        "Line 1 of cell 1 uses `partial`, which only cell 2 further down defines. It was graded as if cell 2 came first; "
        "in a new kernel it fails.",
    )
    assert notes_of("area = lambda r: later(r)", "def later(r):\n    return 5") == ()
    assert len(notes_of("area = other", "other = area")) == 1


def test_a_later_version_that_raises_leaves_the_earlier_one(loaded: Loaded) -> None:
    """A class that can't be created doesn't replace one that could, but it does replace the stub, and shows why."""
    broken = "class Circle(NoSuchClass):\n    pass"
    assert loaded(ROUND, broken)["Circle"](5).radius == 5
    stub = "class Circle:\n    def __init__(self, radius):\n        raise NotImplementedError('x')"
    for cells in [(stub, broken), (broken,), (f"if True:\n    {broken}".replace("\n    pass", "\n        pass"),)]:
        with pytest.raises(NameError, match="NoSuchClass"):
            loaded(*cells)["Circle"](5)


@pytest.mark.parametrize(
    "text",
    [
        "    def area(r):\n        return 5\n    x = (1\n!ls",
        "    !ls\n    def area(r):\n        return 5",
        "    def area(r):\n        return 5",
        ">>> def area(r):\n...     return 5\n...\n>>> area(1)",
        "In [3]: def area(r):\n   ...:     return 5",
    ],
)
def test_pasted_code_is_read_as_in_a_kernel(loaded: Loaded, text: str) -> None:
    """IPython removes an indentation of all lines, and the prompts of sessions."""
    text = text.replace("\n    x = (1\n!ls", "")
    assert loaded(text)["area"](0) == 5


@pytest.mark.parametrize(
    "cells",
    [
        (METHOD.replace("self", "self: Circle"), "@patch\n"),
        (METHOD.replace("self", "self: 'Circle'"), "@patch\n"),
        (METHOD.replace("self", "self: Circle"), "@patch()\n"),
    ],
)
def test_a_method_is_added_to_the_class_of_its_annotation(loaded: Loaded, cells: tuple[str, str]) -> None:
    """A decorator may find the class in the annotation of the first parameter."""
    method, decorator = cells
    inner = (
        "    def keep(f):\n        c = f.__annotations__['self']\n        setattr(globals().get(c, c), f.__name__, f)\n"
    )
    patch = f"def patch(*given):\n{inner}    return keep(*given) if given else keep"
    assert loaded(patch, ROUND, decorator + method)["Circle"](1).five() == 5


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.environ['FIVE_OF_AREA'] = '5'\ndef area(r):\n    return int(os.environ['FIVE_OF_AREA'])",
        "import os\nos.environ.update(FIVE_OF_AREA='5')\ndef area(r):\n    return int(os.environ['FIVE_OF_AREA'])",
        "def define():\n    global area\n    def area(r):\n        return 5\ndefine()",
    ],
)
def test_what_is_set_outside_the_cell_is_kept(loaded: Loaded, text: str) -> None:
    """Environment variables, and definitions that a function makes global, are there."""
    assert loaded(text)["area"](0) == 5


def test_a_note_says_which_of_two_definitions_counts(loaded: Loaded) -> None:
    """The later one counts unless it isn't finished; the same one twice, or one that wraps the other, needs no note."""
    five, six = "def area(r):\n    return 5", "def area(r):\n    return 6"
    assert notes_of(five, six) == (
        "`area` is defined twice, in cell 1, line 1 and cell 2, line 1. The later one counts.",
    )
    stub = "def area(radius):\n    raise NotImplementedError('x')"
    assert loaded(five, stub)["area"](0) == 5
    assert notes_of(five, stub) == (
        "`area` isn't finished in cell 2, line 1. The one in cell 1, line 1 is graded instead.",
    )
    assert notes_of(stub, five) == notes_of(five, five) == ()
    seven = "def area(r):\n    return 7"
    assert notes_of(five, six, seven) == ("`area` is defined 3 times. The last one, in cell 3, line 1, counts.",)
    assert notes_of(f"{five}\n\n{six}") == (
        "`area` is defined twice, in lines 1 and 4 of cell 1. The later one counts.",
    )
    helpers = ["def help(r):\n    return 1", "def help(r):\n    return 2", "def area(r):\n    return help(r)"]
    assert notes_of(*helpers)[0].startswith("`help` is defined twice, in cell 1, line 1 and cell 2, line 1.")
    assert notes_of(*helpers[:2]) == ()
    taken = [ROUND, METHOD, "Circle.five = five", METHOD.replace("5", "6"), "Circle.six = five"]
    assert notes_of(*taken) == ()
    twice = f"{ROUND}\n    def __init__(self):\n        self.radius = 1"
    assert notes_of(twice) == ("`Circle.__init__` is defined twice, in lines 2 and 4 of cell 1. The later one counts.",)
    assert notes_of(ROUND, twice)[0].endswith("The later one counts, unless it raises an exception.")
    assert notes_of(five, "def more(f):\n    return lambda r: f(r) + 1\narea = more(area)") == ()


def test_a_variable_that_an_answer_reads_is_named() -> None:
    """If a function reads what another cell computed, a note says so; constants need no note."""
    cell = "import math\nSIZE = math.sqrt(4)\nkeys = math.sqrt(9)\nfactor = 2"
    assert notes_of(cell, "def area(r):\n    return keys * SIZE * factor") == (
        "Your `area` in cell 2 reads `keys` of cell 1, which is computed once, before any check.",
    )


def test_locked_cells_serve_what_nothing_else_defines(loaded: Loaded) -> None:
    """An answer in a check or a locked cell counts if there is no other, with a note; the check itself isn't run."""
    answer = Cell("cell 2", "import math\ndef area(r):\n    return five()\nboom()", is_locked=True)
    helper = Cell("cell 3", "def five():\n    return 5", is_locked=True)
    stub = Cell("cell 1", "def area(radius):\n    raise NotImplementedError('x')")
    for cells in [(answer, helper), (stub, answer, helper)]:
        assert loaded(*cells)["area"](0) == 5
        assert notes_of(*cells) == (
            "Cell 2 is locked, and nbgrader restores it, so what you type there gets lost. `area` was taken from it. "
            "Move it to a cell of your own.",
        )
    assert loaded("def area(r):\n    return 6", answer, helper)["area"](0) == 6


@pytest.mark.parametrize(
    "text",
    [
        "!pip install -q \\\n    einops \\\n    more\ndef area(r):\n    return 5",
        "%config x = \\\n    3\ndef area(r):\n    return 5",
        "files = !ls \\\n    -l\ndef area(r):\n    return 5",
        "!cat <<'END' > file\nNot Python.\nEND\ndef area(r):\n    return 5",
        "%%someone_elses_magic 3\ndef area(r):\n    return 5",
        "%matplotlib inline\ndef area(r):\n    return (12\n    % 7)",
        "%matplotlib inline\ndef area(r):\n    return 12 \\\n    % 7",
        "%matplotlib inline\ndef area(r):\n    return len('''\n%ab\n''')",
    ],
)
def test_the_rest_of_a_cell_with_a_magic_counts(loaded: Loaded, text: str) -> None:
    """A magic ends where it ends, also over two lines, and a `%` in an expression or a string isn't one."""
    assert loaded(text)["area"](0) == 5


def test_messages_name_the_cell() -> None:
    """A message names a line of the module as a line of its cell."""
    cells = [Cell("cell 1", "x = 1"), Cell("cell 4", "# hello\n\nclass Circle:\n    def f(self):\n        boom")]
    text = module_of(cells, STUB).text
    line = text.split("\n").index("            boom") + 1
    row = Row("at", places=(Position("thing", line, "f", "boom"),))
    (named,) = in_cells([row], {"thing": text})
    assert [position_text(position) for position in named.places] == ["cell 4, line 5, in f: boom"]
    assert in_cells([row], {"thing": "a = 1\n"}) == (row,)


def notebook(*cells: Notebook, **more: Any) -> bytes:
    """Write a notebook of format 4."""
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more}).encode()


def code(source: Any, **nbgrader: Any) -> Notebook:
    """Write a code cell."""
    metadata = {"nbgrader": nbgrader} if nbgrader else {}
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": None}


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"[]", b"{}", b"3", b'{"cells": 3}', b"\xff\xfe", b"[" * 10**5, b'{"worksheets": [3]}'],
)
def test_files_that_are_not_notebooks_are_refused(data: bytes) -> None:
    """Any bytes that aren't a notebook raise the same exception, with a reason."""
    with pytest.raises(NotANotebook, match="not a notebook"):
        read_notebook(data)


def test_strange_cells_are_read_or_skipped() -> None:
    """Source lists and answers turned into Markdown are read, locked cells are known as such, and malformed ones are skipped."""
    markdown = code("c = 1", solution=True) | {"cell_type": "markdown"}
    strange = [{}, 3, None, {"cell_type": "code"}, {"cell_type": "code", "source": 7, "metadata": 3}]
    data = notebook(code(["a = 1\n", "b = 2"]), markdown, *strange, code("d", grade=True), code("e", locked=True))
    cells = [(cell.text, cell.is_locked) for cell in read_notebook(data).cells if cell.text]
    assert cells == [("a = 1\nb = 2", False), ("c = 1", False), ("d", True), ("e", True)]
    old = {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["a = 1"]}]}], "metadata": {}}
    assert [cell.text for cell in read_notebook(json.dumps(old).encode()).cells] == ["a = 1"]


RIGHT = "def double(x):\n    return 2 * x"


@pytest.fixture
def tiny(tiny_course: Callable[..., Path]) -> Course:
    """Return a course of one exercise, `double`."""
    course = load_course(tiny_course())
    build(course)
    return course


def taken(tiny: Course, tmp_path: Path, **files: bytes) -> Submission:
    """Take in a submission of files; in a name, `__` means a dot and `_of_` a blank."""
    folder = tmp_path / "given"
    folder.mkdir()
    for name, data in files.items():
        (folder / name.replace("__", ".").replace("_of_", " ")).write_bytes(data)
    return take_in(folder, tiny)


def test_notebooks_are_taken_by_name_or_metadata(tiny: Course, tmp_path: Path) -> None:
    """A renamed notebook counts if no notebook has the exercise's name."""
    about = {"metadata": {"grader": {"exercise": "double"}}}
    submission = taken(tiny, tmp_path, double_of_final__ipynb=notebook(code(RIGHT), **about))
    assert "2 * x" in submission.sources["double"].decode()
    assert "was graded as double.ipynb" in submission.notes[0]
    (result,) = grade(tiny, [submission], sandbox="off")
    assert result.exercises["double"].status == "passed"


def test_a_notebook_takes_precedence_over_modules_and_copies(tiny: Course, tmp_path: Path) -> None:
    """If there are several files for an exercise, notes say which were not taken."""
    about = {"metadata": {"grader": {"exercise": "double"}}}
    wrong = notebook(code("def double(x):\n    return 0"), **about)
    files = {"double__ipynb": notebook(code(RIGHT)), "double__py": b"wrong", "double_of_copy__ipynb": wrong}
    submission = taken(tiny, tmp_path, **files, other__ipynb=notebook())
    assert "2 * x" in submission.sources["double"].decode()
    assert sum("was ignored" in note for note in submission.notes) == 2
    assert "Ignored: other.ipynb" in submission.notes[-1]


def test_a_module_counts_if_the_notebook_cannot_be_read(tiny: Course, tmp_path: Path) -> None:
    """If the notebook can't be read, a `.py` file counts instead."""
    submission = taken(tiny, tmp_path, double__ipynb=b"\x89PNG", double__py=RIGHT.encode())
    assert submission.sources["double"] == RIGHT.encode()
    assert "not JSON" in submission.notes[0]


def test_fifty_megabytes_of_output_do_no_harm(tiny: Course, tmp_path: Path) -> None:
    """Only the code of a notebook is taken, so huge outputs don't matter."""
    cell = code(RIGHT) | {"outputs": [{"output_type": "stream", "name": "stdout", "text": "x" * (50 * 2**20)}]}
    submission = taken(tiny, tmp_path, double__ipynb=notebook(cell))
    assert len(submission.sources["double"]) < 1000


def test_every_way_of_handing_in_the_same_code_gets_the_same_verdict(tiny: Course, tmp_path: Path) -> None:
    """A module and a notebook with the same code get the same grades and the same messages."""
    wrong = "import math\n\n\ndef double(x):\n    if x > 3:\n        raise OSError(x)\n    return x + math.floor(x)"
    folders = []
    for name, suffix, data in [("module", "py", wrong.encode()), ("cells", "ipynb", notebook(code(wrong)))]:
        folders.append(tmp_path / name)
        folders[-1].mkdir()
        (folders[-1] / f"double.{suffix}").write_bytes(data)
    from_module, from_notebook = grade(tiny, [take_in(folder, tiny) for folder in folders], sandbox="off")
    assert from_module.score == from_notebook.score
    for mine, yours in zip(
        from_module.exercises["double"].checks, from_notebook.exercises["double"].checks, strict=True
    ):
        assert (mine.status, mine.mistakes) == (yours.status, yours.mistakes)
        of_module, of_notebook = (message(visible_to_student(check, check, "case")) for check in (mine, yours))
        assert [line.replace("double.py, line", "cell 1, line") for line in of_module] == of_notebook


def test_a_module_that_a_notebook_writes_is_taken(tiny: Course, tmp_path: Path) -> None:
    """A notebook for something else may write the module to a file; a file that was handed in counts more."""
    cell = code(f"%%writefile work/double.py\n{RIGHT}")
    submission = taken(tiny, tmp_path, homework__ipynb=notebook(code("import math"), cell))
    assert submission.sources["double"].decode().strip() == RIGHT
    assert submission.notes == ("double.py is in cell 2 of homework.ipynb, which writes it.",)
    (tmp_path / "given" / "double.py").write_text("x = 1\n", encoding="utf-8")
    assert take_in(tmp_path / "given", tiny).sources["double"] == b"x = 1\n"


def test_a_notebook_without_code_is_not_started(tiny: Course, tmp_path: Path) -> None:
    """An empty notebook is no answer, and a note says so."""
    submission = taken(tiny, tmp_path, double__ipynb=notebook(code(" ")))
    assert submission.sources == {}
    assert submission.notes[0] == "double.ipynb was ignored: it contains no code."


def test_remarks_say_what_a_module_defines_twice(tiny: Course, tmp_path: Path) -> None:
    """Two functions with a name, or an import below, are named; variants, trials and what runs by itself are not."""
    quiet = [
        f"{RIGHT}\n{RIGHT}",
        f"if 1:\n    {RIGHT}\nelse:\n    {RIGHT}2".replace("\n    return", "\n        return"),
        f"{RIGHT}\nif __name__ == '__main__':\n    from math import sqrt as double",
        f"import typing\n@typing.overload\ndef double(x): ...\n{RIGHT}",
        f"{RIGHT}\nold = double\n{RIGHT}2",
        "def double(x:",
    ]
    expected = {
        f"{RIGHT}\nprint(double(1))\n{RIGHT}2": (
            "`double` is defined twice, in lines 1 and 4 of double.py. The later one counts.",
        ),
        f"{RIGHT}\nfrom math import sqrt as double": (
            "Line 3 of double.py imports another `double`, which replaces your own in line 1.",
        ),
    }
    for text, notes in [*((text, ()) for text in quiet), *expected.items()]:
        (tmp_path / "given").mkdir(exist_ok=True)
        (tmp_path / "given" / "double.py").write_text(text, encoding="utf-8")
        assert take_in(tmp_path / "given", tiny).notes == notes, text


def test_an_untouched_notebook_does_not_hide_a_written_one(tiny: Course, tmp_path: Path) -> None:
    """If you solve a copy and hand in both, the copy counts and a note says so."""
    about = {"metadata": {"grader": {"exercise": "double"}}}
    stub = (tiny.stubs / "double.py").read_text(encoding="utf-8")
    final = notebook(code("# mine"), code(RIGHT), **about)
    submission = taken(tiny, tmp_path, double__ipynb=notebook(code(stub), **about), double_of_FINAL__ipynb=final)
    assert "2 * x" in submission.sources["double"].decode()
    assert "double.ipynb was ignored: double FINAL.ipynb is also for `double` and is graded." in submission.notes


UNWRITTEN = 'def double(x):\n    raise NotImplementedError("Multiply.")'


@pytest.mark.parametrize(
    "cells",
    [[], [code(UNWRITTEN)], [code("import math\nprint(math.pi)")], [code("def double(x:\n    return 3")]],
    ids=["empty", "untouched", "experiments", "broken"],
)
def test_an_unwritten_notebook_does_not_hide_a_module(tiny: Course, tmp_path: Path, cells: list[Notebook]) -> None:
    """A notebook without the answer doesn't beat the module next to it, and a note says which was graded."""
    submission = taken(tiny, tmp_path, double__ipynb=notebook(*cells), double__py=RIGHT.encode())
    assert submission.sources["double"] == RIGHT.encode()
    assert submission.notes == (
        "double.ipynb was ignored: it has nothing of `double` that is written. double.py is graded instead.",
    )


def test_parts_of_an_answer_are_put_together(tiny: Course, tmp_path: Path) -> None:
    """If a notebook and a module each have a function that the other lacks, both count."""
    treble = UNWRITTEN.replace("double", "treble")
    (tiny.stubs / "double.py").write_text(f"{UNWRITTEN}\n\n\n{treble}\n", encoding="utf-8")
    in_notebook = notebook(code(UNWRITTEN), code("def treble(x):\n    return 3 * x"))
    in_module = f"{RIGHT}\n\n\n{treble}".encode()
    submission = taken(tiny, tmp_path, double__ipynb=in_notebook, double__py=in_module)
    source = submission.sources["double"].decode()
    assert "2 * x" in source
    assert "NotImplementedError" not in source
    assert source.endswith("return 3 * x\n")
    assert "double.ipynb and double.py were put together" in submission.notes[0]


def test_a_notebook_with_a_byte_order_mark_is_read() -> None:
    """Editors on Windows put a mark before the text, or write UTF-16."""
    text = notebook(code("a = 1")).decode()
    for data in (b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16")):
        assert [cell.text for cell in read_notebook(data).cells] == ["a = 1"]
