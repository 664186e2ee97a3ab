from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterator, NamedTuple

import numpy as np


class State(NamedTuple):
    w: np.ndarray
    b: float


def output(state: State, X: np.ndarray) -> np.ndarray:
    return (X * state.w).sum(axis=1) + state.b


def start(features: int, seed: int) -> State:
    rng = np.random.Generator(np.random.PCG64(seed))
    return State(rng.uniform(-1, 1, features) / 100, 0.0)


def descend(state: State, X: np.ndarray, y: np.ndarray, eta: float) -> Iterator[tuple[float, State]]:
    while True:
        e = output(state, X) - y
        loss = float(np.mean(np.square(e)))
        grad_w = np.mean(2 * e[:, None] * X, axis=0)
        grad_b = float(np.mean(2 * e))
        state = State(state.w - eta * grad_w, state.b - eta * grad_b)
        yield loss, state


@dataclass
class AdalineGD:
    eta: float = 0.01
    n_iter: int = 50
    random_state: int = 1
    losses_: list[float] = field(default_factory=list, init=False, repr=False)

    def fit(self, X, y):
        state, losses = start(X.shape[1], self.random_state), []
        for _, (loss, state) in zip(range(self.n_iter), descend(state, X, y, self.eta)):
            losses.append(loss)
        self.w_, self.b_ = state
        self.losses_ = losses
        return self

    def net_input(self, X):
        return output(State(self.w_, self.b_), X)

    def predict(self, X):
        return np.greater_equal(self.net_input(X), 0.5).astype(np.int64)
