"""Names: what a learner calls things that the exercise calls otherwise, and how to check such code all the same.

A name is one claim. The check that lists a module's parameters fails and says which names differ; every other check
sees the module through a renaming. What can't be matched without guessing keeps its name.

A slip is one claim, too: a forgotten `return` or a `.T` too many makes nearly every check fail. The first of them says
so, and all others see the module without it.
"""

from grader.naming.asking import Names, NamesConversation
from grader.naming.contract import Contract, contract_of
from grader.naming.slips import SlipsConversation

__all__ = ["Contract", "Names", "NamesConversation", "SlipsConversation", "contract_of"]
