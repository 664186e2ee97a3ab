"""The mistakes that people make in `bpe_tokenizer`."""

from grader.course.mistakes import Misconception

_BEST = "best_pair = max(pair for pair, count in pair_counts.items() if count == highest_count)"
_CUT = "for part in split_at_special_tokens(text, special_tokens):"
_DECODE = 'return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")'
_LEFT_TO_RIGHT = """    merged = []
    position = 0
    while position < len(tokens):
        if tuple(tokens[position : position + 2]) == pair:
            merged.append(pair[0] + pair[1])
            position += 2
        else:
            merged.append(tokens[position])
            position += 1
    return merged
"""
_MERGE_PIECE = """        while True:
            known_pairs = [pair for pair in pairwise(tokens) if pair in self.ranks]
            if not known_pairs:
                return [self.token_ids[token] for token in tokens]
            tokens = merge_pair(tokens, min(known_pairs, key=self.ranks.__getitem__))
"""
_OLD_PAIRS_OUT = """            for pair in pairwise(pieces[index]):
                pair_counts[pair] -= multiplicities[index]
                pair_holders[pair].discard(index)
                if pair_counts[pair] == 0:
                    del pair_counts[pair], pair_holders[pair]
"""
_NEW_PAIRS_IN = """            for pair in pairwise(pieces[index]):
                pair_counts[pair] += multiplicities[index]
                pair_holders[pair].add(index)

    tokens_in_order"""

