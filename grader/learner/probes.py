"""Probes: small objects of ours that live next to the learner's code and record how it uses them.

A check can't look into a training loop. But it can give the loop a model, a loader and an optimizer that record how
they are used, ask for the record afterward, and compare it with the record of a right loop. Nothing here is secret, and
nothing here decides anything: the comparison happens on the near side.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import tiktoken
import torch
from torch import nn

from grader.learner.disk import Disk
from grader.learner.encodings import ENCODINGS
from grader.learner.frames import csv_file, frame, frame_compared, frame_contents
from grader.learner.small_gpt import Block, Norm
from grader.wire.plain import Plain

END_OF_TEXT = "<|endoftext|>"
"""The special token of a `CharacterTokenizer`."""


def device() -> torch.device:
    """Return the device on which every check runs."""
    return torch.device("cpu")


def another_device() -> torch.device:
    """Return a device that every machine has besides the CPU: torch's `meta`, whose tensors have no numbers."""
    return torch.device("meta")


def moved(of: Any) -> Any:
    """Move a module or a tensor to `meta`. There, as on a GPU, an embedding refuses ids from another device."""
    if isinstance(of, nn.Module):
        for module in of.modules():
            if isinstance(module, nn.Embedding):
                module.register_forward_pre_hook(_refuse_other_devices)
    return of.to(another_device())


def device_of(of: Any) -> str:
    """Name the device of a tensor; for anything else, its type."""
    return str(of.device) if isinstance(of, torch.Tensor) else type(of).__name__


def _refuse_other_devices(embedding: nn.Module, args: tuple[Any, ...]) -> None:
    weight = next(embedding.parameters())
    if args and isinstance(args[0], torch.Tensor) and args[0].device != weight.device:
        raise RuntimeError(
            f"Expected all tensors to be on the same device, but the ids are on {args[0].device} and the weights of "
            f"the embedding are on {weight.device}"
        )


class Tokenizer:
    """A tokenizer with tiktoken's interface: one id per character, `ord(character) % vocab_size`."""

    def __init__(self, vocab_size: int) -> None:
        self.n_vocab = vocab_size

    def encode(self, text: str, *, allowed_special: object = (), disallowed_special: object = ()) -> list[int]:
        return [ord(character) % self.n_vocab for character in text]

    def decode(self, ids: Sequence[int]) -> str:
        return "".join(chr(97 + int(i) % 26) for i in ids)


def encoding(name: str) -> tiktoken.Encoding:
    """Return the beginning of one of tiktoken's encodings, the same one that a learner's code gets by this name."""
    return ENCODINGS[name]


def items(of: Iterable[Any], most: int) -> list[Any]:
    """Go through a learner's loader or another iterable, from its beginning, and list at most so many items.

    A tuple comes as a list, because a loader may yield either.
    """
    return [list(item) if isinstance(item, tuple) else item for item in itertools.islice(of, most)]


def same_batches(first: Iterable[Any], second: Iterable[Any], most: int) -> dict[str, bool]:
    """Go through two loaders, or twice through one, and say in which ways their batches are the same.

    A loader that shuffles leaves its order to chance, but not whether this is so. The keys are `in_order`,
    `in_order_with_mixed_rows`, `in_any_order_with_mixed_rows` and `all_rows`; each is true if the one before it is.
    """
    batches = [[_rows(batch) for batch in items(loader, most)] for loader in (first, second)]
    mixed = [[sorted(rows) for rows in loader] for loader in batches]
    return {
        "in_order": batches[0] == batches[1],
        "in_order_with_mixed_rows": mixed[0] == mixed[1],
        "in_any_order_with_mixed_rows": sorted(mixed[0]) == sorted(mixed[1]),
        "all_rows": sorted(itertools.chain(*mixed[0])) == sorted(itertools.chain(*mixed[1])),
    }


def _rows(batch: Any) -> list[str]:
    parts = batch if isinstance(batch, list | tuple) else [batch]
    columns = [part.tolist() if isinstance(part, torch.Tensor) and part.dim() else [part] for part in parts]
    return [repr(row) for row in zip(*columns, strict=False)]


