import torch
import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        X = torch.from_numpy(np.array(X, dtype=np.float64))
        y = torch.from_numpy(np.array(y, dtype=np.float64))
        gen = torch.Generator().manual_seed(self.random_state)
        params = {
            "w": torch.randn(X.shape[1], generator=gen, dtype=torch.float64) * 0.01,
            "b": torch.randn((), generator=gen, dtype=torch.float64) * 0.01,
        }

        def loss_fn(p):
            return torch.mean((X @ p["w"] + p["b"] - y) ** 2)

        grad_and_loss = torch.func.grad_and_value(loss_fn)
        self.losses_ = []
        for _ in range(self.n_iter):
            grads, loss = grad_and_loss(params)
            self.losses_.append(loss.item())
            params = {k: v - self.eta * grads[k] for k, v in params.items()}
        self.w_ = params["w"].numpy()
        self.b_ = params["b"].item()
        return self

    def net_input(self, X):
        return X @ self.w_ + self.b_

    def predict(self, X):
        return np.where(self.net_input(X) >= 0.5, 1, 0)
