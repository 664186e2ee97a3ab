"""Stock mistakes: mistakes that people make in many exercises, each an operator on a solution's syntax tree.

An exercise asks for them by name (`stock: overwrites_input`). They come with their sentences, and know which of the
exercise's checks is about them. They don't import torch, and run nothing of a solution.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from grader.course.edits import Change, Program
from grader.course.model import Check

Function = ast.FunctionDef | ast.AsyncFunctionDef
SWITCHES = ("no_grad", "inference_mode")


class NoPlace(ValueError):
    """A stock mistake cannot be made in a solution; the message says why, and what to write in the catalog."""


@dataclass(frozen=True)
class Scope:
    """A part of a solution in which a stock mistake is made.

    Attributes:
        program: the solution.
        at: the class, method or function that was named; empty for the whole module.
        of: the expression that was named, such as `weights`; empty if none was.
    """

    program: Program
    at: str = ""
    of: str = ""

    @property
    def tree(self) -> ast.AST:
        """The syntax tree of the part.

        Raises:
            NoPlace: the solution has no class or function of that name.
        """
        if not self.at:
            return self.program.tree
        if self.at not in self.program.definitions:
            raise NoPlace(f"the solution has no `{self.at}`, only {', '.join(self.program.definitions)}")
        return self.program.definitions[self.at]

    @property
    def function(self) -> Function:
        """The function that was named; otherwise the only `forward`, or else the only function that isn't a method.

        Raises:
            NoPlace: there is no such function, or there are several.
        """
        if isinstance(self.tree, ast.FunctionDef | ast.AsyncFunctionDef):
            return self.tree
        prefix = f"{self.at}." if self.at else ""
        functions = {
            name: node
            for name, node in self.program.definitions.items()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and name.startswith(prefix)
        }
        forwards = [node for name, node in functions.items() if name.endswith("forward")]
        choices = forwards or [node for name, node in functions.items() if "." not in name]
        if len(choices) != 1:
            raise NoPlace(f"name the function after `at:`; there are {', '.join(functions) or 'none'}")
        return choices[0]

    @property
    def argument(self) -> str:
        """The argument that was named, otherwise the function's first one after `self`.

        Raises:
            NoPlace: the function has no such argument.
        """
        arguments = self.function.args
        names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        names = [name for name in names if name not in ("self", "cls")]
        if not names or (self.of and self.of not in names):
            raise NoPlace(f"`{self.function.name}` has no argument `{self.of}`; it has {', '.join(names) or 'none'}")
        return self.of or names[0]

    @property
    def subject(self) -> str:
        """What the sentences call `{of}`: the expression that was named, otherwise the input."""
        return self.of or self.argument

    def source(self, node: ast.expr) -> str:
        start, end = self.program.span(node)
        return self.program.text[start:end]

    def whole(self, node: ast.expr) -> str:
        """Return the source of an expression, in parentheses if it has several lines."""
        return f"({self.source(node)})" if "\n" in self.source(node) else self.source(node)

    def replaced(self, node: ast.expr, text: str) -> Change:
        return Change(*self.program.span(node), text)

    def call_of(self, node: ast.expr, method: str) -> Change:
        """Call a method without arguments on the value of an expression."""
        atom = isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
        text = self.source(node)
        return self.replaced(node, f"{text}.{method}()" if atom else f"({text}).{method}()")

    def returns(self) -> Iterator[tuple[ast.Return, ast.expr]]:
        """Yield the function's own `return` statements with what they return.

        Raises:
            NoPlace: it returns nothing.
        """
        returns = [
            (node, node.value)
            for node in _without_inner_functions(self.function)
            if isinstance(node, ast.Return) and node.value is not None
        ]
        if not returns:
            raise NoPlace(f"`{self.function.name}` returns nothing")
        yield from returns

    def rewritten(self, statement: ast.stmt, *lines: str) -> Change:
        """Replace a statement with other lines."""
        before, between = self._breaks(statement)
        return Change(*self.program.span(statement), before + between.join(lines))

    def first(self, line: str) -> Change:
        """Insert a line before the function's first statement that isn't its docstring."""
        body = self.function.body
        statement = body[1] if len(body) > 1 and ast.get_docstring(self.function) is not None else body[0]
        before, between = self._breaks(statement)
        start, _ = self.program.span(statement)
        return Change(start, start, before + line + between)

    def _breaks(self, statement: ast.stmt) -> tuple[str, str]:
        """Return the text before the first and between the other lines that replace a statement.

        The statement may be on the same line as a colon.
        """
        line = self.program.lines[statement.lineno - 1]
        break_ = "\n" + " " * (len(line) - len(line.lstrip(" ")))
        start, _ = self.program.span(statement)
        shares_its_line = self.program.text[:start].rpartition("\n")[2].strip()
        return (f"{break_}    ", f"{break_}    ") if shares_its_line else ("", break_)


Operator = Callable[[Scope], Iterator[Change]]


@dataclass(frozen=True)
class StockMistake:
    """A mistake that can be made in many exercises.

    Attributes:
        did: what the learner did, as a sentence to them; `{of}` is replaced by what they did it to.
        why: why it is wrong.
        hint: where to look.
        claim: the claim that it breaks: the law of the check about it, or that check's name without `test_`.
        operator: yields the changes that make the mistake; nothing if the solution has no place for it.
    """

    did: str
    why: str
    hint: str
    claim: str
    operator: Operator

    def about(self, subject: Callable[[], str]) -> str:
        """Return the sentence `did`, with its `{of}` filled in.

        Args:
            subject: returns what the mistake was made with; called only if the sentence mentions it.
        """
        return self.did.format_map(defaultdict(subject))

    def check(self, checks: Iterable[Check]) -> str:
        """Return the id of the first check about it; empty if there is none."""
        return next((check.id for check in checks if self.claim in (check.law, check.id.removeprefix("test_"))), "")

    def changes(self, scope: Scope) -> list[Change]:
        """Make the mistake in a solution.

        Raises:
            NoPlace: it cannot be made there.
        """
        changes = list(self.operator(scope))
        if not changes:
            raise NoPlace("the solution has no code in which this mistake can be made")
        return changes


def overwrites_input(scope: Scope) -> Iterator[Change]:
    """Set the input to zeros once the result is computed."""
    for statement, value in scope.returns():
        lines = [f"result = {scope.whole(value)}", f"{scope.argument}.data.zero_()", "return result"]
        yield scope.rewritten(statement, *lines)


def cuts_graph(scope: Scope) -> Iterator[Change]:
    """Detach the named expression wherever its value is used; the input if none is named."""
    if not scope.of:
        yield scope.first(f"{scope.argument} = {scope.argument}.detach()")
        return
    wanted = ast.dump(ast.parse(scope.of, mode="eval").body)
    for node in _outermost(scope.tree, lambda node: ast.dump(node) == wanted):
        yield scope.call_of(node, "detach")


def output_in_float32(scope: Scope) -> Iterator[Change]:
    """Turn what is returned into float32."""
    for _, value in scope.returns():
        yield scope.call_of(value, "float")


def always_float32(scope: Scope) -> Iterator[Change]:
    """Turn the input, and what is returned, into float32."""
    yield from output_in_float32(scope)
    yield scope.first(f"{scope.argument} = {scope.argument}.float()")


def needs_contiguous(scope: Scope) -> Iterator[Change]:
    """View the input in another shape and back."""
    yield scope.first(f"{scope.argument} = {scope.argument}.view(-1).view({scope.argument}.shape)")


def squeezes_output(scope: Scope) -> Iterator[Change]:
    """Squeeze what is returned."""
    for _, value in scope.returns():
        yield scope.call_of(value, "squeeze")


def three_dimensions_only(scope: Scope) -> Iterator[Change]:
    """Unpack the shape of the input into three sizes."""
    yield scope.first(f"_, _, _ = {scope.argument}.shape")


def keepdim_forgotten(scope: Scope) -> Iterator[Change]:
    """Leave `keepdim=True` out of every call."""
    for call in _calls_with(scope.tree, "keepdim"):
        yield from _arguments_dropped(scope, call, "keepdim")


def reduces_everything(scope: Scope) -> Iterator[Change]:
    """Leave `dim=…`, and `keepdim=…` with it, out of every call that has them both."""
    for call in _calls_with(scope.tree, "keepdim"):
        yield from _arguments_dropped(scope, call, "dim", "keepdim")


def keeps_state(scope: Scope) -> Iterator[Change]:
    """Keep the first result for each shape, and return it again."""
    function = scope.function
    is_method = any(argument.arg == "self" for argument in function.args.args)
    kept = f'vars({"self" if is_method else function.name}).setdefault("kept", {{}})'
    for _, value in scope.returns():
        yield scope.replaced(value, f"{kept}.setdefault(tuple({scope.argument}.shape), {scope.source(value)})")


def plain_parameters(scope: Scope) -> Iterator[Change]:
    """Leave out the call of nn.Parameter."""
    for call in _calls(scope.tree, "Parameter"):
        if call.args:
            yield scope.replaced(call, scope.source(call.args[0]))


def frozen_parameters(scope: Scope) -> Iterator[Change]:
    """Make every nn.Parameter with requires_grad=False."""
    for call in _calls(scope.tree, "Parameter"):
        if call.args:
            parts = [scope.source(call.args[0]), "requires_grad=False"]
            yield scope.replaced(call, f"{scope.source(call.func)}({', '.join(parts)})")


def buffer_as_parameter(scope: Scope) -> Iterator[Change]:
    """Register each buffer as a parameter, which is trained then."""
    for call in _calls(scope.tree, "register_buffer"):
        match call:
            case ast.Call(func=ast.Attribute(value=owner), args=[ast.Constant(value=str(name)), tensor, *_]):
                made = f"nn.Parameter({scope.source(tensor)})"
                yield scope.replaced(call, f"{scope.source(owner)}.{name} = {made}")


def dropout_always_on(scope: Scope) -> Iterator[Change]:
    """Call torch's function for dropout, which drops in every mode unless it is told otherwise."""
    yield from _dropout_calls(scope, "nn.functional.dropout({of}, {layer}.p)")


