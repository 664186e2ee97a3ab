"""What the process that grader processes are forks of imports last.

Whatever it has imported by then is no garbage. A fork that searched it for garbage would copy all of it.
"""

from __future__ import annotations

import gc

from grader.learner.late_imports import FOR_GRADIENTS, import_all

# Nearly all checks need these, and they'd be tens of MiB in each grader process.
import_all(FOR_GRADIENTS)
gc.collect()
gc.freeze()