class CharacterTokenizer:
    """A tokenizer as strict as tiktoken: one id for each character of an alphabet, and the next for `<|endoftext|>`.

    Text that contains `<|endoftext|>` raises ValueError unless that is allowed, and only a list or tuple of whole
    numbers can be decoded. If `lenient`, such text is encoded as if that were allowed; it's still taken for ordinary
    text if nothing is refused.
    """

    def __init__(self, alphabet: str, lenient: bool = False) -> None:
        self._lenient = lenient
        self._tokens = [*alphabet, END_OF_TEXT]
        self.n_vocab = len(self._tokens)

    def encode(
        self,
        text: str,
        *,
        allowed_special: Collection[str] = frozenset(),
        disallowed_special: Collection[str] = "all",
    ) -> list[int]:
        is_allowed = allowed_special == "all" or END_OF_TEXT in allowed_special
        is_refused = disallowed_special == "all" or END_OF_TEXT in disallowed_special
        is_allowed = is_allowed or (self._lenient and is_refused)
        if END_OF_TEXT in text and is_refused and not is_allowed:
            raise ValueError(
                f"the text contains the special token {END_OF_TEXT}, which `allowed_special` doesn't allow"
            )
        parts = text.split(END_OF_TEXT) if is_allowed else [text]
        ids = [[self._tokens.index(character) for character in part] for part in parts]
        return [*ids[0], *(i for part in ids[1:] for i in (self.n_vocab - 1, *part))]

    def decode(self, ids: Sequence[int]) -> str:
        if not isinstance(ids, list | tuple):
            raise TypeError(f"`decode` takes a list of whole numbers, but got {type(ids).__name__}")
        return "".join(self._tokens[operator.index(i)] for i in ids)


