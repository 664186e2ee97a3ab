"""The site shows the lessons in order with their checks, and loads nothing from the network."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grader.authoring.mathml import converted
from grader.authoring.site import build_site
from grader.authoring.site_index import index, plain
from grader.authoring.site_pages import lesson, stage
from grader.course import Course, load_course
from grader.errors import BrokenPages, MissingPackage, NotASite

# Sphinx and its extensions warn about their own deprecations.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]

LESSON = """\
# Doubling

The double of $x$ is $-2x$, or so; see [the next](twice.md#more), and [the course](../course.yaml).

![Two bars, the second twice as long as the first.](figures/bars.svg)

$$\\ln 2 \\approx 0.69$$

<!-- file -->Open the file.<!-- notebook: Write into the cell. -->

## How to tell when you're done

The checks pass.
"""
TWICE = "# Twice\n\n## More\n\nMore of it.\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


class _Page(HTMLParser):
    """The files that a page loads, its links, and the ids in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.names: set[str] = set()
        self.without_words: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.names.add(attributes.get("id", ""))
        if tag == "a":
            self.links.append(attributes.get("href", ""))
        elif "src" in attributes or (tag == "link" and "href" in attributes):
            self.loads.append(attributes.get("src") or attributes["href"])
        if tag == "img" and len(attributes.get("alt", "")) < 10:
            self.without_words.append(attributes["src"])


def site_pages(site: Path) -> Iterator[tuple[Path, _Page]]:
    """List the pages of a site."""
    for path in sorted(site.rglob("*.html")):
        yield path, _Page(path)


def expect_whole(site: Path) -> None:
    """Fail if a page loads something from another site, has a broken link, or shows a raw formula."""
    pages = dict(site_pages(site))
    for path, page in pages.items():
        for address in page.loads:
            assert not re.match(r"(https?:)?//", address), f"{path.name} loads {address}"
            assert address.startswith("#") or (path.parent / address.partition("?")[0]).exists(), f"{path}: {address}"
        assert not page.without_words, path.name
        for link in page.links:
            file, _, name = link.partition("#")
            if re.match(r"\w+:", link):
                continue
            target = (path.parent / file).resolve() if file else path
            assert target.exists(), f"{path.name} links to {link}"
            if name and target in pages:
                assert name in pages[target].names, f"{path.name} links to {link}"
        text = re.sub(
            r"<pre>.*?</pre>|<code.*?</code>|<title>.*?</title>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        assert "$$" not in text, path.name
        assert not re.search(r"<m[io][^>]*>\\", text), f"{path.name}: a formula has a name that is not known"
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//|@import", style.read_text(encoding="utf-8")), style.name


@pytest.fixture
def tiny(tiny_course: Callable[..., Path]) -> Callable[..., Course]:
    """Return a function that makes a small course with lessons."""

    def make(double: str = LESSON, **replaced: str) -> Course:
        path = tiny_course(exercises__twice_dot_md=TWICE, README_dot_md="# Read me\n", **replaced)
        (path.parent / "exercises" / "double.md").write_text(double, encoding="utf-8")
        (path.parent / "exercises" / "figures").mkdir(exist_ok=True)
        (path.parent / "exercises" / "figures" / "bars.svg").write_text(SVG, encoding="utf-8")
        return load_course(path)

    return make


def test_a_site_is_built_from_a_course(tiny: Callable[..., Course], tmp_path: Path) -> None:
    """The site has the lessons in order, rendered formulas, checks with links both ways, and loads nothing else."""
    pytest.importorskip("sphinx")
    course = tiny()
    site = tmp_path / "out" / "site"
    assert build_site(course, site) == site / "index.html"
    expect_whole(site)
    index = (site / "index.html").read_text(encoding="utf-8")
    assert index.index("exercises/double.html") < index.index("exercises/twice.html")
    assert "README.html" in index
    text = (site / "exercises" / "double.html").read_text(encoding="utf-8")
    assert "<math" in text
    assert "Open the file." in text
    assert "Write into the cell" not in text
    assert 'href="../checks/double.html#check-double-test-double-three"' in text
    assert "Doubling holds for every number." in text
    checks = (site / "checks" / "double.html").read_text(encoding="utf-8")
    assert 'href="../exercises/double.html#how-to-tell-when-you-re-done"' in checks
    assert "def" in checks
    assert "Adding one is not doubling." in checks
    assert "the_reference" not in checks
    words = (site / "searchindex.js").read_text(encoding="utf-8")
    assert "doubl" in words
    # A second build replaces the first; a folder that isn't a site is left alone.
    build_site(course, site)
    assert sorted(path.name for path in site.parent.iterdir()) == ["site"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(NotASite, match="--out FOLDER"):
        build_site(course, tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").is_file()


@pytest.mark.parametrize(
    "broken", ["[gone](gone.md)", "[no such place](twice.md#nowhere)", "![A picture that is not there](figures/no.svg)"]
)
def test_a_link_to_nothing_fails_the_build(broken: str, tiny: Callable[..., Course], tmp_path: Path) -> None:
    """A link to a missing page, heading or picture fails the build, and the earlier site stays."""
    pytest.importorskip("sphinx")
    site = tmp_path / "site"
    site.mkdir()
    with pytest.raises(BrokenPages, match=r"exercises/double\.md") as raised:
        build_site(tiny(f"{LESSON}\n{broken}\n"), site)
    assert str(tmp_path) not in str(raised.value)
    assert list(tmp_path.glob("site*")) == [site]


def test_hidden_checks_are_shown_as_the_course_allows(tiny: Callable[..., Course], tmp_path: Path) -> None:
    """Hidden checks appear with their titles if feedback may always show those; otherwise you see only their number."""
    course = tiny()
    assert "Doubling holds for every number." in lesson(course, course.by_id["double"])
    path = course.root / "course.yaml"
    text = path.read_text(encoding="utf-8")
    for level in ("category", "{before_due: category, after_due: title}"):
        path.write_text(f"hidden_feedback: {level}\n{text}", encoding="utf-8")
        secretive = load_course(path)
        pages = tmp_path / level[:3]
        (course.root / "docs" / "matrix").mkdir(parents=True, exist_ok=True)
        (course.root / "docs" / "matrix.md").write_text("# Every check by its name\n", encoding="utf-8")
        (course.root / "docs" / "matrix" / "double.svg").write_text(SVG, encoding="utf-8")
        stage(secretive, pages)
        assert not list(pages.rglob("matrix*"))
        page = lesson(secretive, secretive.by_id["double"])
        assert "Doubling holds" not in page
        assert "1 more check is hidden" in page


def test_the_first_page_says_where_to_start(tiny: Callable[..., Course], course: Course) -> None:
    """It begins with three steps; the commands that install are those of a course that is a package itself."""
    page = index(tiny(), ["README.md"])
    assert page.index("## Start here") < page.index("## The exercises")
    assert "1. **Install the grader**" in page
    assert "[The README](README.md)" in page
    assert "pip install" not in page
    assert (
        "2. **Read the first lesson**, [Double](exercises/double.md), and write your code in `exercises/double.py`."
        in page
    )
    assert "3. **Run `pytest -k double`**, or start `grader watch`" in page
    assert "pip install -e ." in index(course, [])


def test_the_capstone_is_among_the_exercises(course: Course) -> None:
    """Its milestones follow their exercises, and the whole of it the last exercise that it uses, also in the menu."""
    page = index(course, ["README.md", "docs/capstone.md"])
    assert course.capstone is not None
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    for milestone in course.capstone.milestones:
        (place,) = [number for number, row in enumerate(rows) if milestone.title in row]
        assert f"exercises/{milestone.after}.md" in rows[place - 1]
        assert "[Capstone](docs/capstone.md)" in rows[place]
    last = [exercise.id for exercise in course.exercises if exercise.id in course.capstone.uses][-1]
    (whole,) = [number for number, row in enumerate(rows) if "Put all your modules together." in row]
    before = [row for row in rows[:whole] if "](exercises/" in row]
    assert f"exercises/{last}.md" in before[-1]
    assert f"exercises/{last}\ndocs/capstone\n" in page
    assert page.count("\ndocs/capstone\n") == 1
    assert "Capstone" in index(course, [])
    assert "docs/capstone" not in index(course, [])


def test_without_sphinx_it_says_what_to_install(
    tiny: Callable[..., Course], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The message says which extra to install."""
    monkeypatch.setitem(sys.modules, "furo", None)
    with pytest.raises(MissingPackage, match=r'pip install -e "\.\[docs\]"'):
        build_site(tiny(), tmp_path / "site")


def test_titles_are_not_read_as_markdown() -> None:
    """A check's title may contain stars, brackets and bars; text between backticks stays code."""
    assert plain("a*b [c] | <d> $e$ `f_g`") == r"a\*b \[c\] \| \<d\> \$e\$ `f_g`"


def test_formulas_become_mathml() -> None:
    """A sign is next to its number, there is a space after a function's name, and every name is known."""
    pytest.importorskip("latex2mathml")
    assert '<mo form="prefix">−</mo>' in converted("(-3, -1)")  # noqa: RUF001
    assert "form" not in converted("3 - 1")
    assert '<mspace width="0.17em" />' in converted(r"\ln p")
    assert "\\" not in converted(r"\arg\max_{x} f")


def test_every_formula_of_the_lessons_is_known(course: Course) -> None:
    """Every name in a lesson's formulas is converted."""
    pytest.importorskip("latex2mathml")
    for exercise in course.exercises:
        path = course.stubs / f"{exercise.id}.md"
        text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        formulas = re.findall(r"\$\$(.+?)\$\$", text, re.DOTALL) + re.findall(r"(?<!\$)\$([^$\n]+)\$(?!\$)", text)
        for formula in formulas:
            assert "\\" not in converted(formula), f"{path.name}: {formula}"


def test_links_between_the_pages_of_the_project_lead_somewhere(course: Course, tmp_path: Path) -> None:
    """Every linked page and heading exists, as the build would find, but without building."""
    stage(course, tmp_path)
    for path in sorted(tmp_path.rglob("*.md")):
        text = re.sub(r"```.*?```|`[^`\n]+`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            file, _, name = link.partition("#")
            if re.match(r"\w+:", link) or not file:
                continue
            target = path.parent / file
            assert target.is_file(), f"{path.relative_to(tmp_path)} links to {link}"
            if name and target.suffix == ".md":
                heads = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
                slugs = [re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads]
                assert name in slugs, f"{path.relative_to(tmp_path)} links to {link}"


@pytest.mark.slow
def test_the_projects_own_site_is_whole(course: Course, tmp_path: Path) -> None:
    """The project's own site builds without complaints, loads nothing from other sites, and has no broken link."""
    pytest.importorskip("sphinx")
    build_site(course, tmp_path / "site")
    expect_whole(tmp_path / "site")
