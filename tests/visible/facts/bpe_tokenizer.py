"""What can be measured about `bpe_tokenizer`, the most basic facts first: training, then encoding, then decoding.

Most facts have a few tiny texts, whose merges and ids were worked out by hand, and speak of the first that comes out
wrong. What they say is true whatever else is wrong.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from grader.checks import Port, fact, what_came
from tests.visible.facts import tokens
from tests.visible.facts.tokens import (
    Broken,
    Encoding,
    Merging,
    Training,
    answer,
    brief,
    described,
    gives,
    ids_of,
    listed,
    merges_of,
    pairs,
    same,
)
from tests.visible.vocabularies import SEA, tokenizer_of, vocab_of

BORDERS = "A merge never crosses the border of a piece, and `GPT2_SPLIT_PATTERN` says where the pieces end."
SPECIAL = "Text is first cut at the special tokens; what is between them is treated as if it were by itself."
SPECIAL_HINT = "Print the parts into which you cut this text."
WORDS = [left + right for left, right in itertools.product("abcdefghijklmnopqr", repeat=2)]

TEXTS = [
    Merging("AB", "A+B", [256], "capital letters stay"),
    Merging("12", "1+2", [256]),
    Merging("!?", "!+?", [256]),
    Merging("é", "\xc3+\xa9", [256], "the two bytes of 'é' are a pair"),
    Merging("\n\n", "\n+\n", [256], "line breaks are text, too"),
    Merging("\r\n", "\r+\n", [256], "line breaks are text, too"),
    Merging("  ", " + ", [256], "spaces are text, too"),
    Merging("\x00\x01", "\x00+\x01", [256], "control characters are text, too"),
    Merging(" b", " +b", [256], "the space belongs to the piece of the word after it"),
    Merging("²", "\xc2+\xb2", [256], "'²' stays '²'"),
    Merging("e\u0301", "\xcc+\x81", [101, 256], "'e' and its separate accent stay two characters"),
]
"""Texts that are changed if somebody cleans them up."""

PIECES = [
    Merging("a\nb", "a+\n", [*b"a\nb"], "a line break is its own piece"),
    Merging("a\nb", "\n+b", [*b"a\nb"], "a line break is its own piece"),
    Merging("a1", "a+1", [*b"a1"], "letters and digits are different pieces"),
    Merging("1a", "1+a", [*b"1a"], "letters and digits are different pieces"),
    Merging("a.", "a+.", [*b"a."], "letters and signs are different pieces"),
    Merging("a'", "a+'", [*b"a'"], "letters and signs are different pieces"),
    Merging("a_", "a+_", [*b"a_"], "'_' is a sign, no letter"),
    Merging("a b", "a+ ", [*b"a b"], "a space goes with the word after it"),
    Merging("a b", " +b", [97, 256], "a space goes with the word after it"),
    Merging("a  b", " +b", [97, 32, 256], "the last space goes with the word after it"),
    Merging("a  b", " + ", [97, 32, 32, 98], "the last space goes with the word, so the two are in different pieces"),
    Merging("a 1", " +1", [97, 256], "a space goes with the number after it"),
    Merging("a .", " +.", [97, 256], "a space goes with the sign after it"),
    Merging("a  ", " + ", [97, 256], "spaces at the end are one piece"),
    Merging("a\n\nb", "\n+\n", [97, 10, 10, 98], "the last line break is its own piece"),
    Merging("a\r\nb", "\r+\n", [97, 13, 10, 98], "the last line break is its own piece"),
    Merging("._", ".+_", [256], "'_' is a sign, too"),
    *(Merging(f"'{end}", f"'+{end}", [256], f'"\'{end}" is a piece') for end in "sdmt"),
    *(
        Merging(f"'{end}x", f"{end[-1]}+x", [*f"'{end}x".encode()], f'"\'{end}" is a piece')
        for end in ["s", "d", "m", "t", "ll", "ve", "re"]
    ),
    Merging("'Sx", "S+x", [39, 256], "only lower-case endings are pieces"),
    Merging("\u00a0b", "\xa0+b", [194, 160, 98], "the no-break space is a piece by itself"),
    Merging("e\u0301", "e+\xcc", [101, 204, 129], "an accent by itself is no letter"),
]
"""Texts with borders between pieces, or where there might be one."""

SPECIALS = [
    Merging("ab", "a+b", [256], "there is no special token in it", ["END"]),
    Merging("END", "N+D", [257], "it is one special token", ["END"]),
    Merging("abEND", "a+b", [256, 257], special_tokens=["END"]),
    Merging("ENDab", "a+b", [257, 256], special_tokens=["END"]),
    Merging("aENDb", "a+b", [97, 257, 98], "the special token keeps the two letters apart", ["END"]),
    Merging("aENDb", " +b", [97, 257, 98], "there is no space", ["END"]),
    Merging("ENDEND", "N+D", [257, 257], "it is two special tokens", ["END"]),
    Merging("END END", "N+D", [257, 32, 257], "it is two special tokens and a space", ["END"]),
    Merging("aEND b", " +b", [97, 257, 256], "the space is text", ["END"]),
    Merging("a  ENDb", " + ", [97, 256, 257, 98], "the two spaces are text, and one piece", ["END"]),
    Merging("a\n\nEND", "\n+\n", [97, 256, 257], "the line breaks are text, and one piece", ["END"]),
    Merging("!ENDab", "!+E", [33, 257, 97, 98], "the special token is cut out first", ["END"]),
    Merging("EN", "E+N", [256], "only the whole token is special", ["END"]),
    Merging("ax", "a+x", [256], "only 'X' itself is special", ["X"]),
    Merging("<b>ab<a>", "a+b", [257, 256, 258], special_tokens=["<b>", "<a>"]),
    Merging("ab", "a+b", [256], "'.' means a dot, not any character", ["."]),
    Merging("ab.", "a+b", [256, 257], "'.' means a dot, not any character", ["."]),
    Merging("ab", "a+b", [256], "'a|b' doesn't mean 'a' or 'b'", ["a|b"]),
    Merging("ba|b", "a+|", [98, 257], "'a|b' means these three characters", ["a|b"]),
    Merging("ab[ab]", "a+b", [256, 257], "'[ab]' means these four characters", ["[ab]"]),
    Merging("ab(?", "a+b", [256, 257], "'(?' means these two characters", ["(?"]),
    Merging("a b", " +b", [257], "a special token may contain a space", ["a b"]),
    Merging("é\nab", "a+b", [257, 256], "a special token may contain any character", ["é\n"]),
    Merging("XYab", "a+b", [258], "the longer special token wins", ["XY", "XYab"]),
    Merging("XYab", "a+b", [257], "the longer special token wins", ["XYab", "XY"]),
    Merging("XYZab", "a+b", [257, 90, 256], "'XY' comes first, and 'Zab' is text", ["XY", "YZab"]),
    Merging("XYZab", "a+b", [258, 90, 256], "'XY' comes first, and 'Zab' is text", ["YZab", "XY"]),
]
"""Texts with special tokens, or with what might be taken for one."""


@fact(
    why="Each call learns from its own text only.",
    hint="What do you keep outside the function, or in a default argument?",
)
def trained_twice(learner: Port) -> str | None:
    """Train on a second text that shares no letter with the first."""
    first, second = merges_of(learner, "ab,ab,ab", 1), merges_of(learner, "cd", 1)
    if not isinstance(first, list) or not isinstance(second, list) or not set(first) & set(second):
        return None
    return f"If you train on 'ab,ab,ab' and then on 'cd', the second training merges {listed(second)} again."


@fact(
    why="`train_bpe` returns a vocabulary from ids to bytes, and the merges as a list of pairs of bytes.",
    hint="Print what `train_bpe('ab,ab,ab', 257)` returns.",
)
def returned(learner: Port) -> str | None:
    """Look at the types in what comes back for one merge."""
    reply = tokens.trained(learner, "ab,ab,ab", 1)
    called = "`train_bpe('ab,ab,ab', 257)`"
    if isinstance(reply, Broken):
        return f"{called} {reply.how}."
    if not isinstance(reply, (tuple, list)):
        return f"{called} returns {what_came(reply)}, expected the vocabulary and the merges."
    kinds = [type(part) for part in reply]
    if kinds == [list, dict]:
        return "You return the merges first, expected the vocabulary first."
    if kinds != [dict, list]:
        came = ", ".join(what_came(part) for part in reply[:4])
        return f"{called} returns {len(reply)} parts ({came}), expected a dict and a list."
    vocab, merges = reply
    wrong = next((merge for merge in merges if not tokens.is_pair(merge)), None)
    if wrong is not None:
        return f"Your first merge is {brief(wrong)}, expected (b'a', b'b')."
    odd = next(((key, token) for key, token in vocab.items() if type(key) is not int or type(token) is not bytes), None)
    return odd and f"Your vocabulary has {brief(odd[1])} for the key {brief(odd[0])}, expected bytes for ids."


@fact(
    why="The ids 0 to 255 are the single bytes in the order of their values.",
    hint="How do you make one byte from a number?",
)
def single_bytes(learner: Port) -> str | None:
    """Look at the ids 0 to 255 of a vocabulary."""
    vocab = _vocab(learner, "ab,ab,ab", 1)
    wrong = [number for number in range(256) if vocab.get(number) != bytes([number])]
    if not wrong:
        return None
    came = f"is {vocab[wrong[0]]!r}" if wrong[0] in vocab else "is missing"
    return f"Id {wrong[0]} {came} in your vocabulary, expected {bytes([wrong[0]])!r}; {len(wrong)} of 256 are wrong."


@fact(
    why="`vocab_size` counts the 256 bytes, the merges and the special tokens together.",
    hint="How many merges fit into `vocab_size`?",
)
def number_of_merges(learner: Port) -> str | None:
    """Count merges in a text with enough pairs, for several sizes and special tokens."""
    sizes = [(3, 0), (6, 0), (3, 2), (6, 2), (6, 1)]
    replies = [merges_of(learner, ",".join(3 * WORDS), room, ["<s>", "<e>"][:special]) for room, special in sizes]
    found = [len(reply) if isinstance(reply, list) else None for reply in replies]
    formulas = {
        "you leave no room for the special tokens": [room + special for room, special in sizes],
        "you subtract the special tokens twice": [room - special for room, special in sizes],
        "that is `vocab_size` itself": [256 + room + special for room, special in sizes],
        "one too few": [room - 1 for room, _ in sizes],
        "one too many": [room + 1 for room, _ in sizes],
    }
    # Any other number of merges has another cause, such as a wrong merge.
    name = next((name for name, counts in formulas.items() if counts == found), "")
    for (room, special), count in zip(sizes, found, strict=True):
        if name and count != room:
            more = f" and {special} special token{'s' * (special > 1)}" * bool(special)
            place = f"With vocab_size={256 + room + special}{more}"
            return f"{place}, the number of merges is {count}, expected {room}: {name}."
    return None


@fact(
    why="As long as there is room and a pair is left, the most frequent one is merged, even if it appears only once.",
    hint="When does your loop stop, and which pieces does it know?",
)
def one_pair(learner: Port) -> str | None:
    """Train on the only possible pair, or on the greatest one."""
    notes = {
        "ab,ab,ab": "it appears 3 times",
        "ab,ab": "it appears twice",
        ",ab,": "it appears only once, which is enough",
        "ab,": "the first piece counts, too",
        ",ab": "the last piece counts, too",
        "ab": "it is the whole text",
    }
    return tokens.training(learner, *(Training(text, pairs("a+b"), note) for text, note in notes.items()))


@fact(
    why="Too small a `vocab_size` raises ValueError; the smallest possible one is allowed, and learns nothing.",
    hint="What is the smallest `vocab_size` with and without special tokens?",
)
def smallest_size(learner: Port) -> str | None:
    """Ask for vocabularies around the smallest size."""
    for size, special in [(255, 0), (257, 2), (200, 0), (0, 0), (1, 2), (256, 0), (258, 2), (257, 1)]:
        reply = tokens.trained(learner, "ab", size - 256 - special, ["<s>", "<e>"][:special])
        place = f"With vocab_size={size}{f' and {special} special tokens' * bool(special)}, `train_bpe`"
        if size < 256 + special and not isinstance(reply, Broken):
            return f"{place} raises nothing, but at least {256 + special} ids are needed."
        if size < 256 + special and reply.how not in ("raises ValueError", "raises AssertionError"):
            return f"{place} {reply.how}, expected ValueError."
        if size >= 256 + special and isinstance(reply, Broken):
            return f"{place} {reply.how}, but there is just enough room."
    return None


@fact(
    why="Training ends when no pair is left; then the special tokens get the next ids, whatever `vocab_size` is.",
    hint="What does your loop do if there is no pair?",
)
def early_end(learner: Port) -> str | None:
    """Train on texts with fewer pairs than there is room for."""
    said = tokens.training(
        learner,
        Training("ab", pairs("a+b"), "there is only one pair", room=2),
        Training("ab,ab", pairs("a+b"), "there is only one pair", room=9),
        Training("a", [], "there is no pair", room=2),
        Training("", [], "the text is empty", room=2),
    )
    vocab = _vocab(learner, "ab", 44)
    if said or not set(vocab) - set(range(257)):
        return said
    return f"'ab' has one merge, but with vocab_size=300 your vocabulary has {len(vocab)} tokens, expected 257."


@fact(
    why="From 256 on come the merges in the order learned, then the special tokens in the order given, in UTF-8.",
    hint="Print the end of your vocabulary for a text with special tokens.",
)
def layout(learner: Port) -> str | None:
    """Look at the ids from 256 on, with special tokens whose order is not that of the alphabet or of their length."""
    for text, room, special_tokens in [
        ("abc,abc,ab", 2, []),
        ("abc,abc,ab", 2, ["<e>"]),
        ("abc,abc,ab", 2, ["<s>", "<longer>", "<e>"]),
        ("ab", 5, ["<s>", "<e>"]),
        ("ab", 1, ["é", "終"]),
        ("he", 1, ["a"]),
    ]:
        merges = merges_of(learner, text, room, special_tokens)
        vocab = _vocab(learner, text, room, special_tokens)
        if not isinstance(merges, list):
            continue
        wanted = vocab_of(merges, special_tokens)
        place = f"For {text!r} and vocab_size={256 + room + len(special_tokens)}{described(special_tokens)}"
        given = [token.encode() for token in special_tokens]
        last = [vocab.get(number) for number in range(256 + len(merges), len(wanted))]
        if last != given and sorted(map(repr, last)) == sorted(map(repr, given)):
            return f"{place}, the last ids are {brief(last)}, expected the order given."
        for number in [*wanted, *(number for number in vocab if number not in wanted)]:
            if vocab.get(number) != wanted.get(number):
                came = brief(vocab.get(number)) if number in vocab else "missing"
                due = repr(wanted[number]) if number in wanted else f"{len(wanted) - 1} to be the last id"
                return f"{place}, you learn {listed(merges)}, and id {number} is {came}, expected {due}."
    return None


@fact(
    why="BPE works on the UTF-8 bytes of exactly this text: nothing is cleaned up, replaced or left out.",
    hint="What happens to your text before you count pairs?",
)
def text_of_training(learner: Port) -> str | None:
    """Train on two bytes at a time, of every kind."""
    return next(filter(None, (row.in_training(learner) for row in TEXTS)), None)


@fact(why=BORDERS, hint="Print the pieces into which your training cuts this text.")
def pieces_of_training(learner: Port) -> str | None:
    """Train on texts with pieces of one or two bytes."""
    return next(filter(None, (row.in_training(learner) for row in PIECES)), None)


@fact(
    why="The pair that appears most often in the text is merged first, and every position in every piece counts.",
    hint="Count the pairs of this text by hand, and compare them with your counts.",
)
def counting(learner: Port) -> str | None:
    """Train for one merge on texts with a most frequent pair."""
    return tokens.training(
        learner,
        Training("ab,ab.cd", pairs("a+b"), "'a'+'b' appears twice, 'c'+'d' once"),
        Training("cd.ab,ab", pairs("a+b"), "'a'+'b' appears twice, 'c'+'d' once"),
        Training("ab ab ab.cd,cd", pairs("a+b"), "'a'+'b' appears 3 times, 'c'+'d' twice"),
        Training("abx,aby,cd", pairs("a+b"), "'a'+'b' appears twice, in different pieces"),
        Training("abxab.cd", pairs("a+b"), "'a'+'b' appears twice in one piece, all others once"),
        Training("abab,cd", pairs("a+b"), "'a'+'b' appears twice in one piece, all others once"),
        Training("aaa,bc", pairs("a+a"), "'aaa' has the pair 'a'+'a' twice, although they overlap"),
        Training("aaaa,bc.bc", pairs("a+a"), "'aaaa' has the pair 'a'+'a' 3 times, 'b'+'c' appears twice"),
        Training("ab," * 300 + "cd," * 299, pairs("a+b"), "'a'+'b' appears 300 times, 'c'+'d' 299 times"),
    )


@fact(
    why="Of the pairs with the highest count, the greatest wins: compare the bytes of the left tokens, then the right.",
    hint="What do you compare if two counts are equal?",
)
def ties(learner: Port) -> str | None:
    """Train for one merge on texts with equal counts, in both orders."""
    chosen = [merges_of(learner, text, 1) for text in ("ab,cd", "cd,ab")]
    names = {
        "the smallest pair": [pairs("a+b"), pairs("a+b")],
        "the pair that comes first": [pairs("a+b"), pairs("c+d")],
        "the pair that comes last": [pairs("c+d"), pairs("a+b")],
    }
    for name, merges in names.items():
        if chosen == merges:
            return f"In 'ab,cd' and in 'cd,ab', both pairs appear once, and you merge {name}, expected 'c'+'d'."
    return tokens.training(
        learner,
        *(Training(text, pairs("a+c"), "both appear once, and 'c' is greater") for text in ("ab,ac", "ac,ab")),
        *(Training(text, pairs("b+a"), "left tokens are compared first") for text in ("az,ba", "ba,az")),
        *(Training(text, pairs("\xc3+\xa9"), "byte 0xc3 is greater than 'z'") for text in ("zz,é", "é,zz")),
        Training("ab," * 300 + "cd," * 300, pairs("c+d"), "both appear 300 times"),
        Training("cd," * 300 + "ab," * 300, pairs("c+d"), "both appear 300 times"),
    )


@fact(
    why="After each merge, the text consists of other tokens, and all counts are those of the text as it is now.",
    hint="Write down the tokens of this text after the first merge, and count their pairs.",
)
def after_a_merge(learner: Port) -> str | None:
    """Train for a few merges on texts in which a merge makes or destroys pairs."""
    greatest = "the first merge leaves {}, whose greatest pair is {}"
    twice = "'ab'+'c' and {} appear twice, and {} is greater"
    return tokens.training(
        learner,
        Training("abc,abc,ab", pairs("a+b", "ab+c"), "the first merge leaves 'ab', 'c'"),
        Training("cab,cab,ab", pairs("a+b", "c+ab"), "the first merge leaves 'c', 'ab'"),
        Training("abc", pairs("b+c", "a+bc"), "the first merge leaves 'a', 'bc'"),
        Training("ab,ab.ab1abc2bc3bc", pairs("a+b", "b+c", "ab+c"), "'ab', 'c' doesn't contain 'b'+'c'"),
        Training("ab,ab.ab1cab2ca3ca", pairs("a+b", "c+a", "c+ab"), "'c', 'ab' doesn't contain 'c'+'a'"),
        Training("abab,ab", pairs("a+b", "ab+ab"), "the first merge leaves 'ab', 'ab'"),
        Training("aaa", pairs("a+a", "aa+a"), "of occurrences that overlap, the left one is replaced"),
        Training("aaaaa", pairs("a+a", "aa+aa", "aaaa+a"), greatest.format("'aa', 'aa', 'a'", "'aa'+'aa'")),
        Training("abc,abc.ab1ab2xy3xy", pairs("a+b", "x+y", "ab+c"), twice.format("'x'+'y'", "'x'")),
        Training("abc,abc.ab1ad2ad", pairs("a+b", "ab+c", "a+d"), twice.format("'a'+'d'", "'ab'")),
        Training("aaab,aaab", pairs("a+a", "aa+a", "aaa+b"), greatest.format("'aa', 'a', 'b'", "'aa'+'a'")),
        Training("abc,abc.abc1de", pairs("b+c", "a+bc", "d+e"), "'a'+'bc' appears 3 times, 'd'+'e' once"),
        Training("bcde,bcde.cd1cd", pairs("c+d", "cd+e", "b+cde"), "'cd'+'e' and 'b'+'cd' appear twice"),
        Training("abxy,ab,ab,ab.xy1xy2cd3cd", pairs("a+b", "x+y"), "'x'+'y' still appears 3 times"),
        Training("abcabc,ab.ef1ef", pairs("a+b", "e+f", "ab+c", "abc+abc")),
        Training("aabaab,aab", pairs("a+b", "a+ab", "aab+aab"), "'a'+'ab' appears 3 times"),
        Training("aaaabaaaa", pairs("a+a", "aa+aa", "b+aaaa", "aaaa+baaaa")),
        Training("low lower lowest", pairs("o+w", "l+ow", "low+e", " +lowe", "s+t")),
    )


@fact(why=BORDERS, hint="Print the pieces into which your training cuts this text.")
def long_pieces_of_training(learner: Port) -> str | None:
    """Train on longer pieces, until each is one token."""
    return tokens.training(
        learner,
        Training("1111", pairs("1+1", "11+11"), "a number is one piece, however long it is"),
        Training("....", pairs(".+.", "..+.."), "signs side by side are one piece"),
        Training("\n\n\n\n", pairs("\n+\n", "\n\n+\n\n"), "line breaks at the end are one piece"),
        Training("€", pairs("\xe2+\x82", "\xe2\x82+\xac"), "its three bytes are one piece"),
        Training("\U0001f642", pairs("\xf0+\x9f", "\xf0\x9f+\x99", "\xf0\x9f\x99+\x82"), "its bytes are one piece"),
        Training("aé", pairs("\xc3+\xa9", "a+\xc3\xa9"), "'é' is a letter, so both are one piece"),
        Training("1²", pairs("\xc2+\xb2", "1+\xc2\xb2"), "'²' is a digit, so both are one piece"),
    )


@fact(why=SPECIAL, hint=SPECIAL_HINT)
def special_tokens_in_training(learner: Port) -> str | None:
    """Train on texts with special tokens."""
    return next(filter(None, (row.in_training(learner) for row in SPECIALS)), None)


@fact(
    why="Whoever calls `train_bpe` may go on using the list, and may also pass a tuple.",
    hint="`sorted` makes a new list; `list.sort` changes the caller's.",
)
def arguments_of_training(learner: Port) -> str | None:
    """Pass special tokens as a list, and look at it after the call; then pass a tuple."""
    special_tokens = ["b", "<s>", "a", "<end>", "c|d"]
    kept = learner.put(special_tokens)
    answer(learner.call, "train_bpe", "ab,ab", 262, special_tokens=kept)
    after = kept.value()
    if after != special_tokens:
        return f"After `train_bpe`, the caller's list of special tokens is {brief(after)}; it was {special_tokens}."
    reply = answer(learner.call, "train_bpe", "ab,ab", 258, special_tokens=("<s>",))
    return f"If special tokens come as a tuple, `train_bpe` {reply.how}." if isinstance(reply, Broken) else None


@fact(
    why="A long text is trained on like a short one: all its pieces and pairs count.",
    hint="Which number in your code limits how many pieces, pairs or merges there are?",
)
def many_merges(learner: Port) -> str | None:
    """Train on several hundred words of two letters, which are merged from the greatest to the smallest."""
    merges = pairs(*(f"{word[0]}+{word[1]}" for word in reversed(WORDS)))[:300]
    return tokens.training(
        learner,
        Training(",".join(WORDS), merges, f"all {len(WORDS)} words appear once"),
        Training(",".join(reversed(WORDS)), merges, f"all {len(WORDS)} words appear once"),
        Training("ab" * 700, pairs("a+b", "ab+ab", "abab+abab"), "it is one word"),
    )


@fact(
    why="Two tokenizers have their own merges and vocabularies.",
    hint="What do you store in the class, outside it, or in a default argument?",
)
def tokenizers_side_by_side(learner: Port) -> str | None:
    """Use a tokenizer without merges before and after another one, with merges, and the other way around."""
    plain = tokenizer_of(learner, [])
    if not all(same(ids_of(plain, text), [*text.encode()]) for text in ("hehe", "a", "hehe")):
        return None
    wanted = {"hehe": [*b"hehe"], "heheh": [259, 259, 104], "xhe": [120, 259]}
    if all(same(ids_of(tokenizer_of(learner, SEA), text), ids) for text, ids in wanted.items()):
        return "Once a tokenizer without merges has encoded 'hehe', another one no longer merges 'h'+'e' in it."
    for text in ("hehe", "xhe"):
        got = ids_of(plain, text)
        if not same(got, [*text.encode()]):
            place = "Once there is another tokenizer, with the merge 'h'+'e',"
            return f"{place} `encode({text!r})` of one without merges {gives(got)}, expected {[*text.encode()]}."
    return None


@fact(
    why="Encoding starts from the UTF-8 bytes of exactly this text, and byte n has id n.",
    hint="What happens to your text before the first merge, and after the last?",
)
def bytes_of_encoding(learner: Port) -> str | None:
    """Encode texts of every kind without merges."""
    texts = ["", "a", "ab", "AB", "12", "a1", "a.a", "a_b", "'s", "é", "€", "\U0001f642", "a b", "a a", " a", "a "]
    texts += ["a  b", "\n", "a\nb", "a\n\nb", "\r\n", "a\r\nb", "a\rb", "\t", "\x00", "a\x7fb", "e\u0301", "\ufb01"]
    texts += ["²", "a\u00a0b", "\u2028", "\x85", "\x1c", "\ufeffa", "\u200d", "\u212b", "日本", "\U0010fffd", "a" * 300]
    return tokens.encoding(learner, *(Encoding(text, [], [*text.encode()]) for text in texts))


@fact(
    why="A pair that was learned is merged wherever it appears, from left to right, until no known pair is left.",
    hint="Merge the bytes of this text by hand, and print your tokens after each merge.",
)
def merges_of_encoding(learner: Port) -> str | None:
    """Encode with one merge, then with merges that build on each other."""
    he, runs, two, chain = pairs("h+e"), pairs("a+a"), pairs("a+b", "c+d"), pairs("a+b", "ab+c")
    return tokens.encoding(
        learner,
        Encoding("he", he, [256]),
        Encoding("xhe", he, [120, 256]),
        Encoding("hex", he, [256, 120]),
        Encoding("hehe", he, [256, 256]),
        Encoding("hexhe", he, [256, 120, 256]),
        Encoding("he,he", he, [256, 44, 256]),
        Encoding("aaa", runs, [256, 97], "of occurrences that overlap, the left one is merged"),
        Encoding("abc", chain, [257], "'ab', once merged, is part of a pair itself"),
        Encoding("cd", two, [257], "the second merge doesn't need the first"),
        Encoding("aaaa", pairs("a+a", "aa+aa"), [257]),
        Encoding("abcd", pairs("c+d", "a+b", "ab+cd"), [258]),
    )


@fact(
    why="Of the known pairs in a piece, the one that was learned first is merged next.",
    hint="Which pair do you merge if a piece has several known ones?",
)
def ranks_of_encoding(learner: Port) -> str | None:
    """Encode texts in which two known pairs overlap, in both orders of learning."""
    return tokens.encoding(
        learner,
        Encoding("abc", pairs("b+c", "a+b"), [97, 256], "'b'+'c' was learned first"),
        Encoding("abc", pairs("a+b", "b+c"), [256, 99], "'a'+'b' was learned first"),
        Encoding("cacca", pairs("c+c", "c+a"), [257, 256, 97], "'c'+'c' was learned first"),
        Encoding("abcd", pairs("b+c", "c+d", "a+b"), [97, 256, 100], "'b'+'c' was learned first"),
        Encoding("abcd", pairs("a+b", "c+d", "b+c"), [256, 257], "'b'+'c' was learned last"),
        Encoding("abcabc", pairs("b+c", "a+b"), [97, 256, 97, 256], "'b'+'c' was learned first"),
        Encoding("abcd", pairs("a+b", "b+c", "bc+d"), [256, *b"cd"], "'a'+'b' was learned first"),
        Encoding("abde", pairs("a+b", "d+e", "ab+d"), [256, 257], "'d'+'e' was learned before 'ab'+'d'"),
        Encoding("lls", SEA, [258], "first 'l'+'s', then 'l'+'ls'"),
    )


@fact(why=BORDERS, hint="Print the pieces into which your `encode` cuts this text.")
def pieces_of_encoding(learner: Port) -> str | None:
    """Encode texts in which a known pair is, or isn't, inside a piece."""
    more = [
        Merging("1111", "1+1", [256, 256], "a number is one piece, however long it is"),
        Merging("....", ".+.", [256, 256], "signs side by side are one piece"),
        Merging("aé", "a+\xc3", [256, 169], "'é' is a letter"),
        Merging("1²", "1+\xc2", [256, 178], "'²' is a digit"),
    ]
    return next(filter(None, (row.in_encoding(learner) for row in [*TEXTS, *PIECES, *more])), None)


