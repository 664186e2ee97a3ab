"""The command `grader`, also as `python -m grader`: it starts, or says in words why it cannot."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command; if what it is made of is not installed, say what to type."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python runs this file, and no other of the grader's
        from grader.doctor.environment import too_old

        print(too_old(), file=sys.stderr)
        raise SystemExit(2)
    try:
        from grader.cli import main as run

        run()
    except Exception as error:
        from grader.shadows import sentences

        # A file such as `random.py`, where Python looks first, breaks whatever imports that module.
        if hiding := sentences(path or "." for path in sys.path[:1]):
            print(f"The grader can't go on ({type(error).__name__}: {error}).", *hiding, sep="\n", file=sys.stderr)
            raise SystemExit(2) from None
        if not isinstance(error, ImportError):
            raise
        from grader.doctor.installation import complain

        print(*complain(error), sep="\n", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
