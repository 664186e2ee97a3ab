import math
import random

import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        rows = [[float(v) for v in row] for row in X]
        targets = [float(t) for t in y]
        n = len(rows)
        d = X.shape[1]

        dice = random.Random(self.random_state)
        w = [dice.uniform(-0.02, 0.02) for _ in range(d)]
        b = 0.0
        losses = []

        for epoch in range(self.n_iter):
            diffs = []
            for row, t in zip(rows, targets):
                out = b
                for wj, xj in zip(w, row):
                    out += wj * xj
                diffs.append(out - t)
            losses.append(math.fsum(e * e for e in diffs) / n)
            slope_w = [2 * math.fsum(e * row[j] for e, row in zip(diffs, rows)) / n for j in range(d)]
            slope_b = 2 * math.fsum(diffs) / n
            w = [wj - self.eta * s for wj, s in zip(w, slope_w)]
            b = b - self.eta * slope_b

        self.w_ = np.array(w, dtype=np.float64)
        self.b_ = b
        self.losses_ = losses
        return self

    def net_input(self, X):
        answer = []
        for row in X:
            answer.append(sum(float(a) * float(c) for a, c in zip(row, self.w_)) + self.b_)
        return np.array(answer, dtype=np.float64)

    def predict(self, X):
        return np.array([1 if z >= 0.5 else 0 for z in self.net_input(X)], dtype=np.int64)