@fact(why=SPECIAL, hint=SPECIAL_HINT)
def special_tokens_in_encoding(learner: Port) -> str | None:
    """Encode texts with special tokens, from one by itself to several that overlap."""
    more = [
        Merging("", "a+b", [], "it is empty", ["END"]),
        Merging("ab END ab", "a+b", [256, 32, 257, 32, 256], special_tokens=["END"]),
        Merging("xab", "a+b", [120, 257], "the special token has its own id, although it spells a merge", ["ab"]),
        Merging("as", "a+b", [97, 257], "the special token has its own id, although it spells a byte", ["s"]),
    ]
    return next(filter(None, (row.in_encoding(learner) for row in [*SPECIALS, *more])), None)


@fact(
    why="Only the special tokens that a tokenizer is given are special; everything else is text.",
    hint="In which table do you look up a piece?",
)
def special_tokens_not_asked_for(learner: Port) -> str | None:
    """Leave special tokens out that are in the vocabulary."""
    vocab = vocab_of(pairs("h+e"), ["END"])
    got = ids_of(learner.build("BPETokenizer", merges=pairs("h+e"), vocab=vocab), "END")
    if same(got, [*b"END"]):
        return None
    place = "If 'END' is in the vocabulary, but not in `special_tokens`,"
    return f"{place} `encode('END')` {gives(got)}, expected {[*b'END']}."


