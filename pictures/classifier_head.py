"""Which parts of the learner's classifier are trainable."""

from grader.checks import Port
from grader.pictures import Bars, Picture
from tests.visible.heads import converted, names_in, trainable_names

PARTS = ("tok_emb", "pos_emb", "trf_blocks.0", "trf_blocks.1", "trf_blocks.2", "final_norm", "out_head")
"""The parts of the model in the order in which a text goes through them."""
ABOUT = "A bar of 1 means that everything in this part is trainable, and 0 that everything in it is frozen."


def pictures(learner: Port) -> list[Picture]:
    """Draw the share of trainable parameters in each part, next to the expected one."""
    parameters = {name: info.trainable for name, info in converted(learner).parameters().items()}
    expected_names = trainable_names()
    expected, shares, wrong = [], [], []
    for part in PARTS:
        trained = [trainable for name, trainable in parameters.items() if name.startswith(f"{part}.")]
        missing = [name for name in names_in(part) if name not in parameters]
        share = sum(trained) / len(trained) if trained else float("nan")
        should = float(any(name.startswith(f"{part}.") for name in expected_names))
        shares.append(share)
        expected.append(should)
        if missing or not trained:
            wrong.append(f"{part}: it has no {' and no '.join(missing or ['parameters'])}.")
        elif share != should:
            kind = "trainable" if should else "frozen"
            wrong.append(f"{part}: {sum(trained)} of {len(trained)} parameters are trainable; all should be {kind}.")
    panels = (Bars("yours", PARTS, tuple(shares)), Bars("expected", PARTS, tuple(expected)))
    return [Picture("The trainable parts of the classifier", panels, tuple(wrong), ABOUT)]
