"""Small pictures for a terminal: a table of attention weights as shades, the ones got next to the expected ones."""

from __future__ import annotations

import torch

SHADES = "·░▒▓█"
"""The first is for no weight; each further shade is another quarter of the largest weight."""
MAX_ROWS = 3
MAX_COLUMNS = 12


def picture(got: torch.Tensor, expected: torch.Tensor) -> tuple[str, ...]:
    """Draw two tables of weights side by side, `(…, query, key)`: the first pair of tables that differs.

    For long tables it draws only the rows from the first difference on. It returns no lines if there is nothing to see:
    different shapes, too many keys, or tables that look alike.
    """
    if got.shape != expected.shape or got.dim() < 2 or not 1 < got.shape[-1] <= MAX_COLUMNS:
        return ()
    tables = zip(got.reshape(-1, *got.shape[-2:]), expected.reshape(-1, *got.shape[-2:]), strict=True)
    for got_table, expected_table in tables:
        largest = max(1.0, float(expected_table.abs().nan_to_num(posinf=0.0, neginf=0.0).max()))
        left, right = _rows(got_table, largest), _rows(expected_table, largest)
        different = [row for row, pair in enumerate(zip(left, right, strict=True)) if pair[0] != pair[1]]
        if not different:
            continue
        first = min(different[0], max(0, len(left) - MAX_ROWS))
        width = max(len("got"), len(left[0]))
        lines = [f"{'':<8}{'got':<{width}}   expected"]
        for row in range(first, min(first + MAX_ROWS, len(left))):
            mark = "  ←" if row in different else ""
            lines.append(f"{f'token {row}':<8}{left[row]:<{width}}   {right[row]}{mark}")
        return tuple(lines)
    return ()


def _rows(table: torch.Tensor, largest: float) -> list[str]:
    return [" ".join(shade(weight / largest) for weight in row) for row in table.tolist()]


def shade(share: float) -> str:
    """Return the shade for a share of the largest weight; another sign for any other number."""
    if share != share:
        return "?"
    if share < 0:
        return "-"
    if share > 1:
        return "+"
    # A tiny weight counts as none: it was masked with a large negative number.
    return SHADES[0] if share < 1e-3 else SHADES[min(4, 1 + int(share * 4))]
