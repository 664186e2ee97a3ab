"""What can be measured about `bigram_baseline`: first the counts, then the probabilities, the loss and the baselines.

Each function gets arguments written by hand, so it doesn't matter what the others do.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator

import torch

from grader.checks import Port, expect_any_tensor, expect_number, expect_tensor, fact, what_came
from grader.port import LearnerError
from grader.text import in_one_line
from tests.visible.bigrams import FLOAT64, INT64, SHARP, TEXT, baselines_of, ids_of, loss_of, probabilities_of

PAIRS = "Row a, column b holds how often b comes right after a, and every pair of neighbors counts."
SHARES = "Each row holds the smoothed counts divided by their sum: (count + k) / (sum of the row + k · vocab_size)."
MEAN = "The loss is the mean of -ln p over all pairs of the text, a Python float."
THREE = (
    "The baselines are ln(vocab_size), the loss of the smoothed shares of tokens, and the loss of the model of pairs."
)


def _close(got: float, expected: float) -> bool:
    return got == expected or (math.isfinite(expected) and abs(got - expected) <= 1e-4 * max(abs(expected), 1e-3))


def _table(*rows: list[float]) -> torch.Tensor:
    return torch.tensor(rows, dtype=INT64)


def _shown(numbers: torch.Tensor, digits: int = 4) -> str:
    return "(" + ", ".join(f"{number:.{digits}g}" for number in numbers.tolist()) + ")"


def _text(ids: tuple[int, ...]) -> str:
    if len(ids) > 12:
        return f"the text {' '.join(map(str, ids[:6]))} … of {len(ids)} tokens"
    return f"the text {' '.join(map(str, ids))}" if ids else "an empty text"


def _form(got: object, shape: tuple[int, ...], dtype: torch.dtype) -> str:
    """Return what is wrong with the form of a tensor, in words; nothing if it is right."""
    if isinstance(got, torch.Tensor) and tuple(got.shape) == shape and got.dtype == dtype:
        return ""
    came = f"{got.dtype} of shape {tuple(got.shape)}" if isinstance(got, torch.Tensor) else what_came(got)
    return f"{came}, expected {dtype} of shape {shape}".replace("torch.", "")


def _first_failure(usual: Callable[[], object], cases: dict[str, Callable[[], object]], name: str) -> str | None:
    """Ask for something usual, then for special things, until something raises an exception."""
    works = ""
    for case, ask in {"": usual, **cases}.items():
        try:
            ask()
        except LearnerError as error:
            return f"Your `{name}` {works}raises {in_one_line(error)}{f' for {case}' if case else ''}."
        works = "works for usual arguments, but "
    return None


@fact(
    why="A text of one token, or none, has no pairs, so its counts are all 0.", hint="Try texts of 2, 1 and 0 tokens."
)
def counting_raises(learner: Port) -> str | None:
    """Count texts of two tokens, more, one and none."""

    def count(*ids: int) -> Callable[[], object]:
        return lambda: learner.call("count_bigrams", ids_of(*ids), 4)

    return _first_failure(
        count(0, 1, 2, 0),
        {
            "a text of two tokens": count(0, 1),
            "a token that follows itself": count(1, 1, 1),
            "the last id of the vocabulary": count(3, 3, 0),
            "a text of one token": count(2),
            "an empty text": count(),
        },
        "count_bigrams",
    )


@fact(why="Each call depends only on its own arguments.", hint="Which variables outlive a call?")
def calls(learner: Port) -> str | None:
    """Count a text twice, and ask for the probabilities of two tables of the same size."""
    first, second = (expect_any_tensor(learner.call("count_bigrams", ids_of(0, 1, 2), 6)) for _ in range(2))
    if not torch.equal(first, second):
        return (
            f"If you count the text 0 1 2 a second time, your counts[0, 1] is {second[0, 1]:g}, after {first[0, 1]:g} "
            "the first time, expected the same."
        )
    table, other = torch.eye(5, dtype=INT64), torch.ones(5, 5, dtype=INT64)
    first, second = (probabilities_of(learner, each, smoothing=0.0) for each in (table, other))
    if torch.equal(first, second):
        return "Your `bigram_probabilities` returns for a second table of counts what it returned for the first."
    return None


@fact(why=PAIRS, hint="Write down the pairs of this text by hand, and find the first that your table counts otherwise.")
def counts(learner: Port) -> str | None:
    """Compare the counts of texts with their pairs, the smallest text first, and count one of them twice."""
    texts: list[tuple[int, ...]] = [
        (0, 1), (1, 2), (2, 0), (1, 1), (0, 0), (0, 1, 2), (2, 1, 0), (0, 1, 0, 1, 0), (3, 3, 3), (0, 1, 2, 3, 0, 1, 2),
        (1,), (), TEXT, TEXT[::-1], (0, 1, 1, 2) * 75, (3,) * 300, (1, 0) * 20_000,
    ]  # fmt: skip
    for ids in (*texts, *texts[:1]):
        got = learner.call("count_bigrams", ids_of(*ids), 4)
        if wrong := _form(got, (4, 4), INT64):
            return f"For {_text(ids)} and vocab_size=4, your counts are {wrong}."
        pairs = list(itertools.pairwise(ids))
        for pair in sorted(itertools.product(range(4), repeat=2), key=lambda pair: pair not in pairs):
            found = int(got[pair])
            if found != pairs.count(pair):
                return (
                    f"For {_text(ids)}, your counts[{pair[0]}, {pair[1]}] is {found}, expected {pairs.count(pair)}"
                    + (_elsewhere(learner, got, pairs, pair) + ".")
                )
    return None


def _elsewhere(learner: Port, got: torch.Tensor, pairs: list[tuple[int, int]], shown: tuple[int, int]) -> str:
    """Say what else a table of counts holds."""
    expected = torch.zeros(4, 4, dtype=INT64)
    for pair in pairs:
        expected[pair] += 1
    if torch.equal(got, expected.T):
        return ": rows and columns are swapped"
    again = expect_any_tensor(learner.call("count_bigrams", ids_of(0, 1, 0, 1, 0), 4))
    if torch.equal(got, expected.clamp(max=1)) and int(again.sum()) == 2:
        return ": you count each different pair only once"
    extra = [tuple(pair) for pair in (got > expected).nonzero().tolist() if tuple(pair) != shown]
    sums = f": they add up to {int(got.sum())}, and the text has {len(pairs)} pair{'s'[: len(pairs) != 1]}"
    return f"; counts[{extra[0][0]}, {extra[0][1]}] is {int(got[extra[0]])}, too many" + sums if extra else sums


@fact(
    why="They belong to the caller, who still needs them.",
    hint="Look for +=, assignments to [...], and names ending in _.",
)
def arguments(learner: Port) -> str | None:
    """Keep all arguments on the learner's side, call each function, and look at them again."""
    ids, table, model = ids_of(0, 1, 2, 0), _table([0, 0, 0], [1, 2, 0], [0, 0, 3]), SHARP
    for name, given, more in (
        ("count_bigrams", (ids,), (3,)),
        ("bigram_probabilities", (table,), (0.0,)),
        ("bigram_probabilities", (table,), (2.0,)),
        ("bigram_loss", (ids, model), ()),
        ("baseline_losses", (ids, ids), (3,)),
    ):
        kept = [learner.put(argument) for argument in given]
        learner.call(name, *kept, *more)
        for handle, before in zip(kept, given, strict=True):
            after = handle.value()
            if not (isinstance(after, torch.Tensor) and torch.equal(after, before)):
                what = "a text" if before is ids else "the counts" if before is table else "the probabilities"
                shown = _shown(after.flatten()) if isinstance(after, torch.Tensor) else what_came(after)
                return f"Your `{name}` changes {what} that it gets, from {_shown(before.flatten())} to {shown}."
    return None