@fact(
    why="A text has the same ids whatever was encoded before, and what `encode` returned belongs to the caller.",
    hint="What does your tokenizer remember from one call to the next?",
)
def calls_of_a_tokenizer(learner: Port) -> str | None:
    """Encode several texts with one tokenizer, then change a list that it returned."""
    tokenizer = tokenizer_of(learner, SEA, ["END"])
    wanted = {"he": [259], " he": [32, 259], "HE": [*b"HE"], "": [], " s": [256], "s": [115], "ENDhe": [260, 259]}
    if not same(ids_of(tokenizer, "he"), [259]):
        return None
    for before, text in itertools.pairwise(["he", *wanted, "he", "he"]):
        got = ids_of(tokenizer, text)
        if not same(got, wanted[text]):
            call = f"After a call with {before!r}, `encode({text!r})` of the same tokenizer"
            return f"{call} {gives(got)}, expected {wanted[text]}."
    for text, ids in (("he", [259]), ("sells", [*b"se", 258])):
        tokenizer.keep("encode", text).keep("append", 7)
        got = ids_of(tokenizer, text)
        if same(got, [*ids, 7]):
            return f"If the caller appends 7 to the ids of {text!r}, the next `encode({text!r})` gives {got}."
    answer(tokenizer.call, "decode", [104, 101])
    got = ids_of(tokenizer, "he")
    return None if same(got, [259]) else f"After a call of `decode`, `encode('he')` {gives(got)}, expected [259]."


