"""What can be measured about `causal_attention`, the most basic facts first."""

from grader.checks import Port, fact
from tests.visible.facts import tables

CAUSAL = "A token may look at itself and at all tokens before it. What comes later is what the model has to predict."


@fact(why=CAUSAL, hint="Write down your mask for 3 tokens. Which entries does it hide?")
def mask(learner: Port) -> str | None:
    """See which tokens get any weight."""
    return tables.seen(learner, None)


@fact(
    why="Each token shares out a weight of 1 among the tokens that it sees.",
    hint="Over which dimension does your softmax go, and does the mask come before it?",
)
def sums_of_weights(learner: Port) -> str | None:
    """Add up the weights of each token."""
    return tables.sums(learner, None)


@fact(
    why="The dot product of a query and a key has d_out terms, so its spread grows with √d_out.",
    hint="Which number do you take the square root of?",
)
def scale(learner: Port) -> str | None:
    """Measure by how much scores are multiplied."""
    return tables.factor(learner, None)


@fact(
    why="A token's query asks, and the keys of the tokens that it sees answer.",
    hint="In the table of scores, each row belongs to a query and each column to a key.",
)
def scores(learner: Port) -> str | None:
    """See which projections the scores compare."""
    return tables.scored(learner, None)


@fact(
    why="What a token passes on is its value, `W_value` times its vector.", hint="What do you multiply by the weights?"
)
def values(learner: Port) -> str | None:
    """See which projection the weights mix."""
    return tables.value(learner, None)


@fact(
    why="Dropout acts on the weights after softmax: each is 0 at the rate, the others are divided by 1 - rate.",
    hint="Where does forward call your dropout, and with which rate was it made?",
)
def dropout(learner: Port) -> str | None:
    """Compare the table in training mode with the one in evaluation mode."""
    return tables.dropout(learner, None)