@fact(
    why="Every table of counts has probabilities, for any smoothing of 0 or more.",
    hint="Try a row of zeros and a smoothing of 0.",
)
def probabilities_raise(learner: Port) -> str | None:
    """Ask for the probabilities of several tables."""

    def ask(table: torch.Tensor, **smoothing: float) -> Callable[[], object]:
        return lambda: learner.call("bigram_probabilities", table, **smoothing)

    table = _table([1, 3], [2, 2])
    return _first_failure(
        ask(table, smoothing=1.0),
        {
            "no `smoothing`": ask(table),
            "smoothing=0.0": ask(table, smoothing=0.0),
            "smoothing=2": ask(table, smoothing=2),
            "smoothing=0.5": ask(table, smoothing=0.5),
            "a row of zeros and smoothing=0.0": ask(_table([0, 0], [1, 1]), smoothing=0.0),
            "a vocabulary of one token": ask(_table([3]), smoothing=1.0),
        },
        "bigram_probabilities",
    )


@fact(why=SHARES, hint="What are the shares of the counts 1 and 3?")
def shares(learner: Port) -> str | None:
    """Look at the probabilities without smoothing of tables that have no row of zeros."""
    tables = (_table([1, 3], [2, 2]), _table([1, 0, 3], [1, 0, 0], [1, 5, 2]))
    for table in tables:
        if wrong := _form(learner.call("bigram_probabilities", table, smoothing=0.0), tuple(table.shape), FLOAT64):
            return f"For {len(table)} tokens, your probabilities are {wrong}."
    found = [expect_any_tensor(learner.call("bigram_probabilities", table, smoothing=0.0)) for table in tables]

    def fits(rule: Callable[[torch.Tensor], torch.Tensor]) -> list[bool]:
        pairs = zip(tables, found, strict=True)
        return [torch.allclose(got, rule(table.to(FLOAT64)), atol=1e-5) for table, got in pairs]

    right = fits(lambda counts: counts / counts.sum(1, keepdim=True))
    if all(right):
        return None
    known: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
        "your columns add up to 1, not your rows": lambda counts: counts / counts.sum(0),
        "you divide each column by the total of the row with its number": lambda counts: counts / counts.sum(1),
        "your whole table adds up to 1": lambda counts: counts / counts.sum(),
        "yours is a softmax of the counts": lambda counts: counts.softmax(1),
        "you divide by the largest count of the row": lambda counts: counts / counts.amax(1, keepdim=True),
        "you divide by the root of the sum of squares": lambda counts: counts / counts.norm(dim=1, keepdim=True),
        "yours are shares of squares": lambda counts: counts**2 / (counts**2).sum(1, keepdim=True),
        "yours are logarithms": lambda counts: (counts / counts.sum(1, keepdim=True)).log(),
        "you divide by vocab_size": lambda counts: counts / len(counts),
        "that is a smoothing of 1": lambda counts: (counts + 1) / (counts + 1).sum(1, keepdim=True),
    }
    text = next((f": {text}" for text, rule in known.items() if all(fits(rule))), "")
    table, got = tables[right.index(False)], found[right.index(False)]
    return _row(table, got, table / table.sum(1, keepdim=True).to(FLOAT64), "0", text)