@fact(
    why="Whoever makes a tokenizer may go on using the lists and the vocabulary.",
    hint="Which methods change a list or a dict, and which make a new one?",
)
def arguments_of_a_tokenizer(learner: Port) -> str | None:
    """Look at the arguments after a tokenizer was made and used."""
    special_tokens = ["<s>", "<longer>", "<e>"]
    handed = {"merges": SEA, "special_tokens": special_tokens, "vocab": vocab_of(SEA, special_tokens)}
    kept = {name: learner.put(value) for name, value in handed.items()}
    tokenizer = learner.build("BPETokenizer", **kept)
    for method, argument in (("encode", "she sells<s>"), ("decode", [104, 101])):
        answer(tokenizer.call, method, argument)
        for name, value in handed.items():
            if (after := kept[name].value()) != value:
                return f"After `{method}`, the caller's `{name}` has changed: it is {brief(after)}."
    return None


@fact(
    why="The token of merge number k, counted from 0, has id 256 + k, and long texts are encoded like short ones.",
    hint="Which number in your code limits the length of a text or the number of merges?",
)
def many_ids(learner: Port) -> str | None:
    """Encode with several hundred merges, then long texts."""
    merges, he = pairs(*(f"{word[0]}+{word[1]}" for word in WORDS)), pairs("h+e")
    return tokens.encoding(
        learner,
        *(Encoding(WORDS[k], merges, [256 + k], f"it is merge number {k}") for k in (0, 1, 100, 256, 300)),
        Encoding("he" * 700, he, [256] * 700),
        Encoding("x" * 700 + "he", he, [120] * 700 + [256]),
        Encoding("he," * 700, he, [256, 44] * 700),
        Encoding("a" * 1400, pairs("a+a", "aa+aa"), [257] * 350),
        Encoding("he<s>" * 300, he, [256, 257] * 300, special_tokens=["<s>"]),
    )


