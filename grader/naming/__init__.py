"""Names: what a learner calls things that the exercise calls otherwise, and how to check such code all the same.

A name is one claim. The check that lists a module's parameters fails and says which names differ; every other check
sees the module through a renaming. What can't be matched without guessing keeps its name.
"""

from grader.naming.asking import Names, NamesConversation
from grader.naming.contract import Contract, contract_of

__all__ = ["Contract", "Names", "NamesConversation", "contract_of"]