def _row(table: torch.Tensor, found: torch.Tensor, expected: torch.Tensor, smoothing: str, more: str = "") -> str:
    """Describe the first row that is wrong."""
    row = next(i for i in range(len(table)) if not torch.allclose(found[i], expected[i], rtol=1e-4, atol=1e-6))
    counted = "(" + ", ".join(map(str, table[row].tolist())) + ")"
    where = f" in row {row}" if row else ""
    total = float(found[row].sum())
    rounded = (digits for digits in range(2, 6) if torch.allclose(found, expected.round(decimals=digits), atol=1e-9))
    if not more and (decimals := next(rounded, 0)):
        more = f": you round to {decimals} decimals"
    elif not more and not _close(total, 1.0):
        more = f"; yours add up to {total:.4g}, not to 1"
    digits = 4 if _shown(found[row]) != _shown(expected[row]) else 8
    return (
        f"With smoothing={smoothing}, your probabilities for the counts {counted}{where} are "
        f"{_shown(found[row], digits)}, expected {_shown(expected[row], digits)}{more}."
    )


@fact(why=SHARES, hint="What do the counts 0, 1 and 3 become with this smoothing, and what is their new sum?")
def smoothing(learner: Port) -> str | None:
    """Find the smoothing that explains the probabilities, for a row of three counts and a row of four."""
    tables = [_table(*[[0, 1, 3]] * 3), _table(*[[0, 1, 3, 4]] * 4)]
    sizes = [(k, table) for k in (1.0, 0.5, 3.0) for table in tables]
    effective = []
    for k, table in sizes:
        found, plain = probabilities_of(learner, table, smoothing=k)[0], table[0].to(FLOAT64)
        expected = (plain + k) / (plain + k).sum()
        if abs(float(found.sum()) - 1) > 0.01:
            return _row(table[:1], found[None], expected[None], f"{k:g}")
        # Between p = (1 + k) / (sum + V · k) and the same for 3, k is the only unknown.
        difference = float(found[2] - found[1])
        k_found = (2 / difference - float(plain.sum())) / len(plain) if abs(difference) > 1e-9 else math.inf
        shares = (plain + k_found) / (plain + k_found).sum()
        effective.append(k_found if torch.allclose(found, shares, atol=1e-3) else math.nan)
    if all(abs(number - k) < 0.02 for number, (k, _) in zip(effective, sizes, strict=True)):
        return None
    index = next(
        i for i, (number, (k, _)) in enumerate(zip(effective, sizes, strict=True)) if not abs(number - k) < 0.02
    )
    k, table = sizes[index]
    found, plain = probabilities_of(learner, table, smoothing=k), table.to(FLOAT64)
    expected = (plain + k) / (plain + k).sum(1, keepdim=True)
    known = {
        "0, whatever it is": lambda k, v: 0.0,
        "1, whatever it is": lambda k, v: 1.0,
        "the square of it": lambda k, v: k * k,
        "it divided by vocab_size": lambda k, v: k / v,
        "it times vocab_size": lambda k, v: k * v,
        "its whole part": lambda k, v: float(int(k)),
        "at least 1": lambda k, v: max(k, 1.0),
        "at most 1": lambda k, v: min(k, 1.0),
        "half of it": lambda k, v: k / 2,
        "twice as much": lambda k, v: k * 2,
        "one more": lambda k, v: k + 1,
    }
    names = (
        t
        for t, f in known.items()
        if all(abs(n - f(k, len(c))) < 1e-3 for n, (k, c) in zip(effective, sizes, strict=True))
    )
    name = next(names, "")
    like = f": that is a smoothing of {effective[index]:.4g}" if math.isfinite(effective[index]) else ""
    return _row(table, found, expected, f"{k:g}", like + (f" ({name})" if name and like else ""))


