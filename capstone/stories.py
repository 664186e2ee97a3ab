"""The grammar of the course's own stories: somebody lives somewhere, finds something, and meets an animal.

What is named once comes back: the name of the first sentence in the last, the pronoun that goes with it in between,
the thing with its look, the place and the animal. To foresee that takes more than the word before.
"""

from __future__ import annotations

from capstone.grammar import Grammar

GIRLS = ("Mira", "Nora", "Tilda", "Suri", "Wanda", "Ines", "Olga", "Runa")
BOYS = ("Timo", "Pavel", "Jonas", "Ravi", "Oskar", "Milan", "Yusuf", "Emil")
_SHE = {"she": "she", "her": "her"}
_HE = {"she": "he", "her": "him"}

_THINGS = {
    "by the river": ("shell", "boat", "net", "paddle"),
    "near the forest": ("feather", "acorn", "nest", "mushroom"),
    "on the hill": ("kite", "stone", "whistle", "flag"),
    "under the castle": ("key", "crown", "ring", "sword"),
    "beside the mill": ("sack", "wheel", "ladder", "rope"),
    "behind the market": ("coin", "basket", "button", "lamp"),
}

RULES: dict[str, tuple[str, ...] | dict[str, float]] = {
    "story": ("<opening> <finding> <meeting> <first> <closing>",),
    "opening": {
        "Once <hero=name> lived <place=place> with <kin> .": 3,
        "In a <size> house <place=place> lived <hero=name> .": 2,
        "<hero=name> was a <size> child from a village <place=place> .": 1,
    },
    "name": dict(zip(GIRLS + BOYS, (6, 5, 4, 3, 3, 2, 2, 1, 6, 5, 4, 3, 3, 2, 2, 1), strict=True)),
    "place": tuple(_THINGS),
    "kin": ("an uncle", "two sisters", "grandmother", "many cousins"),
    "size": {"small": 3, "tall": 2, "quiet": 1},
    "finding": {
        "One <time> {hero.she} found a <look=look> <thing=thing:place> .": 2,
        "Every <time> {hero.she} dreamed of a <look=look> <thing=thing:place> , and at last there it was .": 1,
    },
    "time": {"morning": 4, "evening": 2, "day": 2, "winter": 1, "summer": 1},
    "look": {"silver": 5, "golden": 4, "broken": 3, "tiny": 3, "red": 2, "wooden": 2, "heavy": 1, "blue": 1},
    **{f"thing/{kind}": things for kind, things in _THINGS.items()},
    "meeting": {
        "On the way home {hero.she} met a <mood=mood> <friend=animal> .": 2,
        "Soon a <mood=mood> <friend=animal> came along .": 2,
        "Then a voice called {hero.her} : it was a <mood=mood> <friend=animal> .": 1,
    },
    "mood": {"hungry": 3, "friendly": 3, "sleepy": 2, "proud": 1, "lonely": 1},
    "animal": {"fox": 4, "goose": 3, "hedgehog": 3, "bear": 2, "cat": 2, "raven": 1, "mouse": 1, "goat": 1},
    # One to three events; what comes after one begins with another word than an event does.
    "first": {"<event> <second>": 1},
    "second": {"Later <deed> <third>": 2, "Meanwhile <weather> .": 1},
    "third": {"Again <deed>": 1, "Nobody <saw> .": 1},
    "event": {
        "{hero} showed the {friend} the {thing} , and {hero.she} told it <secret> .": 2,
        "The {friend} asked for the {thing} , but {hero.she} <refused> .": 2,
        "They <played> with the {look} {thing} until <until> .": 1,
    },
    "secret": ("where it was found", "what it was worth", "how old it was"),
    "refused": {"ran away": 1, "said no": 3, "only laughed": 2},
    "played": {"played": 3, "danced": 2, "walked about": 1},
    "until": ("dusk", "supper", "midnight"),
    "deed": {
        "the {friend} <helped> {hero.her} to <clean> the {thing} .": 2,
        "{hero.she} gave the {mood} {friend} some <food> .": 2,
        "both of them <hid> the {thing} from the other <animals> .": 1,
    },
    "helped": {"helped": 3, "begged": 1, "taught": 1},
    "clean": ("clean", "mend", "carry", "paint"),
    "food": {"bread": 3, "cheese": 2, "soup": 1, "honey": 1},
    "hid": ("hid", "kept"),
    "animals": ("animals", "children"),
    "weather": {"it began to <rain>": 2, "the sun <shone>": 1, "a wind blew {place}": 1},
    "rain": {"rain": 3, "snow": 1},
    "shone": ("went down", "came out"),
    "saw": ("saw them", "knew of it"),
    "closing": {
        "In the end {hero} gave the {look} {thing} to the {friend} , and {hero.she} was <glad> .": 2,
        "That night {hero} carried the {look} {thing} back to the house {place} .": 2,
        "From then on {hero} and the {mood} {friend} were friends .": 1,
    },
    "glad": {"glad": 3, "sad": 1, "proud of it": 1},
}

STORIES = Grammar(RULES, {name: _SHE for name in GIRLS} | {name: _HE for name in BOYS})