def dropout_upside_down(scope: Scope) -> Iterator[Change]:
    """Drop in evaluation mode only."""
    yield from _dropout_calls(scope, "nn.functional.dropout({of}, {layer}.p, not self.training)")


def dropout_forgotten(scope: Scope) -> Iterator[Change]:
    """Never call the dropout that was made."""
    yield from _dropout_calls(scope, "{of}")


def dropout_of_fixed_rate(scope: Scope) -> Iterator[Change]:
    """Drop a tenth, whatever rate was asked for."""
    for call in _calls(scope.tree, "Dropout"):
        if len(call.args) == 1:
            yield scope.replaced(call.args[0], f"0.1 if {scope.source(call.args[0])} else 0.0")


def eval_mode_missing(scope: Scope) -> Iterator[Change]:
    """Leave out the calls of `eval`."""
    yield from _statements_dropped(scope, "eval")


def train_mode_missing(scope: Scope) -> Iterator[Change]:
    """Leave out the calls of `train`."""
    yield from _statements_dropped(scope, "train")


def gradients_not_cleared(scope: Scope) -> Iterator[Change]:
    """Leave out the calls of `zero_grad`."""
    yield from _statements_dropped(scope, "zero_grad")


def gradients_on(scope: Scope) -> Iterator[Change]:
    """Turn gradients on where the solution turns them off."""
    for call in (call for name in SWITCHES for call in _calls(scope.tree, name)):
        owner = f"{scope.source(call.func.value)}." if isinstance(call.func, ast.Attribute) else "torch."
        yield scope.replaced(call, f"{owner}enable_grad()")


