"""What the capstone learns from: grammars with exact entropies, baselines, and your own texts."""

from __future__ import annotations

import math
import random
from collections import Counter
from pathlib import Path

import pytest

from capstone.baselines import measure
from capstone.errors import UnfitText
from capstone.grammar import Grammar, GrammarError, NotDerived, join
from capstone.stories import RULES, STORIES
from capstone.text import FEWEST, read_text, tell_stories

SMALL = Grammar(
    {
        "story": ("<who=name> lives <where=place> . <day>",),
        "name": {"Ada": 3, "Bo": 1},
        "place": {"at sea": 1, "in town": 2},
        "day": {"{who.she} sees <thing:where> , {who} says .": 2, "Nothing <ends> .": 1},
        "thing/at sea": {"fish": 3, "ships": 1, "stars": 4},
        "thing/in town": ("trams", "{who} again"),
        "ends": ("ends", "happens {where}"),
    },
    {"Ada": {"she": "She"}, "Bo": {"she": "He"}},
)


def test_probabilities_of_all_texts_sum_to_one() -> None:
    """The probabilities of all texts of a small grammar sum to 1."""
    assert math.fsum(probability for _, probability in SMALL.derivations()) == pytest.approx(1.0, abs=1e-12)


def test_no_text_has_two_derivations() -> None:
    """No two derivations give the same text, so the entropy of the choices is the entropy of the texts."""
    texts = Counter(text for text, _ in SMALL.derivations())
    assert len(texts) == 2 * (3 + 2) + 2 * 2 * 2
    assert set(texts.values()) == {1}


def test_the_entropy_is_that_of_brute_force() -> None:
    """The entropy equals the sum of -p log p over all texts, although it's computed without listing them."""
    brute = -math.fsum(p * math.log(p) for _, p in SMALL.derivations())
    assert SMALL.entropy() == pytest.approx(brute, rel=1e-12)


def test_a_texts_probability_is_found_from_the_text_alone() -> None:
    """Parsing a text gives the probability with which it is generated."""
    for text, probability in SMALL.derivations():
        assert SMALL.log_probability(text) == pytest.approx(math.log(probability), rel=1e-12), text


def test_stories_are_told_as_often_as_their_probability_says() -> None:
    """Counts of ten thousand small stories agree with the probabilities, within four standard deviations."""
    draw, count = random.Random(1), 10_000
    counts = Counter(SMALL.sample(draw).text for _ in range(count))
    for text, p in SMALL.derivations():
        assert abs(counts[text] - count * p) <= 4 * math.sqrt(count * p * (1 - p)), text


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"story": ("a b", "a c")}, "begin with `a`"),
        ({"story": ("<x> b", "a c"), "x": ("a", "d")}, "begin with `a`"),
        ({"story": ("<w=x> <y>",), "x": ("a", "b"), "y": ("{w}", "b")}, "begin with `b`"),
        ({"story": ("a <story>", "b")}, "leads back"),
        ({"story": ("a <x>",)}, "no rule `x`"),
        ({"story": ("<w=x> <y:w>",), "x": ("a", "b"), "y/a": ("c",)}, "no rule `y/b`"),
        ({"story": ("",)}, "needs alternatives"),
        ({"story": {"a": 0.0}}, "needs alternatives"),
        ({"story": ("<w=x>",), "x": ("a <z>",), "z": ("b",)}, "plain words"),
    ],
)
def test_a_grammar_that_could_be_ambiguous_is_refused(rules: dict[str, tuple[str, ...]], message: str) -> None:
    """A grammar is refused if a word doesn't determine the alternative, or if a rule never ends."""
    with pytest.raises(GrammarError, match=message):
        Grammar(rules)


def test_each_rules_probabilities_sum_to_one() -> None:
    """At every choice of the course's grammar the alternatives' probabilities sum to 1."""
    for name, rule in STORIES.rules.items():
        assert math.fsum(alternative.probability for alternative in rule) == pytest.approx(1.0, abs=1e-12), name
    assert set(STORIES.rules) == set(RULES)


def test_a_storys_probability_is_that_of_its_choices() -> None:
    """Each of three hundred stories has the same probability by its text as by the choices that made it."""
    draw = random.Random(7)
    for _ in range(300):
        story = STORIES.sample(draw)
        assert STORIES.log_probability(story.text) == pytest.approx(story.log_probability, rel=1e-12)


