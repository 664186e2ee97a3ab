"""What the process that grader processes are forks of imports last.

Whatever it has imported by then is no garbage. A fork that searched it for garbage would copy all of it.
"""

from __future__ import annotations

import gc

gc.collect()
gc.freeze()