@fact(
    why="If nothing followed a token, every token is equally likely after it. The other rows stay as they are.",
    hint="What does your code do with a row of zeros?",
)
def rows_of_zeros(learner: Port) -> str | None:
    """Look at tables with a row of zeros, with smoothing and without."""
    tables = (
        _table([0, 0], [1, 3]),
        _table([4, 0, 0], [0, 0, 0], [1, 2, 1]),
        _table([0, 2, 0], [1, 0, 0], [0, 0, 0]),
    )
    for k, table in itertools.product((0.0, 1.0, 0.5), tables):
        plain = table.to(FLOAT64) + k
        plain = torch.where(plain.sum(1, keepdim=True) > 0, plain, 1.0)
        found = expect_tensor(
            learner.call("bigram_probabilities", table, smoothing=k), table.shape, FLOAT64, finite=False
        )
        expected = plain / plain.sum(1, keepdim=True)
        if not torch.allclose(found, expected, rtol=1e-4, atol=1e-6):
            return _row(table, found, expected, f"{k:g}")
    return None


@fact(why=SHARES, hint="Which number types does your code use on the way, and what does it keep from earlier calls?")
def other_tables(learner: Port) -> str | None:
    """Look at large counts, at a table with one entry, at many tokens, and at one table twice."""
    wide = torch.arange(400).view(20, 20) % 7
    for table in (
        _table([1, 3], [2, 2]),
        _table([3]),
        _table([1, 2], [10**6, 3]),
        _table([10**10, 10**12], [1, 3]),
        wide,
    ):
        for k in (0.0, 1.0, 0.1):
            plain = table.to(FLOAT64) + k
            found, expected = probabilities_of(learner, table, smoothing=k), plain / plain.sum(1, keepdim=True)
            if not torch.allclose(found, expected, rtol=1e-4, atol=1e-7):
                size = f": this is one row of {len(table)}" if len(table) > 2 else ""
                return _row(table, found, expected, f"{k:g}", size)
    default = probabilities_of(learner, _table([1, 3], [2, 2]))
    if _close(float(default[0, 0]), 2 / 6):
        return None
    difference = float(default[0, 1] - default[0, 0])
    like = f", as with smoothing={1 / difference - 2:.4g}" if difference > 1e-6 else ""
    return (
        f"Without `smoothing`, the counts (1, 3) become {_shown(default[0])}{like}, expected (0.3333, 0.6667), as with "
        f"smoothing=1."
    )


