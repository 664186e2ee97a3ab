"""Pictures as text: shades, marks and brackets repeat what color shows, so that nothing is lost without it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise, zip_longest

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from grader.checks.picture import shade
from grader.pictures.describe import Bars, Curve, Curves, HeatMap, Panel, Picture, Tokens, percent
from grader.text import printable

GAP = 3
WIDEST, NARROWEST = 76, 40
LABEL, COLUMN = 8, 3
"""The most characters for the label of a row, and of a column, of a heat map."""
NOTHING = 1e-3
"""Below this share, no number is written."""
HEIGHT = 14
BAR = 12
BAR_LABEL = 13
"""The most characters for the label of a bar."""
WRONG = "WRONG"
WRONG_STYLE = "bold red"
# Both foreground and background are set, so that they suit light and dark terminals.
HEAT = ("#10243b on #f7fbff", "#10243b on #c6dbef", "#10243b on #85bcdc", "#ffffff on #2171b5", "#ffffff on #08306b")
TOKEN_STYLES = ("#10243b on #cfe5f5", "#3a2400 on #fbe0bd", "#06301f on #cdeede", "#331a3d on #eadcf2")
CURVES = (("*", "bold blue"), ("o", "yellow"), ("+", "green"), ("x", "magenta"))
LEVEL = "─"


def render(picture: Picture, width: int) -> list[Text]:
    """Draw a picture as lines that are at most `width` characters wide."""
    room = max(NARROWEST, min(width, WIDEST))
    lines = [Text(printable(picture.title), style="bold")]
    lines += _wrapped(picture.about, room)
    for row in _rows([_block(panel, room) for panel in picture.panels], room):
        lines += [Text(), *row]
    if picture.wrong:
        lines.append(Text())
    for sentence in picture.wrong:
        lines += _wrapped(sentence, room, first=f"{WRONG}  ")
    return lines


def _wrapped(text: str, width: int, first: str = "") -> list[Text]:
    """Break a text into lines; later lines are indented to the beginning of the first."""
    if not text:
        return []
    words, lines, line = text.split(), [], ""
    for word in words:
        if line and cell_len(line) + 1 + cell_len(word) > width - len(first):
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    lines.append(line)
    return [
        Text.assemble((first if index == 0 else " " * len(first), WRONG_STYLE), line)
        for index, line in enumerate(lines)
    ]


def _rows(blocks: Sequence[list[Text]], width: int) -> list[list[Text]]:
    """Put blocks side by side if they fit, and the next ones below."""
    rows: list[list[list[Text]]] = []
    used = 0
    for block in blocks:
        wide = max(line.cell_len for line in block)
        if rows and used + GAP + wide <= width:
            rows[-1].append(block)
            used += GAP + wide
        else:
            rows.append([block])
            used = wide
    return [_side_by_side(row) for row in rows]


def _side_by_side(blocks: Sequence[list[Text]]) -> list[Text]:
    widths = [max(line.cell_len for line in block) for block in blocks]
    lines = []
    for parts in zip_longest(*blocks, fillvalue=Text()):
        line = Text()
        for index, (part, wide) in enumerate(zip(parts, widths, strict=True)):
            line.append_text(part)
            if index < len(blocks) - 1:
                line.append(" " * (wide - part.cell_len + GAP))
        lines.append(line)
    return lines


def _block(panel: Panel, width: int) -> list[Text]:
    match panel:
        case HeatMap():
            return _heat_map(panel)
        case Curves():
            return _curves(panel, width)
        case Tokens():
            return _tokens(panel, width)
        case Bars():
            return _bars(panel)


def _heat_map(panel: HeatMap) -> list[Text]:
    lines = [Text(printable(panel.title), style="underline")]
    heads = "".join(f" {_cut(label, COLUMN):>{COLUMN}} " for label in panel.column_labels)
    names = [_cut(label, LABEL) for label in panel.row_labels]
    wide = max(map(cell_len, names), default=0)
    lines.append(Text(" " * (wide + 1) + heads, style="dim"))
    for row, (name, values) in enumerate(zip(names, panel.rows, strict=True)):
        line = Text(f"{set_cell_size(name, wide)} ")
        for column, value in enumerate(values):
            number = "" if abs(value) < NOTHING else percent(value)
            line.append(f"{shade(value)}{number:>{COLUMN}}", style=_heat(value))
            wrong = (row, column) in panel.marked
            line.append("!" if wrong else " ", style=WRONG_STYLE if wrong else "")
        lines.append(line)
    return lines


def _heat(value: float) -> str:
    if not 0 <= value <= 1:
        return WRONG_STYLE
    return HEAT[0] if value < NOTHING else HEAT[min(4, 1 + int(value * 4))]


def _cut(label: str, width: int) -> str:
    label = printable(label)
    return label if cell_len(label) <= width else set_cell_size(label, width)


def _curves(panel: Curves, width: int) -> list[Text]:
    """Draw curves with characters; if several overlap, each gets its own columns."""
    curves = [Curve(curve.label, _finite(curve)) for curve in panel.curves]
    levels = [level for level in panel.levels if math.isfinite(level.value)]
    xs = [x for curve in curves for x, _ in curve.points]
    ys = [y for curve in curves for _, y in curve.points] + [level.value for level in levels]
    lines = [Text(printable(panel.title), style="underline")]
    if not xs:
        return [*lines, Text("There are no points to draw.")]
    left, right, low, high = min(xs), max(xs), min(ys), max(ys)
    high = high if high > low else low + 1
    columns = width - COLUMN * 3
    grid = [[(" ", "")] * columns for _ in range(HEIGHT)]

    def row_of(y: float) -> int:
        return round((high - y) / (high - low) * (HEIGHT - 1))

    for level in levels:
        grid[row_of(level.value)] = [(LEVEL, "dim")] * columns
    for index, curve in reversed(list(enumerate(curves))):
        at = _interpolated(curve)
        for column in range(index, columns, len(curves)):
            y = at(left + (right - left) * column / (columns - 1))
            if y is not None:
                grid[row_of(y)][column] = CURVES[index % len(CURVES)]
    taken: set[int] = set()
    for level in levels:
        row = row_of(level.value)
        text = f" {printable(level.label, 30)} {level.value:.2f} "
        start = columns - len(text) - 2 if row not in taken else 2
        grid[row][start : start + len(text)] = [(character, "") for character in text]
        taken.add(row)
    for row, cells in enumerate(grid):
        value = high - (high - low) * row / (HEIGHT - 1)
        scale = f"{value:>{COLUMN * 2 + 1}.2f} " if row % 4 == 0 or row == HEIGHT - 1 else " " * (COLUMN * 2 + 2)
        line = Text(scale + "│", style="dim")
        for character, style in cells:
            line.append(character, style=style)
        line.rstrip()
        lines.append(line)
    ends = f"{left:g}", f"{right:g}"
    middle = printable(panel.x_label).center(columns - len(ends[0]) - len(ends[1]))
    lines.append(Text(" " * (COLUMN * 3) + ends[0] + middle + ends[1], style="dim"))
    return [*lines, *_legend(curves, columns)]


def _legend(curves: Sequence[Curve], width: int) -> list[Text]:
    """Write the legend, on one line if it fits."""
    entries = []
    for index, curve in enumerate(curves):
        mark, style = CURVES[index % len(CURVES)]
        entries.append(Text.assemble((mark, style), f" {printable(curve.label, 30)}"))
    one_line = sum(entry.cell_len for entry in entries) + GAP * (len(entries) - 1) <= width
    lines = [Text(" " * GAP).join(entries)] if one_line else entries
    return [Text.assemble(" " * (COLUMN * 3), line) for line in lines]


def _finite(curve: Curve) -> tuple[tuple[float, float], ...]:
    return tuple((x, y) for x, y in curve.points if math.isfinite(x) and math.isfinite(y))


def _interpolated(curve: Curve) -> Callable[[float], float | None]:
    points = sorted(curve.points)

    def at(x: float) -> float | None:
        for (x0, y0), (x1, y1) in pairwise(points):
            if x0 <= x <= x1:
                return y0 if x1 == x0 else y0 + (y1 - y0) * (x - x0) / (x1 - x0)
        return points[0][1] if len(points) == 1 and points[0][0] == x else None

    return at


def _tokens(panel: Tokens, width: int) -> list[Text]:
    lines = [Text(printable(panel.title), style="underline"), Text()]
    for index, token in enumerate(panel.tokens):
        text = f"[{printable(token, width - 2)}]"
        if lines[-1].cell_len + cell_len(text) > width:
            lines.append(Text())
        lines[-1].append(text, style=TOKEN_STYLES[index % len(TOKEN_STYLES)])
    return lines


def _bars(panel: Bars) -> list[Text]:
    lines = [Text(printable(panel.title), style="underline")]
    finite = [abs(value) for value in panel.values if math.isfinite(value)]
    largest = max(finite, default=0.0) or 1.0
    negative = any(value < 0 for value in panel.values)
    half = BAR // 2 if negative else BAR
    wide = 1 + max((cell_len(_cut(label, BAR_LABEL)) for label in panel.labels), default=0)
    for label, value in zip(panel.labels, panel.values, strict=True):
        share = round(half * abs(value) / largest) if math.isfinite(value) else 0
        left = ("█" * share if value < 0 else "").rjust(half) + "│" if negative else "│"
        right = ("█" * share if value > 0 else "").ljust(half)
        number = f"{value:6.2f}" if math.isfinite(value) else "     ?"
        name = set_cell_size(_cut(label, BAR_LABEL), wide)
        lines.append(Text(name).append(left + right, style="blue").append(number))
    return lines