def _without_inner_functions(function: Function) -> Iterator[ast.AST]:
    """Yield the nodes of a function without those of the functions and classes in it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _outermost(tree: ast.AST, fits: Callable[[ast.expr], bool]) -> Iterator[ast.expr]:
    """Yield the expressions that fit, and none inside another of them."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.expr) and fits(child):
            yield child
        else:
            yield from _outermost(child, fits)


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """Yield the calls of a function or method by its last name: `Parameter` for nn.Parameter(...) too."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=last) | ast.Name(id=last)) if last == name:
                yield node


def _calls_with(tree: ast.AST, keyword: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and any(argument.arg == keyword for argument in node.keywords):
            yield node


def _arguments_dropped(scope: Scope, call: ast.Call, *names: str) -> Iterator[Change]:
    """Leave arguments that are given by name out of a call."""
    arguments = [scope.source(argument) for argument in call.args]
    for word in call.keywords:
        if word.arg not in names:
            arguments.append(f"{word.arg}={scope.source(word.value)}" if word.arg else f"**{scope.source(word.value)}")
    _, end = scope.program.span(call.func)
    yield Change(end, scope.program.span(call)[1], f"({', '.join(arguments)})")


def _dropout_calls(scope: Scope, form: str) -> Iterator[Change]:
    """Replace the calls `self.dropout(x)` of layers that the solution made with nn.Dropout."""
    layers = set()
    for node in ast.walk(scope.program.tree):
        match node:
            case ast.Assign(
                targets=[ast.Attribute(value=ast.Name(id="self"), attr=attribute)],
                value=ast.Call(func=ast.Attribute(attr="Dropout") | ast.Name(id="Dropout")),
            ):
                layers.add(attribute)
    for node in ast.walk(scope.tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=attribute) as layer, args=[value]):
                if attribute in layers:
                    yield scope.replaced(node, form.format(of=scope.source(value), layer=scope.source(layer)))


def _statements_dropped(scope: Scope, method: str) -> Iterator[Change]:
    """Leave out the statements that only call a method; a block that would be empty gets `pass`."""
    for node in ast.walk(scope.tree):
        for block in (getattr(node, field, None) for field in ("body", "orelse", "finalbody")):
            if not isinstance(block, list):
                continue
            for statement in block:
                match statement:
                    case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name))) if name == method:
                        yield _dropped(scope.program, statement, alone=len(block) == 1)


def _dropped(program: Program, statement: ast.stmt, alone: bool) -> Change:
    start, end = program.span(statement)
    first, last = program.offsets[statement.lineno - 1], program.offsets[statement.end_lineno or statement.lineno]
    shares = program.text[first:start].strip() or program.text[end:last].strip().startswith(";")
    return Change(start, end, "pass") if alone or shares else Change(first, last, "")


STOCK = {
    "overwrites_input": StockMistake(
        "You overwrite the input.",
        "The input belongs to the caller, and whatever uses it next gets other numbers.",
        "Which of your lines writes into the input?",
        "the_input_stays_as_it_was",
        overwrites_input,
    ),
    "cuts_graph": StockMistake(
        "You detach `{of}` from the graph.",
        "No gradient flows back through it, so part of the gradient is missing.",
        "Look for detach, no_grad, .data, .item() or numpy. If you wrote your own backward, look for a missing part.",
        "gradients_fit_the_output",
        cuts_graph,
    ),
    "output_in_float32": StockMistake(
        "Your result is float32, whatever dtype comes in.",
        "With float64, you lose half of the digits, or the next layer stops because the dtypes don't match.",
        "Look for .float(), and for new tensors: torch.zeros makes float32 unless you tell it otherwise.",
        "shape_and_dtype_are_right",
        output_in_float32,
    ),
    "always_float32": StockMistake(
        "You compute in float32, whatever dtype comes in.",
        "With float64, you lose half of the digits, or the next layer stops because the dtypes don't match.",
        "Look for .float(), and for tensors made with a fixed dtype.",
        "shape_and_dtype_are_right",
        always_float32,
    ),
    "needs_contiguous": StockMistake(
        "You call `view` on the input, so it has to be contiguous.",
        "A transposed or sliced tensor is just as good an input. `view` can't take it, but `reshape` can.",
        "Which of your lines fails on a tensor that isn't contiguous?",
        "inputs_need_not_be_contiguous",
        needs_contiguous,
    ),
    "squeezes_output": StockMistake(
        "You squeeze the output, so a dimension of size 1 gets lost.",
        "The output always has the same number of dimensions, and the next module expects them.",
        "Try an input with sizes of 1, such as a batch of one.",
        "shape_and_dtype_are_right",
        squeezes_output,
    ),
    "three_dimensions_only": StockMistake(
        "Your module works only if its input has three dimensions.",
        "It should work on the last dimension, however many come before it.",
        "Try it on a single vector.",
        "shape_and_dtype_are_right",
        three_dimensions_only,
    ),
    "keepdim_forgotten": StockMistake(
        "You leave out `keepdim=True`, so a dimension gets lost.",
        "Without it, the result no longer lines up with its rows: (batch, tokens) against (batch, tokens, features).",
        "Print the shapes before and after. Which argument keeps a 1 in place of the dimension?",
        "shape_and_dtype_are_right",
        keepdim_forgotten,
    ),
    "reduces_everything": StockMistake(
        "You reduce over the whole tensor, not over one dimension.",
        "Each element should be treated by itself. Otherwise they influence one another.",
        "What's the shape of your result?",
        "batch_elements_are_independent",
        reduces_everything,
    ),
    "keeps_state": StockMistake(
        "You keep a result and return it again for the next input of the same shape.",
        "A result depends only on the input of its own call.",
        "Call it with two different inputs of the same shape.",
        "calls_do_not_influence_each_other",
        keeps_state,
    ),
    "plain_parameters": StockMistake(
        "Your parameters are plain tensors.",
        "The optimizer doesn't find them: they aren't trained, moved or saved.",
        "Print the names of your parameters.",
        "parameters_are_exactly_these",
        plain_parameters,
    ),
    "frozen_parameters": StockMistake(
        "Your parameters can't be trained.",
        "They are there to be learned, and the optimizer can't change them.",
        "Look for requires_grad.",
        "parameters_are_exactly_these",
        frozen_parameters,
    ),
    "buffer_as_parameter": StockMistake(
        "You made a constant a parameter.",
        "An optimizer would change it, and code that loads weights would look for it.",
        "What keeps a constant in a module, so that it moves with the module but isn't trained?",
        "parameters_are_exactly_these",
        buffer_as_parameter,
    ),
    "dropout_always_on": StockMistake(
        "You drop in evaluation mode too.",
        "Dropout is noise for training. In evaluation mode, the same input always gives the same output.",
        "How does your dropout know which mode the module is in?",
        "dropout_is_off_in_evaluation_mode",
        dropout_always_on,
    ),
    "dropout_upside_down": StockMistake(
        "You drop in evaluation mode, but not in training mode.",
        "Training needs the noise, and evaluation must not have it.",
        "In which mode is `self.training` True?",
        "dropout_is_off_in_evaluation_mode",
        dropout_upside_down,
    ),
    "dropout_forgotten": StockMistake(
        "You never apply dropout.",
        "Without it, the model relies on single numbers and overfits sooner.",
        "Does forward call the layer that you made in __init__?",
        "training_mode_drops_weights_at_the_rate_asked",
        dropout_forgotten,
    ),
    "dropout_of_fixed_rate": StockMistake(
        "You drop at a fixed rate, not at the one that the caller asks for.",
        "The rate is an argument of the constructor.",
        "Follow the rate from the constructor's arguments to the layer.",
        "training_mode_drops_weights_at_the_rate_asked",
        dropout_of_fixed_rate,
    ),
    "eval_mode_missing": StockMistake(
        "You evaluate in training mode.",
        "Dropout is on in training mode, so the same model gets a different loss each time.",
        "Which two modes does a module have, and what do they change?",
        "evaluation_is_in_eval_mode",
        eval_mode_missing,
    ),
    "train_mode_missing": StockMistake(
        "You never switch to training mode.",
        "A model that comes in evaluation mode would train without dropout, and nothing complains.",
        "Which mode is the model in when a step begins?",
        "the_first_step_is_in_training_mode",
        train_mode_missing,
    ),
    "gradients_on": StockMistake(
        "You evaluate with gradients switched on.",
        "Nobody needs these gradients, and the graph takes memory.",
        "How do you tell torch that you don't need a graph?",
        "evaluation_is_without_gradients",
        gradients_on,
    ),
    "gradients_not_cleared": StockMistake(
        "You never clear the gradients.",
        "`backward` adds to the gradients that are already there, so every step follows all the earlier batches too.",
        "What is in `.grad` before the second `backward`?",
        "gradients_are_fresh_at_each_step",
        gradients_not_cleared,
    ),
}
"""The stock mistakes by name."""