HALVES = torch.tensor([[0.5, 0.25, 0.25], [0.125, 0.0625, 0.8125], [0.2, 0.7, 0.1]], dtype=FLOAT64)


@fact(
    why="A text of two tokens or more has a loss; a shorter one has no pairs, so there is nothing to average.",
    hint="How many tokens does your check for short texts ask for, and what does it raise?",
)
def loss_raises(learner: Port) -> str | None:
    """Ask for the loss of texts of two tokens and more, of one token, and of none."""

    def ask(*ids: int) -> Callable[[], object]:
        return lambda: learner.call("bigram_loss", ids_of(*ids), HALVES)

    cases = {"a text of two tokens": ask(0, 1), "a text of three tokens": ask(0, 0, 1)}
    if said := _first_failure(ask(0, 1, 2, 0, 1), cases, "bigram_loss"):
        return said
    for ids in ((1,), ()):
        try:
            got = ask(*ids)()
        except LearnerError as error:
            if str(error).split(":")[0] in ("ValueError", "AssertionError"):
                continue
            return f"For {_text(ids)}, your `bigram_loss` raises {in_one_line(error)}, expected a ValueError."
        came = f"{got:.4g}" if isinstance(got, float) else what_came(got)
        return f"For {_text(ids)}, your `bigram_loss` returns {came}, expected a ValueError."
    return None


@fact(why=MEAN, hint="Take the text 0 1: which entry is its probability, and what is minus its natural logarithm?")
def loss(learner: Port) -> str | None:
    """Compare the loss of texts, the smallest first, with -ln p, and look for the formula that gives what came."""
    texts = [
        (0, 1),
        (1, 0),
        (0, 0),
        (2, 1),
        (0, 1, 0),
        (1, 0, 0),
        (1, 2, 1),
        (0, 0, 0, 1, 0),
        (2, 1, 0, 0, 2, 2, 1),
        (0, 1) * 40,
    ]
    for ids in texts:
        got = learner.call("bigram_loss", ids_of(*ids), HALVES)
        if type(got) is not float:
            return f"For {_text(ids)}, your `bigram_loss` returns {what_came(got)}, expected a float."
        p = HALVES[list(ids[:-1]), list(ids[1:])]
        expected = float(-p.log().mean())
        if not _close(got, expected):
            found = [expect_number(learner.call("bigram_loss", ids_of(*each), HALVES)) for each in texts]
            text = next((text for text, numbers in _losses(texts) if all(map(_close, found, numbers))), "")
            more = f"; for other texts, too, yours is {text}" if text else ""
            shown = f"probabilit{'y' if len(p) == 1 else 'ies'} {_shown(p)[1:-1]}" if len(p) < 9 else f"{len(p)} pairs"
            return f"For {_text(ids)} with the {shown}, your loss is {got:.4g}, expected {expected:.4g}{more}."
    return None