def test_the_mean_surprise_approaches_the_entropy() -> None:
    """Over five thousand stories the grammar's own mean surprise is its entropy, within four standard errors."""
    draw = random.Random(11)
    surprises = [-STORIES.sample(draw).log_probability for _ in range(5000)]
    mean = math.fsum(surprises) / len(surprises)
    spread = math.sqrt(math.fsum((surprise - mean) ** 2 for surprise in surprises) / len(surprises))
    assert abs(mean - STORIES.entropy()) < 4 * spread / math.sqrt(len(surprises))


def test_what_comes_back_must_be_what_was_named() -> None:
    """A story that ends with another hero, pronoun or thing isn't in the grammar."""
    story = (
        "Once Timo lived by the river with grandmother. One day he found a red net. Soon a proud goat came along. "
        "The goat asked for the net, but he said no. Meanwhile the sun came out. "
        "That night Timo carried the red net back to the house by the river."
    )
    assert STORIES.derives(story)
    for old, new in (("night Timo", "night Emil"), ("but he", "but she"), ("red net back", "red boat back")):
        assert story.count(old) == 1
        assert not STORIES.derives(story.replace(old, new)), new
    for broken in ("", story[:-1], f"{story} The", story.replace(" ", "  ", 1), story.replace("proud", "Proud")):
        with pytest.raises(NotDerived):
            STORIES.log_probability(broken)


def test_the_same_number_of_stories_is_the_same_text() -> None:
    """A seed determines the stories: the same bytes each time, one per line, some of them held out."""
    first, second = tell_stories(40), tell_stories(40)
    assert (first, first.digest) == (second, second.digest)
    assert [len(first.train), len(first.kept), len(first.surprises)] == [36, 4, 4]
    assert all(piece.endswith(".\n") and piece.count("\n") == 1 for piece in first.train + first.kept)


def test_words_are_joined_as_people_write() -> None:
    """There is a space between words, and none before a punctuation mark."""
    assert join(["It", "was", "she", ",", "at", "last", "."]) == "It was she, at last."


def test_baselines_are_those_of_counting_by_hand() -> None:
    """For `0 1 1` after a 2, the baselines give what the formulas give on paper."""
    baselines = measure([[0, 1, 1]], [[1]], vocab_size=3, before=2)
    assert baselines.uniform == pytest.approx(math.log(3))
    assert baselines.unigram == pytest.approx(-math.log((2 + 1) / (3 + 3)))
    assert baselines.bigram == pytest.approx(-math.log((0 + 1 / 2) / (1 + 1)))


def test_baselines_are_probabilities() -> None:
    """Over all tokens that could come next, unigram and bigram each sum to 1."""
    train = [[0, 1, 1, 3], [3, 0, 1]]
    baselines = [measure(train, [[token]], vocab_size=5, before=4) for token in range(5)]
    assert math.fsum(math.exp(-baseline.unigram) for baseline in baselines) == pytest.approx(1.0, abs=1e-12)
    assert math.fsum(math.exp(-baseline.bigram) for baseline in baselines) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "has 0 characters"),
        (b" \n" * FEWEST, "has 0 characters"),
        (b"Too short.", "has 10 characters"),
        (b"\x89PNG\r\n" + bytes(range(256)) * 20, "isn't UTF-8 text: byte 0 is 0x89"),
        ("Stra\xdfe ".encode("latin-1") * 999, "isn't UTF-8 text: byte 4 is 0xdf"),
        (b"a\0" * FEWEST, "zero bytes"),
        ("ja ".encode("utf-16") * 999, "isn't UTF-8 text"),
    ],
)
def test_a_text_that_is_none_is_told(tmp_path: Path, data: bytes, message: str) -> None:
    """Empty, short, binary and wrongly encoded files are refused with a message that says what to do."""
    path = tmp_path / "book.txt"
    path.write_bytes(data)
    with pytest.raises(UnfitText, match=message) as raised:
        read_text(path)
    assert str(raised.value).endswith("--text book.txt")


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    """A file that can't be read is named, with the reason."""
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(UnfitText, match="can't be read"):
            read_text(path)


def test_line_ends_and_marks_of_other_systems_are_taken_out(tmp_path: Path) -> None:
    """A text saved on Windows is the same text; its last tenth is held out, and nothing is lost."""
    lines = [f"Line {number} of a small book." for number in range(200)]
    path = tmp_path / "book.txt"
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    text = read_text(path)
    assert "".join(text.train + text.kept) == "\n".join(lines)
    assert len(text.kept[0]) == round(0.1 * text.characters)
    assert text.source is None
