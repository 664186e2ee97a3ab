import numpy as np
import torch


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        X = torch.Tensor(np.array(X))
        y = torch.Tensor(np.array(y))
        gen = torch.Generator()
        gen.manual_seed(self.random_state)
        w = torch.normal(0.0, 0.01, size=(X.shape[1],), generator=gen)
        b = torch.tensor(0.0)
        self.losses_ = []
        for _ in range(self.n_iter):
            error = X @ w + b - y
            self.losses_.append(error.pow(2).mean().item())
            w = w - self.eta * 2 * (X.T @ error) / len(y)
            b = b - self.eta * 2 * error.mean()
        self.w_ = w.numpy()
        self.b_ = b.item()
        return self

    def net_input(self, X):
        return X @ self.w_ + self.b_

    def predict(self, X):
        return (self.net_input(X) >= 0.5).astype(int)