def _losses(texts: list[tuple[int, ...]]) -> Iterator[tuple[str, list[float]]]:
    """Yield formulas that people take for the loss, with their values for all texts."""
    formulas: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
        "the mean of ln p, without the minus": lambda p: p.log().mean(),
        "the sum of -ln p": lambda p: -p.log().sum(),
        "the sum of -ln p, divided by the number of tokens": lambda p: -p.log().sum() / (len(p) + 1),
        "the sum of -ln p, divided by vocab_size": lambda p: -p.log().sum() / 3,
        "the mean in bits, with log2": lambda p: -p.log2().mean(),
        "the mean with log10": lambda p: -p.log10().mean(),
        "the perplexity, e to the loss": lambda p: (-p.log().mean()).exp(),
        "the mean of p": lambda p: p.mean(),
        "the mean of 1 - p": lambda p: (1 - p).mean(),
        "the mean of (1 - p)²": lambda p: ((1 - p) ** 2).mean(),
        "minus the logarithm of the mean p": lambda p: -p.mean().log(),
        "the logarithm of the mean of 1/p": lambda p: (1 / p).mean().log(),
        "the mean of -p ln p": lambda p: -(p * p.log()).mean(),
        "the sum of -p ln p": lambda p: -(p * p.log()).sum(),
        "the mean of -ln(1 + p)": lambda p: -p.log1p().mean(),
        "the mean of -ln p - ln(1 - p)": lambda p: -(p.log() + (1 - p).log()).mean(),
        "the largest -ln p": lambda p: (-p.log()).max(),
        "the smallest -ln p": lambda p: (-p.log()).min(),
        "the lower median of -ln p": lambda p: (-p.log()).median(),
        "the median of -ln p": lambda p: -p.log().median(),
        "-ln p of the first pair": lambda p: -p[0].log(),
        "-ln p of the last pair": lambda p: -p[-1].log(),
        "the mean over all pairs but the last": lambda p: -(p[:-1] if len(p) > 1 else p).log().mean(),
        "the mean over all pairs but the first": lambda p: -(p[1:] if len(p) > 1 else p).log().mean(),
    }
    tables = {
        "": HALVES,
        ", with rows and columns swapped": HALVES.T,
        ", after a softmax of the probabilities": HALVES.softmax(1),
    }
    plain: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {"the mean of -ln p": lambda p: -p.log().mean()}
    for (name, table), (text, formula) in itertools.product(tables.items(), (plain | formulas).items()):
        yield text + name, [float(formula(table[list(ids[:-1]), list(ids[1:])])) for ids in texts]
    different = [sorted(set(itertools.pairwise(ids))) for ids in texts]
    yield (
        "the mean over the different pairs, each once",
        [sum(-math.log(HALVES[pair]) for pair in pairs) / len(pairs) for pairs in different],
    )


@fact(
    why="A pair with probability 0 costs infinitely much, and smoothing is there to prevent it. All others cost -ln p.",
    hint="What does your code do with a probability of 0 before the logarithm?",
)
def loss_of_rare_pairs(learner: Port) -> str | None:
    """Look at pairs with probability 0 and 1, and with small ones, by themselves and among others."""
    for p in (0.0, 1.0, 1e-3, 1e-6, 1e-9, 1e-15, 1e-30):
        table = torch.tensor([[1 - p, p], [0.5, 0.5]], dtype=FLOAT64)
        for ids in ((0, 1), (1, 0, 1, 1)):
            others = math.log(2) * (len(ids) - 2)
            expected = (others + (-math.log(p) if p else math.inf)) / (len(ids) - 1)
            try:
                got = loss_of(learner, ids_of(*ids), table)
            except LearnerError as error:
                return (
                    f"For {_text(ids)}, in which the pair 0 1 has probability {p:g}, your `bigram_loss` raises "
                    f"{in_one_line(error)}, expected {expected:.4g}."
                )
            close = math.isfinite(expected) and abs(got - expected) <= 1e-5 * max(expected, 1.0)
            if got != expected and not close:
                like = f", as if it had probability {math.exp(-got):.4g}" if len(ids) == 2 and got > -9 else ""
                return (
                    f"For {_text(ids)}, in which the pair 0 1 has probability {p:g}, your loss is {got:.4g}{like}, "
                    f"expected {expected:.4g}."
                )
    return None


@fact(
    why="Texts of one token can be counted, and texts of two can be measured.",
    hint="Which of your functions gets which text?",
)
def baselines_raise(learner: Port) -> str | None:
    """Ask for the baselines of long texts and of the shortest."""

    def ask(train: tuple[int, ...], val: tuple[int, ...], **smoothing: float) -> Callable[[], object]:
        return lambda: learner.call("baseline_losses", ids_of(*train), ids_of(*val), 4, **smoothing)

    return _first_failure(
        ask(TEXT, (3, 0, 1, 2, 2), smoothing=1.0),
        {
            "no `smoothing`": ask(TEXT, (3, 0, 1, 2, 2)),
            "smoothing=0.0": ask(TEXT, (0, 1, 2), smoothing=0.0),
            "two tokens in `val_ids`": ask(TEXT, (0, 1)),
            "one token in `train_ids`": ask((0,), (0, 1)),
            "a token that `train_ids` doesn't have": ask((0, 1), (3, 2, 1)),
        },
        "baseline_losses",
    )


