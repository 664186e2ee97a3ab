import numpy as np
import torch


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        X = torch.tensor(np.ascontiguousarray(X), dtype=torch.float64)
        y = torch.tensor(np.ascontiguousarray(y), dtype=torch.float64)
        gen = torch.Generator().manual_seed(self.random_state)
        w = torch.randn(X.shape[1], 1, generator=gen, dtype=torch.float64) * 0.01
        b = torch.zeros(1, dtype=torch.float64)
        w.requires_grad_()
        b.requires_grad_()
        self.losses_ = []
        for epoch in range(self.n_iter):
            y_hat = X @ w + b
            loss = ((y_hat - y) ** 2).mean()
            self.losses_.append(loss.item())
            dw, db = torch.autograd.grad(loss, [w, b])
            with torch.no_grad():
                w -= self.eta * dw
                b -= self.eta * db
        self.w_ = w.detach().numpy().ravel()
        self.b_ = b.item()
        return self

    def net_input(self, X):
        return X @ self.w_ + self.b_

    def predict(self, X):
        return np.where(self.net_input(X) >= 0.5, 1, 0)
