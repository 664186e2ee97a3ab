r"""A lesson's formulas as plain text for a terminal: `\frac{q_i \cdot k_j}{\sqrt{d}}` becomes `(q_i · k_j)/√d`."""

# ruff: noqa: RUF001 - Greek letters are meant.
from __future__ import annotations

import re

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\s+|.", re.DOTALL)
_SYMBOLS = dict(
    cdot=" · ", times=" × ", pm="±", le=" ≤ ", ge=" ≥ ", ne=" ≠ ", approx=" ≈ ", mid=" ∣ ", to=" → ",
    leftarrow=" ← ", Rightarrow=" ⇒ ", dots="…", ldots="…", cdots="…", infty="∞", partial="∂", nabla="∇", sum="Σ",
    prod="∏", top="T", lVert="‖", rVert="‖", lbrace="{", rbrace="}", lfloor="⌊", rfloor="⌋", lceil="⌈", rceil="⌉",
    alpha="α", beta="β", gamma="γ", delta="δ", epsilon="ε", eta="η", theta="θ", mu="μ", pi="π",
    sigma="σ", tau="τ", phi="φ", Phi="Φ", Sigma="Σ",
) | {"in": " ∈ ", "lambda": "λ"}  # fmt: skip
_SPACES = {"\\,": " ", "\\;": " ", "\\:": " ", "\\ ": " ", "\\!": "", "\\quad": "  ", "\\qquad": "\n", "~": " "}
_SIZES = {
    "\\left",
    "\\right",
    *(f"\\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r")),
}
_STYLES = ("text", "mathrm", "mathbf", "mathsf", "mathit", "operatorname")
_DOUBLED = str.maketrans("RNZ", "ℝℕℤ")
_MARKS = {"hat": "\u0302", "bar": "\u0304", "overline": "\u0305", "tilde": "\u0303"}
_ABOVE = str.maketrans("0123456789+-()niTh", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱᵀʰ")
_CAN_BE_ABOVE = re.compile(r"[0-9+\-()niTh]+")
_FUNCTIONS = ("ln", "log", "exp")
_FRACTIONS = ("\\frac", "\\tfrac", "\\dfrac")
_MARKABLE = re.compile(r"[^\s\u0300-\u036f]")
_ONE_THING = re.compile(r"[\w.'√∂∇Σ∞^⁺⁻⁽⁾\u0300-\u036f]*(?:\([^()]*\))?|\|[^|]*\|")
_ROW_END = re.compile(r"\\\\(?:\[[^\]]*\])?")


def in_plain_text(formula: str) -> str:
    """Write a formula of TeX's as text; a wide space in it begins a new line."""
    text = _Reader(formula).sequence("")
    return "\n".join(" ".join(line.split()) for line in text.split("\n") if line.strip())


class _Reader:
    """Reads a formula from left to right."""

    def __init__(self, formula: str) -> None:
        self._tokens: list[str] = _TOKEN.findall(formula)
        self._next = 0

    def sequence(self, end: str) -> str:
        """Read up to a token, and past it."""
        text = before = ""
        while self._next < len(self._tokens):
            token = self._take()
            if token == end:
                break
            part = self._part(token)
            if token in _FRACTIONS and text.rstrip().endswith(_FUNCTIONS):
                part = f"({part})"
            text += f" {part}" if _would_touch(text, before, part) else part
            before = token if part else before
        return text

    def _take(self) -> str:
        self._next += 1
        return self._tokens[self._next - 1]

    def _peek(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _skip_spaces(self) -> None:
        while self._peek().isspace():
            self._take()

    def _argument(self) -> str:
        self._skip_spaces()
        return self._part(self._take()).strip() if self._peek() else ""

    def _raw(self) -> str:
        """Read the text in braces as it is."""
        begin = self._next
        self._argument()
        return "".join(self._tokens[begin : self._next]).strip()

    def _part(self, token: str) -> str:
        if token == "{":
            return self.sequence("}")
        if token.isspace():
            return " "
        if token == "_":
            return _below(self._argument())
        if token == "^":
            return _above(self._argument())
        if token in _SPACES:
            return _SPACES[token]
        if token in _SIZES:
            return ""
        return self._command(token[1:]) if token.startswith("\\") else token

    def _command(self, name: str) -> str:
        if f"\\{name}" in _FRACTIONS:
            return f"{_grouped(self._argument())}/{_factor(self._argument())}"
        if name == "sqrt":
            return f"√{_factor(self._argument())}"
        if name in _STYLES:
            return self._argument()
        if name == "mathbb":
            return self._argument().translate(_DOUBLED)
        if name in _MARKS:
            return _MARKABLE.sub(rf"\g<0>{_MARKS[name]}", self._argument())
        if name == "underbrace":
            return self._explained()
        if name in ("partial", "nabla"):
            self._skip_spaces()
        return self._rows() if name == "begin" else _SYMBOLS.get(name, name)

    def _explained(self) -> str:
        """Read what is above a brace, and what the brace says about it."""
        above = _grouped(self._argument())
        if self._peek() != "_":
            return above
        self._take()
        return f"{above} [{self._argument()}]"

    def _rows(self) -> str:
        """Read the rows of `cases` or of a matrix."""
        begin, end = "{}" if self._raw() == "{cases}" else "[]"
        first = self._next
        while self._peek() and self._peek() != "\\end":
            self._take()
        inside = "".join(self._tokens[first : self._next])
        if self._peek():
            self._take()
            self._raw()
        rows = [re.sub(r"\s*&\s*", ", ", row) for row in _ROW_END.split(inside) if row.strip()]
        return f"{begin}{'; '.join(in_plain_text(row) for row in rows)}{end}"


def _grouped(text: str) -> str:
    """Put parentheses around a text that isn't one thing."""
    return text if _ONE_THING.fullmatch(text) else f"({text})"


def _factor(text: str) -> str:
    """Put parentheses around a product, too, so that 2π below a fraction stays together."""
    return f"({text})" if len(text) > 1 and text.isalnum() and not text.isdigit() else _grouped(text)


def _below(text: str) -> str:
    return f"_{text}" if text.isalnum() else f"_({text})"


def _above(text: str) -> str:
    if _CAN_BE_ABOVE.fullmatch(text):
        return text.translate(_ABOVE)
    return f"^{text}" if text.replace(".", "").isalnum() else f"^({text})"


def _would_touch(text: str, before: str, part: str) -> bool:
    """Say whether two things that TeX keeps apart would read as one, such as `ln` and a sum.

    Args:
        text: what was read so far.
        before: the last token of it.
        part: what comes next.
    """
    if not text or not part or text[-1].isspace() or part[0].isspace():
        return False
    starts = part[0].isalnum() or part[0] in "Σ∏√∂∇"
    is_word = text[-1].isalnum() and (part[0] in "Σ∏√" or (len(part) > 1 and part.isascii() and part.isalpha()))
    after_word = before[1:].isalpha() and before.startswith("\\") and text[-1].isascii() and text[-1].isalpha()
    return (before in _FRACTIONS and (starts or part[0] == "(")) or (after_word and starts) or is_word