MISCONCEPTIONS = (
    Misconception(
        name="tie_to_the_first_seen",
        did="Of pairs with equal counts you take the one that you met first.",
        why="Ties are frequent, and another choice leads to another vocabulary; the rule here is the greatest pair.",
        hint="What does `max` compare in your program, and what does it return where two are equal?",
        check="test_ties_go_to_the_greatest_pair",
        met="`max(counts, key=counts.get)`, the first line that comes to mind, does this.",
        edits=((_BEST, "best_pair = next(pair for pair, count in pair_counts.items() if count == highest_count)"),),
    ),
    Misconception(
        name="tie_to_the_smallest",
        did="Of pairs with equal counts you take the smallest.",
        why="Ties go to the greatest pair of byte strings; another choice leads to another vocabulary.",
        hint="If you sort by count and pair, think about the direction of each of the two.",
        check="test_ties_go_to_the_greatest_pair",
        met="Comes with heaps and with sorting by (-count, pair).",
        edits=((_BEST, _BEST.replace("max(", "min(")),),
    ),
    Misconception(
        name="tie_by_id",
        did="You settle ties by the tokens' ids instead of their bytes.",
        why="The two agree for single bytes only; a merged token has an id above 255 whatever its bytes are.",
        hint="Compare a merged token that begins with a small byte with a single large byte.",
        check="test_ties_compare_bytes_and_not_ids",
        met="Natural for everyone who stores pieces as lists of ids, as minbpe does.",
        edits=(
            (
                _BEST,
                "ages = {left + right: 256 + place for place, (left, right) in enumerate(merges)}\n"
                "        ties = [pair for pair, count in pair_counts.items() if count == highest_count]\n"
                "        best_pair = max(ties, key=lambda pair: [ages.get(token, token[0]) for token in pair])",
            ),
        ),
    ),
    Misconception(
        name="tie_by_joined_bytes",
        did="You settle ties by the joined bytes of a pair.",
        why="The pair is compared as a pair, left token first; joined, another one may come out on top.",
        hint="Find two pairs for which left + right and (left, right) are ordered differently.",
        check="test_ties_compare_the_left_token_first",
        met="Rare, and hard to find: few texts show it.",
        edits=((_BEST, _BEST.replace("max(pair for", "max((pair for").replace("_count)", "_count), key=b''.join)")),),
    ),
    Misconception(
        name="overlaps_counted_once",
        did="You count pairs that do not overlap: in a run of equal tokens every second position only.",
        why='Every neighbouring position counts: "aaa" holds the pair twice, though only one can be replaced.',
        hint="Count by hand the neighbours in a piece of three equal letters.",
        check="test_every_neighbouring_position_counts",
        met="`bytes.count` and `re.findall` count so.",
        edits=(
            (
                """        for pair in pairwise(tokens):
            pair_counts[pair] += multiplicities[index]
""",
                """        previous = None
        for place, pair in enumerate(pairwise(tokens)):
            if previous == (place - 1, pair):
                continue
            previous = (place, pair)
            pair_counts[pair] += multiplicities[index]
""",
            ),
            ("                if pair_counts[pair] == 0:", "                if pair_counts[pair] <= 0:"),
        ),
    ),
    Misconception(
        name="pair_counted_once_a_piece",
        did="You count each pair once a piece, however often it stands there.",
        why="All positions count; with a set of the pairs of a piece the repeated ones are lost.",
        hint="Count by hand the neighbours in a piece of three equal letters.",
        check="test_every_neighbouring_position_counts",
        met="Happens when counting is rewritten with sets to make it quicker.",
        edits=(
            (
                "        for pair in pairwise(tokens):\n            pair_counts",
                "        for pair in set(pairwise(tokens)):\n            pair_counts",
            ),
            (
                "            for pair in pairwise(pieces[index]):\n                pair_counts[pair] -=",
                "            for pair in set(pairwise(pieces[index])):\n                pair_counts[pair] -=",
            ),
            (
                "            for pair in pairwise(pieces[index]):\n                pair_counts[pair] +=",
                "            for pair in set(pairwise(pieces[index])):\n                pair_counts[pair] +=",
            ),
        ),
    ),
    Misconception(
        name="merged_from_the_right",
        did="Where occurrences overlap you replace the right one.",
        why="The rule is from left to right; encoding would otherwise cut runs of a letter unlike training.",
        hint="Follow what becomes of three equal letters.",
        check="test_overlaps_are_replaced_from_left_to_right",
        met="Comes from walking backwards so that deleting items does not shift the others.",
        edits=(
            (
                _LEFT_TO_RIGHT,
                """    merged = list(tokens)
    for position in range(len(merged) - 2, -1, -1):
        if tuple(merged[position : position + 2]) == pair:
            merged[position : position + 2] = [pair[0] + pair[1]]
    return merged
""",
            ),
        ),
    ),
    Misconception(
        name="multiplicity_ignored",
        did="You count a piece once, however often it stands in the text.",
        why="The counts are those of the text: a word that stands there a hundred times counts a hundred times.",
        hint="After collecting the distinct pieces, what became of their numbers?",
        check="test_a_piece_counts_as_often_as_it_stands_there",
        met="Happens when distinct pieces are kept to save time, in a set instead of a Counter.",
        edits=(("multiplicities = list(piece_counts.values())", "multiplicities = [1] * len(piece_counts)"),),
    ),
    Misconception(
        name="characters_instead_of_bytes",
        did="You begin with characters instead of bytes.",
        why="The base of the vocabulary are the 256 bytes; a character outside of ASCII is several of them.",
        hint='Into how many tokens does your program split "é" before the first merge?',
        check="test_text_is_taken_as_utf8_bytes",
        met="Most introductions to BPE show it on characters.",
        edits=(
            (
                '[[bytes([value]) for value in piece.encode("utf-8")] for piece in piece_counts]',
                '[[character.encode("utf-8") for character in piece] for piece in piece_counts]',
            ),
        ),
    ),
    Misconception(
        name="old_pairs_keep_their_counts",
        did="You do not take away the counts of pairs that a merge has destroyed.",
        why="Their neighbours are part of another token now; a pair that is counted but not there gets merged.",
        hint="Which pairs stood to the left and right of the merged one before, and do they still?",
        check="test_counts_follow_the_merges",
        met="The classic error of counts that are kept up to date instead of taken afresh.",
        edits=(
            (
                _OLD_PAIRS_OUT,
                "            for pair in pairwise(pieces[index]):\n"
                "                if pair == best_pair:\n"
                "                    pair_counts.pop(pair, None)\n",
            ),
            (
                "pair_counts[pair] += multiplicities[index]\n"
                "                pair_holders[pair].add(index)\n\n    tokens",
                "if b''.join(best_pair) in pair:\n"
                "                    pair_counts[pair] += multiplicities[index]\n"
                "                pair_holders[pair].add(index)\n\n    tokens",
            ),
        ),
    ),
    Misconception(
        name="new_pairs_not_counted",
        did="You count the pairs at the start only; tokens made by merging never become part of a pair.",
        why="Merged tokens are merged on: that is how words grow out of letters.",
        hint="After the first merge, which pairs have the new token in them?",
        check="test_counts_follow_the_merges",
        edits=((_NEW_PAIRS_IN, "            pass\n\n    tokens_in_order"),),
    ),
    Misconception(
        name="new_pairs_counted_once",
        did="When you update the counts, you forget how often the piece stands in the text.",
        why="The new pairs of a piece count as often as the piece does, like the old ones.",
        hint="Compare the line that adds with the line that takes away.",
        check="test_counts_follow_the_merges",
        edits=(
            (
                _NEW_PAIRS_IN,
                _NEW_PAIRS_IN.replace("+= multiplicities[index]", "+= 1"),
            ),
            ("                if pair_counts[pair] == 0:", "                if pair_counts[pair] <= 0:"),
        ),
    ),
    Misconception(
        name="no_pieces_in_training",
        did="You train on the text as one long piece.",
        why="Without the pattern, tokens grow across words and lines, and the vocabulary fills with whole phrases.",
        hint="Where does your training use GPT2_SPLIT_PATTERN?",
        check="test_no_merge_crosses_the_border_of_a_piece",
        met="minbpe's BasicTokenizer works so, on purpose.",
        edits=(
            (
                "piece_counts.update(regex.findall(GPT2_SPLIT_PATTERN, part))",
                "piece_counts.update([part] if part else [])",
            ),
        ),
    ),
    Misconception(
        name="split_at_white_space",
        did="You cut the text with `str.split`, and so lose the white space.",
        why="Spaces are part of the text: GPT-2's pattern keeps a space with the word after it.",
        hint="Join your pieces again: is it the text?",
        check="test_a_space_belongs_to_the_word_after_it",
        met="The way of the first papers, which marked the ends of words instead.",
        edits=(("piece_counts.update(regex.findall(GPT2_SPLIT_PATTERN, part))", "piece_counts.update(part.split())"),),
    ),
    Misconception(
        name="single_occurrences_not_merged",
        did="You stop when no pair occurs twice.",
        why="Pairs that occur once are merged as well, until `vocab_size` is reached.",
        hint="What is the count of the best pair when your loop ends?",
        check="test_pairs_that_occur_once_are_merged_too",
        met="A sensible choice for real corpora, and the default of some libraries; here the contract is another.",
        edits=(
            (
                "        merges.append(best_pair)\n",
                "        if highest_count < 2:\n            break\n        merges.append(best_pair)\n",
            ),
        ),
    ),
    Misconception(
        name="no_early_stop",
        did="Your loop does not expect that the pairs run out.",
        why="Every text has a last merge; after it `max` has nothing to choose from.",
        hint="What happens in your loop when every piece is a single token?",
        check="test_training_stops_when_no_pair_is_left",
        edits=(("while len(merges) < max_merges and pair_counts:", "while len(merges) < max_merges:"),),
    ),
    Misconception(
        name="special_tokens_not_in_vocab_size",
        did="You leave no room for the special tokens: your vocabulary is larger than `vocab_size`.",
        why="`vocab_size` counts bytes, merges and special tokens together.",
        hint="How many merges are possible with vocab_size=260 and two special tokens?",
        check="test_vocab_size_counts_everything",
        edits=(("max_merges = vocab_size - 256 - len(special_tokens)", "max_merges = vocab_size - 256"),),
    ),
    Misconception(
        name="one_merge_too_many",
        did="Your loop makes one merge more than there is room for.",
        why="`vocab_size` is a size, not the last id.",
        hint="How many merges are possible with vocab_size=257?",
        check="test_vocab_size_counts_everything",
        edits=(
            ("while len(merges) < max_merges and pair_counts:", "while len(merges) <= max_merges and pair_counts:"),
        ),
    ),
    Misconception(
        name="special_tokens_before_merges",
        did="You give the special tokens the ids from 256 on, before the merges.",
        why="The order is bytes, merges, special tokens, as in GPT-2, where <|endoftext|> is the last id.",
        hint="Which id does the first merge have?",
        check="test_merges_come_after_the_bytes_and_special_tokens_last",
        met="Many courses put special tokens first, some before the bytes.",
        edits=(
            (
                "    tokens_in_order += [left + right for left, right in merges]\n"
                '    tokens_in_order += [token.encode("utf-8") for token in special_tokens]\n',
                '    tokens_in_order += [token.encode("utf-8") for token in special_tokens]\n'
                "    tokens_in_order += [left + right for left, right in merges]\n",
            ),
        ),
    ),
    Misconception(
        name="special_tokens_sorted",
        did="You sort the list of special tokens in place.",
        why="The list belongs to the caller, and its order is that of the ids.",
        hint="Which of `sorted` and `list.sort` makes a new list?",
        check="test_training_leaves_its_arguments_alone",
        met="Follows from the longest having to be tried first.",
        edits=(
            (
                "    max_merges = vocab_size",
                "    if isinstance(special_tokens, list):\n"
                "        special_tokens.sort(key=len, reverse=True)\n"
                "    max_merges = vocab_size",
            ),
        ),
    ),
    Misconception(
        name="bytes_in_gpt2s_order",
        did="You number the bytes in the order of GPT-2's files: printable ones first.",
        why="Here the ids 0 to 255 are the bytes in the order of their values.",
        hint="Which id should the space have, whose byte is 32?",
        check="test_ids_0_to_255_are_the_bytes",
        met="From `bytes_to_unicode` in OpenAI's encoder.py.",
        edits=(
            (
                "tokens_in_order = [bytes([value]) for value in range(256)]",
                "printable = [*range(33, 127), *range(161, 173), *range(174, 256)]\n"
                "    others = [value for value in range(256) if value not in printable]\n"
                "    tokens_in_order = [bytes([value]) for value in printable + others]",
            ),
        ),
    ),
    Misconception(
        name="training_counts_special_tokens",
        did="You train on the special tokens as if they were text.",
        why="They would be merged piece by piece, and take up ids that they never use.",
        hint="Where does your training cut the special tokens out?",
        check="test_special_tokens_take_no_part_in_counting",
        edits=(
            (
                _CUT + "\n        if part not in special_tokens:",
                "for part in [text]:\n        if part not in special_tokens:",
            ),
        ),
    ),
    Misconception(
        name="text_joined_over_special_tokens",
        did="You delete the special tokens from the text, so that what stood around them becomes neighbours.",
        why="A special token is a border: one document ends there and another begins.",
        hint='What is left of "a<s>b" in your program?',
        check="test_no_merge_reaches_across_a_special_token",
        met="`text.replace(token, '')` does this.",
        edits=(
            (
                "    for part in split_at_special_tokens(text, special_tokens):\n"
                "        if part not in special_tokens:",
                "    parts = split_at_special_tokens(text, special_tokens)\n"
                "    joined = ''.join(part for part in parts if part not in special_tokens)\n"
                "    for part in ['' if special_tokens else text, joined]:\n"
                "        if special_tokens or part:",
            ),
        ),
    ),
    Misconception(
        name="vocab_size_not_checked",
        did="You do not notice a `vocab_size` that is too small.",
        why="The promised size cannot be kept, and it is better to say so than to return something larger.",
        hint="What should happen with vocab_size=255?",
        check="test_too_small_a_vocab_size_raises",
        edits=(("if max_merges < 0:", "if vocab_size < 0:"),),
    ),
    Misconception(
        name="smallest_vocab_size_refused",
        did="You refuse the smallest `vocab_size` that is possible.",
        why="With room for the bytes and the special tokens there is nothing to learn, but also nothing wrong.",
        hint="Is it < or <= ?",
        check="test_the_smallest_vocab_size_learns_nothing",
        edits=(("if max_merges < 0:", "if max_merges <= 0:"),),
    ),
    Misconception(
        name="special_tokens_not_escaped",
        did="You put special tokens into a pattern as they are; signs such as | mean something there.",
        why='"<|end|>" as a pattern means "<" or "end" or ">", and cuts ordinary text apart.',
        hint="What does `regex.escape` do?",
        check="test_special_tokens_are_taken_literally",
        met="A favourite, since nearly all special tokens contain |.",
        edits=(
            ('"|".join(regex.escape(token) for token in longest_first)', '"|".join(longest_first)'),
            ("            if part in self.special_ids:\n", "            if part in self.special_ids and part:\n"),
        ),
    ),
    Misconception(
        name="shorter_special_token_wins",
        did="Where two special tokens match at one place, you take the one that comes first in the list.",
        why="The longest wins; a pattern with | takes the first alternative that fits.",
        hint="In which order should the special tokens be tried?",
        check="test_training_cuts_out_the_longest_special_token",
        edits=(("sorted(special_tokens, key=len, reverse=True)", "list(special_tokens)"),),
    ),
    Misconception(
        name="longest_special_token_first_everywhere",
        did="You look for the longest special token in the whole text, then for the next, one after the other.",
        why="The text is read from left to right: the longest wins among those that begin at the same place only.",
        hint="What if a long special token begins inside a shorter one?",
        check="test_the_leftmost_special_token_is_taken_first",
        met="Comes from splitting by one token after the other.",
        edits=(
            (
                '    any_special_token = "|".join(regex.escape(token) for token in longest_first)\n'
                "    # The round brackets make split keep the special tokens themselves.\n"
                '    return regex.split(f"({any_special_token})", text)\n',
                "    parts = [text]\n"
                "    for token in longest_first:\n"
                "        cut = []\n"
                "        for part in parts:\n"
                "            whole = part in special_tokens\n"
                '            cut += [part] if whole else regex.split(f"({regex.escape(token)})", part)\n'
                "        parts = cut\n"
                "    return parts\n",
            ),
        ),
    ),
    Misconception(
        name="special_tokens_encoded_as_text",
        did="You encode special tokens as ordinary text.",
        why="The model is to see one id that means the end of a document, not the letters of its name.",
        hint="What does your `encode` do before it cuts a text into pieces?",
        check="test_a_special_token_becomes_its_one_id",
        edits=(
            ("for part in split_at_special_tokens(text, self.special_ids):", "for part in [text]:"),
            ("            if part in self.special_ids:\n", "            if part in self.special_ids and not part:\n"),
        ),
    ),
    Misconception(
        name="longest_token_first",
        did="You take the longest token that fits, from left to right.",
        why="BPE replays the merges in the order learned; the longest match can cut a word unlike training did.",
        hint='With the merges "bc" and then "ab", how is "abc" cut?',
        check="test_the_merge_learned_first_is_made_first",
        met="It is how WordPiece works.",
        edits=(
            (
                _MERGE_PIECE,
                """        data, ids = b"".join(tokens), []
        while data:
            length = next(size for size in range(len(data), 0, -1) if data[:size] in self.token_ids)
            ids.append(self.token_ids[data[:length]])
            data = data[length:]
        return ids
""",
            ),
        ),
    ),
    Misconception(
        name="leftmost_pair_first",
        did="You merge the leftmost known pair instead of the one learned first.",
        why="The order of the merges is what was learned; another order gives other tokens.",
        hint='With the merges "bc" and then "ab", how is "abc" cut?',
        check="test_the_merge_learned_first_is_made_first",
        edits=(("min(known_pairs, key=self.ranks.__getitem__)", "known_pairs[0]"),),
    ),
    Misconception(
        name="last_learned_first",
        did="You apply the merge with the highest rank first.",
        why="The merge learned first comes first: later ones were learned from what it left.",
        hint="Does a small rank mean early or late?",
        check="test_the_merge_learned_first_is_made_first",
        edits=(("min(known_pairs, key=self.ranks.__getitem__)", "max(known_pairs, key=self.ranks.__getitem__)"),),
    ),
    Misconception(
        name="one_pass_over_the_pairs",
        did="You look for known pairs once, and do not notice those that merging makes.",
        why="A merged token can be merged on; stopping early leaves words in fragments.",
        hint='Which merges does "lls" need, and in which order do they become possible?',
        check="test_a_merge_makes_others_possible",
        edits=(
            (
                _MERGE_PIECE,
                """        for pair in sorted(set(pairwise(tokens)) & set(self.ranks), key=self.ranks.__getitem__):
            tokens = merge_pair(tokens, pair)
        return [self.token_ids[token] for token in tokens]
""",
            ),
        ),
    ),
    Misconception(
        name="one_occurrence_per_merge",
        did="You go through the merges once, and replace only the first occurrence of each.",
        why="A pair can stand in a piece several times.",
        hint='Encode "hehe" when "he" is known.',
        check="test_a_pair_is_merged_wherever_it_stands",
        edits=(
            (
                _MERGE_PIECE,
                """        for pair in self.ranks:
            if pair in pairwise(tokens):
                place = list(pairwise(tokens)).index(pair)
                tokens[place : place + 2] = [b"".join(pair)]
        return [self.token_ids[token] for token in tokens]
""",
            ),
        ),
    ),
    Misconception(
        name="no_pieces_in_encode",
        did="`encode` merges over the whole text without cutting it into pieces.",
        why="In training no merge crossed a piece; where it happens in encoding, the ids are others.",
        hint="Where does your `encode` use GPT2_SPLIT_PATTERN?",
        check="test_encoding_keeps_to_the_pieces",
        met="It goes unnoticed for a long time, since few merges fit across a border.",
        edits=(
            (
                "            for piece in regex.findall(GPT2_SPLIT_PATTERN, part):\n"
                "                if piece not in ids",
                "            for piece in [part] if part else []:\n                if piece not in ids",
            ),
        ),
    ),
    Misconception(
        name="ids_pile_up",
        did="The ids of earlier texts are still in your list when the next text is encoded.",
        why="Each call of `encode` is about its own text alone.",
        hint="Where is the list of ids made: in `__init__` or in `encode`?",
        check="test_calls_do_not_influence_each_other",
        edits=(
            ("        self.vocab = dict(vocab)\n", "        self.vocab = dict(vocab)\n        self.ids = []\n"),
            ("        ids: list[int] = []\n", "        ids = self.ids\n"),
            ("        return ids\n        ###", "        return list(ids)\n        ###"),
        ),
    ),
    Misconception(
        name="empty_text_gives_none",
        did="`encode` returns None for the empty text.",
        why="No text has no ids, which is an empty list.",
        hint="What does a bare `return` give?",
        check="test_the_empty_text_has_no_ids",
        edits=(
            (
                "        ids: list[int] = []\n",
                "        if not text:\n            return\n        ids: list[int] = []\n",
            ),
        ),
    ),
    Misconception(
        name="tokenizer_sorts_the_callers_list",
        did="Your tokenizer sorts the list of special tokens that it was given.",
        why="The list belongs to the caller, who may need its order: it is that of the ids.",
        hint="Which of `sorted` and `list.sort` makes a new list?",
        check="test_tokenizers_leave_their_arguments_alone",
        edits=(
            (
                "        self.vocab = dict(vocab)\n",
                "        self.vocab = dict(vocab)\n"
                "        if isinstance(special_tokens, list):\n"
                "            special_tokens.sort(key=len, reverse=True)\n",
            ),
        ),
    ),
    Misconception(
        name="shared_cache",
        did="The memory of pieces already encoded is shared by all tokenizers.",
        why="Another tokenizer has other merges, and gets the first one's ids.",
        hint="Is the dictionary made in `__init__`, or does it belong to the class or the module?",
        check="test_two_tokenizers_do_not_share_anything",
        met="A dictionary as a class attribute or as a default argument, or lru_cache on a function.",
        edits=(
            (
                '    """Turn strings into token ids and back, with the',
                '    cache = {}\n    """Turn strings into token ids and back, with the',
            ),
            ("ids_of_pieces: dict[str, list[int]] = {}  # each", "ids_of_pieces = self.cache  # each"),
        ),
    ),
    Misconception(
        name="shared_ranks",
        did="The ranks are kept in the class, where a second tokenizer overwrites them.",
        why="Each tokenizer has merges of its own.",
        hint="What differs between `self.ranks` and an attribute of the class?",
        check="test_two_tokenizers_do_not_share_anything",
        edits=(("        self.ranks = {pair", "        BPETokenizer.ranks = {pair"),),
    ),
    Misconception(
        name="each_id_read_alone",
        did="You turn each id into text by itself and join the texts.",
        why='A token may be half a character: read alone it is invalid, and "é" comes back as two "�".',
        hint="Which comes first: joining or reading as UTF-8?",
        check="test_bytes_are_joined_before_they_are_read",
        met="Common, because English text never shows it.",
        edits=((_DECODE, 'return "".join(self.vocab[i].decode("utf-8", errors="replace") for i in ids)'),),
    ),
    Misconception(
        name="strict_decoding",
        did="Your `decode` raises an error where bytes are not valid UTF-8.",
        why="A model can produce any ids, and a list of ids may be cut in the middle of a character.",
        hint="Look at the argument `errors` of `bytes.decode`.",
        check="test_half_a_character_becomes_the_replacement_sign",
        edits=((_DECODE, 'return b"".join(self.vocab[i] for i in ids).decode("utf-8")'),),
    ),
    Misconception(
        name="invalid_bytes_left_out",
        did="Your `decode` leaves out bytes that are not valid UTF-8.",
        why="The reader should see that something is there which cannot be read.",
        hint="Look at the argument `errors` of `bytes.decode`.",
        check="test_half_a_character_becomes_the_replacement_sign",
        edits=((_DECODE, _DECODE.replace("replace", "ignore")),),
    ),
    Misconception(
        name="unknown_ids_skipped",
        did="Your `decode` skips ids that it does not know.",
        why="An unknown id means that text and vocabulary do not belong together, and that should not pass in silence.",
        hint="What does `dict.get` do where the key is missing?",
        check="test_unknown_ids_raise_key_error",
        edits=((_DECODE, _DECODE.replace("self.vocab[i]", 'self.vocab.get(i, b"")')),),
    ),
    Misconception(
        name="vocabulary_as_a_list",
        did="You keep the vocabulary as a list: an unknown id raises IndexError, and -1 is the last token.",
        why="An unknown id is to raise KeyError, negative ones too.",
        hint="What does a list do with the index -1?",
        check="test_unknown_ids_raise_key_error",
        edits=(
            (
                _DECODE,
                _DECODE.replace("self.vocab[i]", "list(self.vocab.values())[i]"),
            ),
        ),
    ),
    Misconception(
        name="text_normalised",
        did="You normalise the text before encoding it.",
        why="A tokenizer must give back exactly what it was given: accents, ligatures and full-width letters too.",
        hint="Which step of yours changes the text?",
        check="test_decoding_undoes_encoding",
        met="BERT's tokenizer does so.",
        edits=(
            ("import regex\n", "import unicodedata\n\nimport regex\n"),
            (
                "        ids: list[int] = []\n",
                '        ids: list[int] = []\n        text = unicodedata.normalize("NFC", text)\n',
            ),
        ),
    ),
    Misconception(
        name="line_breaks_unified",
        did="You turn Windows' line breaks into those of Unix.",
        why="A tokenizer must give back exactly what it was given.",
        hint="Which step of yours changes the text? Reading lines does, and `splitlines` too.",
        check="test_decoding_undoes_encoding",
        edits=(
            (
                "        ids: list[int] = []\n",
                '        ids: list[int] = []\n        text = text.replace("\\r\\n", "\\n")\n',
            ),
        ),
    ),
    Misconception(
        name="bytes_of_characters",
        did="Your first 256 tokens are the characters 0 to 255 as UTF-8: from 128 on two bytes each.",
        why="Ids 0 to 255 are the single bytes; with two for one id, texts that are not English do not come back.",
        hint="How long is your vocab[200]?",
        check="test_ids_0_to_255_are_the_bytes",
        met="chr(i).encode() for bytes([i]).",
        edits=(
            (
                "tokens_in_order = [bytes([value]) for value in range(256)]",
                "tokens_in_order = [chr(value).encode() for value in range(256)]",
            ),
        ),
    ),
    Misconception(
        name="position_compared_by_identity",
        did="You compare the position with the number of tokens by `is`.",
        why="`is` asks for the same object, and Python keeps a single one only of the integers up to 256.",
        hint="Encode a word of 300 letters.",
        check="test_ids_of_very_long_words_equal_tiktokens",
        edits=(("while position < len(tokens):", "while position is not len(tokens):"),),
    ),
    Misconception(
        name="counts_compared_by_identity",
        did="You compare counts by `is`.",
        why="`is` asks for the same object, and Python keeps a single one only of the integers up to 256.",
        hint="What does `257 is 256 + n` say, for an n of 1?",
        check="test_ties_of_large_counts_go_to_the_greatest_pair",
        edits=(("if count == highest_count", "if count is highest_count"),),
    ),
    Misconception(
        name="number_of_merges_compared_by_identity",
        did="You compare the number of merges by `is`.",
        why="`is` asks for the same object, and Python keeps a single one only of the integers up to 256: beyond, "
        "training goes on until no pair is left.",
        hint="How many merges do you get where 300 are asked for?",
        check="test_several_hundred_merges_are_learned",
        edits=(("while len(merges) < max_merges and", "while len(merges) is not max_merges and"),),
    ),
    Misconception(
        name="rare_pieces_left_out",
        did="You count pairs in the 256 most frequent pieces only.",
        why="Every piece counts; many rare ones together outweigh a frequent one.",
        hint="Train on several hundred words that stand in the text once each.",
        check="test_training_on_several_hundred_words_equals_the_reference",
        met="Done for speed; where all pieces are few it goes unnoticed.",
        edits=(
            (
                "    # One list of tokens per distinct piece",
                "    piece_counts = Counter(dict(piece_counts.most_common(256)))\n"
                "    # One list of tokens per distinct piece",
            ),
        ),
    ),
    Misconception(
        name="tie_to_the_first_counted",
        did="Of pairs with equal counts you take the one that you counted first.",
        why="Ties are frequent, and another choice leads to another vocabulary; the rule here is the greatest pair.",
        hint="What does `max` compare in your program, and what does it return where two are equal?",
        check="test_ties_go_to_the_greatest_pair",
        met="`max(counts, key=counts.get)`, with counts made anew for every merge.",
        edits=(
            (
                _BEST,
                "best_pair = next(p for tokens in pieces for p in pairwise(tokens) if pair_counts[p] == highest_count)",
            ),
        ),
    ),
    Misconception(
        name="ids_joined_by_bits",
        did="You join 256 and the number of merges by `|`, where their sum is due.",
        why="The two agree only as long as there are fewer than 256 merges.",
        hint="What is your first special id after 300 merges?",
        check="test_ids_of_several_hundred_merges_equal_tiktokens",
        edits=(("num_ordinary = 256 + len(merges)", "num_ordinary = 256 | len(merges)"),),
    ),
    Misconception(
        name="special_tokens_in_latin_1",
        did="You write special tokens into the vocabulary in Latin-1.",
        why="`decode` reads all bytes as UTF-8, in which every character beyond ASCII is two bytes or more.",
        hint="Train with the special token <é>, decode its id.",
        check="test_special_tokens_stand_in_the_vocabulary_in_utf_8",
        edits=(
            (
                '[token.encode("utf-8") for token in special_tokens]',
                '[token.encode("latin-1", "replace") for token in special_tokens]',
            ),
        ),
    ),
)
