"""Torch computes the gradients of the mean squared error; NumPy is used only for what goes in and comes out."""

import numpy as np
import torch


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta, self.n_iter, self.random_state = eta, n_iter, random_state

    def fit(self, X, y):
        inputs = torch.tensor(np.array(X), dtype=torch.float64)
        targets = torch.tensor(np.array(y), dtype=torch.float64)
        source = torch.Generator().manual_seed(self.random_state)
        weights = 0.01 * torch.randn(inputs.shape[1], generator=source, dtype=torch.float64)
        bias = torch.zeros((), dtype=torch.float64)
        parameters = [weights.requires_grad_(), bias.requires_grad_()]
        self.losses_ = []
        for _ in range(self.n_iter):
            loss = torch.nn.functional.mse_loss(inputs @ weights + bias, targets)
            self.losses_.append(loss.item())
            gradients = torch.autograd.grad(loss, parameters)
            with torch.no_grad():
                for parameter, gradient in zip(parameters, gradients):
                    parameter.sub_(self.eta * gradient)
        self.w_ = weights.detach().numpy()
        self.b_ = bias.item()
        return self

    def net_input(self, X):
        return (torch.tensor(np.array(X)) @ torch.tensor(self.w_) + self.b_).numpy()

    def predict(self, X):
        return np.greater_equal(self.net_input(X), 0.5).astype(np.int64)