NAMES = ("uniform", "unigram", "bigram")
TRAIN, VAL = (0, 0, 1, 0, 2, 0, 0, 1), (1, 0, 2, 0, 0)


def _unigram(train: tuple[int, ...], measured: tuple[int, ...], k: float, total: float | None = None) -> float:
    """Return the mean of -ln of the smoothed shares of tokens, in a vocabulary of four."""
    shares = [(train.count(token) + k) / (total or len(train) + 4 * k) for token in measured]
    return sum(math.inf if share <= 0 else -math.log(share) for share in shares) / len(shares)


@fact(why=THREE, hint="Compute the three numbers one by one for a short text, and compare.")
def baselines(learner: Port) -> str | None:
    """Compare the three losses for two short texts, and look for the mix-up that gives what came."""
    for k in (1.0, 0.5, 0.0, 2.0):
        got = learner.call("baseline_losses", ids_of(*TRAIN), ids_of(*VAL), 4, smoothing=k)
        if not isinstance(got, tuple) or [type(part) for part in got] != [float] * 3:
            return f"Your `baseline_losses` returns {what_came(got)}, expected a tuple of three floats."
        expected = (math.log(4), _unigram(TRAIN, VAL[1:], k), _bigram(learner, TRAIN, VAL, k))
        for name, number, wanted in zip(NAMES, map(expect_number, got), expected, strict=True):
            if _close(number, wanted):
                continue
            other = next((each for each, value in zip(NAMES, expected, strict=True) if _close(number, value)), "")
            mixed_up = {"uniform": _uniforms, "unigram": _unigrams, "bigram": _bigrams}[name]
            k_too = 2.0 if k == 0.5 else 0.5
            again = baselines_of(learner, ids_of(*TRAIN), ids_of(*VAL), 4, smoothing=k_too)[NAMES.index(name)]
            both = zip(mixed_up(learner, k), mixed_up(learner, k_too), strict=True)
            texts = (text for (text, one), (_, two) in both if _close(number, one) and _close(again, two))
            more = f": that is the {other} loss" if other else f"; yours is {text}" if (text := next(texts, "")) else ""
            return (
                f"For {_text(TRAIN)} as train_ids, {_text(VAL).removeprefix('the text ')} as val_ids, vocab_size=4 and "
                f"smoothing={k:g}, your {name} loss is {number:.4g}, expected {wanted:.4g}{more}."
            )
    return None


def _bigram(learner: Port, train: tuple[int, ...], measured: tuple[int, ...], k: float, size: int = 4) -> float:
    """Return the loss that the learner's own three functions give."""
    counts = expect_any_tensor(learner.call("count_bigrams", ids_of(*train), size))
    table = expect_any_tensor(learner.call("bigram_probabilities", counts, smoothing=k))
    return loss_of(learner, ids_of(*measured), table)


def _uniforms(learner: Port, k: float) -> Iterator[tuple[str, float]]:
    yield "ln 3, and 3 is the number of different tokens in these texts, or vocab_size - 1", math.log(3)
    yield "ln(vocab_size + 1)", math.log(5)
    yield "in bits, log2(vocab_size)", 2.0
    yield "1/vocab_size", 0.25
    yield "-ln(vocab_size)", -math.log(4)
    yield "vocab_size", 4.0
    yield "ln(vocab_size) rounded", 1.39
    yield "ln(vocab_size) for each token, added up", 4 * math.log(4)