class _Tilt(nn.Module):
    """Add a fixed slope to logits (..., vocab) in training mode; like dropout, it has a mode of its own."""

    def __init__(self, size: float) -> None:
        super().__init__()
        self._size = size

    def forward(self, logits: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return logits
        return logits + self._size * torch.linspace(-1, 1, logits.shape[-1], dtype=logits.dtype, device=logits.device)


class LanguageModel(nn.Module):
    """A tiny language model, (batch, tokens) ids to (batch, tokens, vocab) logits, that records its forward passes.

    In training mode, the logits get a fixed tilt instead of dropout, the same at every call, so that a loss computed in
    the wrong mode is a wrong number.

    Args:
        vocab_size: number of token ids.
        emb_dim: width of the embedding.
        context_length: number of rows of `pos_emb`; in a longer input, they repeat.
        tilt: size of the tilt in training mode.
        seed: seed for the initial weights.
        bias: whether `out_head` has a bias, `(vocab,)`.
    """

    def __init__(
        self,
        vocab_size: int,
        emb_dim: int,
        context_length: int,
        tilt: float = 0.5,
        seed: int = 0,
        bias: bool = False,
    ) -> None:
        super().__init__()
        self.tok_emb = nn.Embedding(vocab_size, emb_dim)
        self.pos_emb = nn.Embedding(context_length, emb_dim)
        self.out_head = nn.Linear(emb_dim, vocab_size, bias=bias)
        self.tilt = _Tilt(tilt)
        self._record: list[dict[str, Plain]] = []
        self._draw(seed)

    def _draw(self, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self._recorded(ids, self._logits(self._embedded(ids)))

    def _embedded(self, ids: torch.Tensor) -> torch.Tensor:
        positions = torch.arange(ids.shape[1], device=ids.device) % len(self.pos_emb.weight)
        embedded: torch.Tensor = self.tok_emb(ids) + self.pos_emb(positions)
        return embedded

    def _logits(self, hidden: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.tilt(self.out_head(torch.tanh(hidden)))
        return logits

    def _recorded(self, ids: torch.Tensor, logits: torch.Tensor, **more: Plain) -> torch.Tensor:
        # The output shows whether there is a graph; there is more than one way to run without one.
        modes = {"training": self.tilt.training, "model_training": self.training}
        inputs = {"gradients": logits.requires_grad, "ids": ids.detach().clone()}
        self._record.append(modes | inputs | {"weights": self.out_head.weight.detach().clone()} | more)
        return logits

    def record(self) -> list[dict[str, Plain]]:
        """List the forward passes in order: modes, whether the logits have a graph, ids, and weights.

        The keys are `training` (the mode of the layers), `model_training` (that of the model itself), `gradients`,
        `ids` (batch, tokens) and `weights`, which are the output weights at that moment (vocab, emb_dim).
        """
        return self._record

    def is_training(self) -> bool:
        """Say whether the model's layers are in training mode."""
        return self.tilt.training


class CachedLanguageModel(LanguageModel):
    """A language model whose logits depend on all tokens so far, and which can keep those in a cache.

    With `use_cache=True`, the ids follow those of such calls since the last `reset_kv_cache()`. Its record also
    has `use_cache`, and as `cached` the number of tokens that were in the cache before the call.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._cache: list[torch.Tensor] = []

    def forward(self, ids: torch.Tensor, use_cache: bool = False) -> torch.Tensor:
        earlier = self._cache if use_cache else []
        cached = sum(part.shape[1] for part in earlier)
        if use_cache:
            self._cache = [*earlier, ids.detach().clone()]
        hidden = self._embedded(torch.cat([*earlier, ids], dim=1))
        counts = torch.arange(1, hidden.shape[1] + 1, dtype=hidden.dtype, device=ids.device)
        mixed = hidden + hidden.cumsum(dim=1) / counts[:, None]
        return self._recorded(ids, self._logits(mixed[:, cached:]), use_cache=bool(use_cache), cached=cached)

    def reset_kv_cache(self) -> None:
        """Forget all tokens in the cache."""
        self._cache = []


class SmallGPT(LanguageModel):
    """A language model with the parts of a GPT, so that the logits of a position depend on all tokens up to it.

    Its parts have the names that a `GPTModel` has: `tok_emb`, `pos_emb`, `trf_blocks`, `final_norm` and `out_head`.

    Args:
        n_layers: number of blocks.
        num_classes: number of logits. `out_head` then has a bias; without this number, it has none, and a row for each
            token of the vocabulary.
        frozen: beginnings of the names of parameters that don't require a gradient.
    """

    def __init__(
        self,
        vocab_size: int,
        emb_dim: int,
        context_length: int,
        n_layers: int = 1,
        num_classes: int | None = None,
        tilt: float = 0.0,
        seed: int = 0,
        frozen: Sequence[str] = (),
    ) -> None:
        super().__init__(vocab_size, emb_dim, context_length, tilt)
        self.trf_blocks = nn.Sequential(*(Block(emb_dim) for _ in range(n_layers)))
        self.final_norm = Norm(emb_dim)
        if num_classes is not None:
            self.out_head = nn.Linear(emb_dim, num_classes)
        self._draw(seed)
        for name, parameter in self.named_parameters():
            parameter.requires_grad_(not name.startswith(tuple(frozen)))

    def _logits(self, hidden: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.tilt(self.out_head(self.final_norm(self.trf_blocks(hidden))))
        return logits


class Loader:
    """A data loader over fixed batches `(inputs, targets)` that counts the batches taken in each pass."""

    def __init__(self, batches: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> None:
        self._batches = list(batches)
        self._passes: list[int] = []

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        self._passes.append(0)
        number = len(self._passes) - 1
        for inputs, targets in self._batches:
            self._passes[number] += 1
            yield inputs.clone(), targets.clone()

    def record(self) -> list[int]:
        """List the number of batches taken in each pass, in the order in which passes began."""
        return self._passes


class PreferenceLoader:
    """A data loader over fixed batches, each a dict of tensors, that counts the batches taken in each pass."""

    def __init__(self, batches: Sequence[Mapping[str, torch.Tensor]]) -> None:
        self._batches = list(batches)
        self._passes: list[int] = []

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        self._passes.append(0)
        number = len(self._passes) - 1
        for batch in self._batches:
            self._passes[number] += 1
            yield {key: tensor.clone() for key, tensor in batch.items()}

    def record(self) -> list[int]:
        """List the number of batches taken in each pass, in the order in which passes began."""
        return self._passes


def has_graph(of: Any) -> bool:
    """Say whether a result is a tensor from which one can go backward."""
    return isinstance(of, torch.Tensor) and of.requires_grad


def gradients_after(of: Any, models: Sequence[nn.Module]) -> list[dict[str, Plain]]:
    """Go backward from the sum of a result; list for each model the gradients of its parameters, by name.

    A parameter without a gradient has None. Before and afterward, no parameter has one.
    """
    parameters = [dict(model.named_parameters()) for model in models]
    every = [parameter for named in parameters for parameter in named.values()]
    for parameter in every:
        parameter.grad = None
    if has_graph(of):
        torch.autograd.backward(of.sum())
    found: list[dict[str, Plain]] = [
        {name: None if parameter.grad is None else parameter.grad.clone() for name, parameter in named.items()}
        for named in parameters
    ]
    for parameter in every:
        parameter.grad = None
    return found


def optimizer(algorithm: str, model: nn.Module, groups: int = 1, **options: Any) -> torch.optim.Optimizer:
    """Make an optimizer (`"SGD"`, `"AdamW"`) for a model's parameters that records each of its steps.

    Its parameters are dealt out to so many groups. A record has the mode of the model as `training`, the `gradients` by
    name, and as `rates` the learning rate of each group.
    """
    base: type[torch.optim.Optimizer] = getattr(torch.optim, algorithm)

    class Recorder(base):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            self._steps: list[dict[str, Plain]] = []
            parameters = list(model.parameters())
            super().__init__([{"params": parameters[group::groups]} for group in range(groups)], **options)

        def step(self, closure: Callable[[], Any] | None = None) -> Any:
            loss = None
            if closure is not None:
                with torch.enable_grad():
                    loss = closure()
            gradients = {
                name: None if parameter.grad is None else parameter.grad.detach().clone()
                for name, parameter in model.named_parameters()
            }
            rates = [float(group["lr"]) for group in self.param_groups]
            self._steps.append({"training": model.training, "gradients": gradients, "rates": rates})
            super().step()
            return loss

        def record(self) -> list[dict[str, Plain]]:
            return self._steps

    return Recorder()


class Layers(nn.Module):
    """A network from (batch, first width) to (batch, last width): `layers.k` is a linear layer and an activation.

    Args:
        widths: the width of the input, and of each layer's output.
    """

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        pairs = itertools.pairwise(widths)
        self.layers = nn.ModuleList(nn.Sequential(nn.Linear(d_in, d_out), nn.ELU()) for d_in, d_out in pairs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


class Nested(nn.Module):
    """A network of parts within parts, which follow one another: for code that goes through the modules of a model.

    Args:
        parts: what the network consists of, by name. A tuple `(d_in, d_out)` is a linear layer, `(d_in, d_out, False)`
            one without bias; a number is a layer norm of this width, and `"tanh"` that activation. A list of such
            parts is an `nn.Sequential`, and a dict is a module with parts of these names.
        seed: seed for the initial weights.
    """

    def __init__(self, parts: Mapping[str, Any], seed: int = 0) -> None:
        super().__init__()
        self._names = list(parts)
        for name, part in parts.items():
            self.add_module(name, _part(part))
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for name in self._names:
            x = getattr(self, name)(x)
        return x


def _part(part: Any) -> nn.Module:
    match part:
        case (int(d_in), int(d_out), *bias) if isinstance(part, tuple):
            return nn.Linear(d_in, d_out, bias=not bias or bool(bias[0]))
        case int(width):
            return nn.LayerNorm(width)
        case "tanh":
            return nn.Tanh()
        case list():
            return nn.Sequential(*map(_part, part))
        case _:
            return Nested(part)


class Scorer(nn.Module):
    """A classifier whose logits are its inputs `(batch, classes)`, and which records its forward passes.

    In training mode, the logits change their sign, so that an accuracy in the wrong mode is a wrong number.
    """

    def __init__(self) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.ones(()))
        self._record: list[dict[str, Plain]] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits = self.factor * (-x if self.training else x)
        self._record.append({"training": self.training, "gradients": logits.requires_grad, "rows": len(x)})
        return logits

    def record(self) -> list[dict[str, Plain]]:
        """List the forward passes in order: mode, whether the logits have a graph, and number of rows."""
        return self._record


class Weights(nn.Module):
    """Parameters for a learner's optimizer: it gets the parameters themselves, and they get the gradients of a check.

    Args:
        values: the value that each parameter starts with, by name.
    """

    def __init__(self, values: Mapping[str, torch.Tensor]) -> None:
        super().__init__()
        for name, value in values.items():
            self.register_parameter(name, nn.Parameter(value.clone()))

    def named(self, *names: str) -> list[nn.Parameter]:
        """List the parameters with these names."""
        return [self.get_parameter(name) for name in names]

    def receive(self, gradients: Mapping[str, torch.Tensor | None]) -> None:
        """Set the gradient of each parameter; one that isn't in `gradients` has none."""
        for name, parameter in self.named_parameters():
            gradient = gradients.get(name)
            parameter.grad = None if gradient is None else gradient.clone()

    def gradients(self) -> dict[str, Plain]:
        """Return the gradient of each parameter, by name; None if it has none."""
        return {name: parameter.grad for name, parameter in self.named_parameters()}


def param_group(optimizer: torch.optim.Optimizer, index: int = 0) -> dict[str, Any]:
    """Return a parameter group of an optimizer: the group itself, so that a check can change its options."""
    return optimizer.param_groups[index]


class Trainee(nn.Module):
    """A small network with everything that a checkpoint must hold: weights, a buffer, and draws of random numbers.

    `second` is trained by an optimizer's first group, `first` and `last` by its second, and `fixed` is frozen.

    Args:
        width: number of features of a hidden layer; the weights of `first` and `fixed` have the same shapes in all
            networks.
        turned: whether the weights of `second` are (in, out): the same number of values, in another shape. Such a
            network can be loaded into, but can't be trained.
        seed: seed for the initial weights, the buffer, and torch's random state, so that training is always the same.
    """

    average: torch.Tensor

    def __init__(self, width: int = 32, seed: int = 0, turned: bool = False) -> None:
        super().__init__()
        self.first = nn.Linear(4, 32)
        self.fixed = nn.Linear(32, 32).requires_grad_(False)
        self.second = nn.Linear(32, width)
        if turned:
            self.second.weight = nn.Parameter(self.second.weight.detach().T.contiguous())
        self.last = nn.Linear(width, 1)
        self.register_buffer("average", torch.empty(32))
        torch.manual_seed(seed)
        with torch.no_grad():
            for tensor in (*self.parameters(), self.average):
                tensor.copy_(0.2 * torch.randn(tensor.shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.fixed(torch.tanh(self.first(x)))
        if self.training:
            self.average.lerp_(hidden.detach().mean(0), 0.3)
        kept = nn.functional.dropout(hidden - self.average.clone(), 0.25, self.training)
        output: torch.Tensor = self.last(torch.tanh(self.second(kept)))
        return output

    def make_optimizer(self, lr: float = 0.01) -> torch.optim.AdamW:
        """Make an optimizer with two groups of parameters, of which the second has a tenth of the rate."""
        others = [*self.first.parameters(), *self.last.parameters()]
        groups: list[dict[str, Any]] = [{"params": list(self.second.parameters())}, {"params": others, "lr": lr / 10}]
        return torch.optim.AdamW(groups, lr=lr)

    def practice(self, optimizer: torch.optim.Optimizer, steps: int) -> list[float]:
        """Take steps of training, each on a batch drawn at random, and list the losses."""
        self.train()
        losses = []
        for _ in range(steps):
            x = torch.randn(8, 4)
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(self(x), x.prod(dim=1, keepdim=True))
            torch.autograd.backward(loss)
            optimizer.step()
            losses.append(loss.item())
        return losses

    def draw(self) -> torch.Tensor:
        """Draw three of torch's random numbers."""
        return torch.rand(3)

    def make_unwritable(self, optimizer: torch.optim.Optimizer) -> None:
        """Give an option of an optimizer a value that can't be written to a file: a function without a name."""
        optimizer.param_groups[0]["schedule"] = lambda step: 1 / step


PROBES: dict[str, Callable[..., Any]] = {
    "device": device,
    "another_device": another_device,
    "moved": moved,
    "device_of": device_of,
    "Tokenizer": Tokenizer,
    "CharacterTokenizer": CharacterTokenizer,
    "LanguageModel": LanguageModel,
    "CachedLanguageModel": CachedLanguageModel,
    "SmallGPT": SmallGPT,
    "Loader": Loader,
    "PreferenceLoader": PreferenceLoader,
    "has_graph": has_graph,
    "gradients_after": gradients_after,
    "optimizer": optimizer,
    "encoding": encoding,
    "items": items,
    "same_batches": same_batches,
    "Layers": Layers,
    "Nested": Nested,
    "Scorer": Scorer,
    "Weights": Weights,
    "param_group": param_group,
    "Trainee": Trainee,
    "Disk": Disk,
    "frame": frame,
    "frame_contents": frame_contents,
    "frame_compared": frame_compared,
    "csv_file": csv_file,
}
