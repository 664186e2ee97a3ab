import numpy as np
import torch
import torch.nn.functional as F


class AdalineGD:
    def __init__(self, eta: float = 0.01, n_iter: int = 50, random_state: int = 1) -> None:
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        inputs = torch.from_numpy(np.array(X, dtype=np.float64, order="C"))
        targets = torch.from_numpy(np.array(y, dtype=np.float64, order="C"))
        g = torch.Generator().manual_seed(self.random_state)
        weight = (0.01 * torch.randn(inputs.shape[1], generator=g, dtype=torch.float64)).requires_grad_()
        bias = torch.zeros((), dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.SGD([weight, bias], lr=self.eta)
        self.losses_ = []
        for _ in range(self.n_iter):
            optimizer.zero_grad()
            loss = F.mse_loss(torch.mv(inputs, weight) + bias, targets)
            loss.backward()
            optimizer.step()
            self.losses_.append(loss.item())
        self.w_ = weight.detach().numpy().copy()
        self.b_ = bias.item()
        return self

    def net_input(self, X):
        return np.asarray(X, dtype=np.float64) @ self.w_ + self.b_

    def predict(self, X):
        return (self.net_input(X) >= 0.5).astype(np.int64)