def _unigrams(learner: Port, k: float) -> Iterator[tuple[str, float]]:
    measured = {
        "all of val_ids except the first token": VAL[1:],
        "all of val_ids, with its first token": VAL,
        "all of val_ids except the last token": VAL[:-1],
        "train_ids except its first token": TRAIN[1:],
        "train_ids": TRAIN,
        "the different tokens of val_ids": tuple(sorted(set(VAL[1:]))),
    }
    counted = {
        "train_ids": TRAIN,
        "val_ids": VAL,
        "both texts": TRAIN + VAL,
        "train_ids without its first token": TRAIN[1:],
        "train_ids without its last token": TRAIN[:-1],
        "val_ids without its first token": VAL[1:],
    }
    smoothings = {
        "": k,
        " without smoothing": 0.0,
        " with a smoothing of 1": 1.0,
        " with the whole part of k": float(int(k)),
    }
    for (what, text), (where, of), (how, number) in itertools.product(
        measured.items(), counted.items(), smoothings.items()
    ):
        if (what, where, how) != (next(iter(measured)), "train_ids", ""):
            yield f"the mean over {what}, with shares counted in {where}{how}", _unigram(of, text, number)
    plain = _unigram(TRAIN, VAL[1:], k)
    yield "the loss with the total of train_ids, without k · vocab_size", _unigram(TRAIN, VAL[1:], k, len(TRAIN))
    yield "the loss with k added to the total only once", _unigram(TRAIN, VAL[1:], k, len(TRAIN) + k)
    yield (
        "the loss with k added to the total once for each different token",
        _unigram(TRAIN, VAL[1:], k, len(TRAIN) + 3 * k),
    )
    yield "the loss with vocab_size added to the total, whatever k is", _unigram(TRAIN, VAL[1:], k, len(TRAIN) + 4)
    yield "the sum, not the mean", 4 * plain
    yield "the sum divided by the number of tokens of val_ids", plain * 4 / 5
    yield "the loss in bits", plain / math.log(2)
    yield "the loss without the minus", -plain
    yield "the perplexity", math.exp(plain)
    yield "the loss rounded", round(plain, 2)
    shares = [(TRAIN.count(token) + k) / (len(TRAIN) + 4 * k) for token in range(4)]
    yield "the entropy of the shares, without a look at val_ids", -sum(p * math.log(p) for p in shares if p)


def _bigrams(learner: Port, k: float) -> Iterator[tuple[str, float]]:
    texts = {
        "train_ids": TRAIN,
        "val_ids": VAL,
        "both texts, one after the other": TRAIN + VAL,
        "train_ids without its first token": TRAIN[1:],
        "train_ids without its last token": TRAIN[:-1],
        "val_ids without its first token": VAL[1:],
        "val_ids without its last token": VAL[:-1],
        "the last token of train_ids and val_ids": TRAIN[-1:] + VAL,
        "train_ids and the first token of val_ids": TRAIN + VAL[:1],
    }
    smoothings = {"": k, " without smoothing": 0.0, " with a smoothing of 1": 1.0}
    for (where, of), (what, text), (how, number) in itertools.product(texts.items(), texts.items(), smoothings.items()):
        if (where, what, how) != ("train_ids", "val_ids", ""):
            yield f"that of the pairs in {where}{how}, measured on {what}", _bigram(learner, of, text, number)
    plain = _bigram(learner, TRAIN, VAL, k)
    for text, value in {
        "the sum, not the mean": 4 * plain,
        "the mean over tokens, not pairs": plain * 4 / 5,
        "the loss in bits": plain / math.log(2),
        "the perplexity": math.exp(plain),
        "the loss rounded": round(plain, 2),
        "the loss without the minus": -plain,
    }.items():
        yield text, value


@fact(why=THREE, hint="What is different about these texts, or about this smoothing?")
def other_baselines(learner: Port) -> str | None:
    """Compare the baselines of the shortest texts, of other vocabularies, and with the smoothing left out."""
    for train, val, size in (
        ((0,), (0, 1), 2),
        ((1, 0), (1, 1), 2),
        (TEXT, (3, 0, 1, 2, 2), 7),
        (TEXT, TEXT, 4),
        ((0, 0), (0, 0), 1),
    ):
        for given in ({}, {"smoothing": 0.1}, {"smoothing": 0.0}):
            k = given.get("smoothing", 1.0)
            got = baselines_of(learner, ids_of(*train), ids_of(*val), size, **given)
            shares = [(train.count(token) + k) / (len(train) + size * k) for token in val[1:]]
            unigram = sum(-math.log(share) if share else math.inf for share in shares) / len(shares)
            expected = (math.log(size), unigram, _bigram(learner, train, val, k, size))
            for name, number, wanted in zip(NAMES, got, expected, strict=True):
                if not _close(number, wanted):
                    how = f"smoothing={k:g}" if given else "no `smoothing`, so with k = 1"
                    return (
                        f"For {_text(train)} as train_ids, {_text(val).removeprefix('the text ')} as val_ids, "
                        f"vocab_size={size} and {how}, your {name} loss is {number:.4g}, expected {wanted:.4g}."
                    )
    return None