@fact(
    why="The bytes of all ids are joined first, then read as UTF-8; '�' replaces what isn't valid.",
    hint="Write down the bytes of these ids.",
)
def decoded(learner: Port) -> str | None:
    """Decode ids of bytes, merges and special tokens, then characters that span ids, or are cut off."""
    tokenizer = tokenizer_of(learner, SEA, ["END", "é"])
    for ids, text in [
        ([97], "a"),
        ([97, 98], "ab"),
        ([], ""),
        ([259], "he"),
        ([115, 259], "she"),
        ([260], "END"),
        ([259, 260, 259], "heENDhe"),
        ([32, 97, 256, 32], " a s "),
        ([13, 10, 0], "\r\n\x00"),
        ([195, 169], "é"),
        ([240, 159, 153, 130], "\U0001f642"),
        ([101, 204, 129], "e\u0301"),
        ([239, 187, 191, 97], "\ufeffa"),
        ([261], "é"),
        ([195], "�"),
        ([195, 97], "�a"),
        ([97, 195], "a�"),
        ([169, 195], "��"),
        ([240, 159, 97], "�a"),
        ([195, 260], "�END"),
        ([97] * 300, "a" * 300),
    ]:
        got = answer(tokenizer.call, "decode", ids)
        if not isinstance(got, (str, Broken)):
            return f"`decode({brief(ids)})` returns {what_came(got)}, expected {brief(text)}."
        if got != text:
            return f"`decode({brief(ids)})` {gives(got)}, expected {brief(text)}."
    return None


@fact(
    why="Only the ids of the vocabulary have a token; for any other, `decode` raises KeyError.",
    hint="What does your `decode` do with an id that it can't find?",
)
def unknown_ids(learner: Port) -> str | None:
    """Decode ids that aren't in the vocabulary."""
    tokenizer = tokenizer_of(learner, SEA, ["END"])
    for ids in ([261], [-1], [97, 261], [-1, 97], [1000], [-261], [-262], [10**6]):
        got = answer(tokenizer.call, "decode", ids)
        if not isinstance(got, Broken) or got.how != "raises KeyError":
            return f"The ids go from 0 to 260, but `decode({ids})` {gives(got)}, expected KeyError."
    return None


def _vocab(learner: Port, text: str, room: int, special_tokens: Sequence[str] = ()) -> dict[int, bytes]:
    """Train, and return the vocabulary; empty if none comes."""
    reply = tokens.trained(learner, text, room, special_tokens)
    vocab = reply[0] if isinstance(reply, (tuple, list)) and reply else None
    return vocab if isinstance(vocab, dict) else {}
