import numpy as np
import torch
from torch import nn


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        Xt = torch.from_numpy(np.array(X, dtype=np.float64))
        yt = torch.from_numpy(np.array(y, dtype=np.float64)).unsqueeze(1)
        neuron = nn.Linear(Xt.shape[1], 1, dtype=torch.float64)
        gen = torch.Generator().manual_seed(self.random_state)
        with torch.no_grad():
            neuron.weight.normal_(0.0, 0.01, generator=gen)
            neuron.bias.zero_()
        criterion = nn.MSELoss()
        optimizer = torch.optim.SGD(neuron.parameters(), lr=self.eta)
        self.losses_ = []
        for epoch in range(self.n_iter):
            loss = criterion(neuron(Xt), yt)
            loss.backward()
            optimizer.step()
            self.losses_.append(loss.item())
        self.w_ = neuron.weight.detach().numpy()[0]
        self.b_ = neuron.bias.item()
        return self

    def net_input(self, X):
        return X @ self.w_ + self.b_

    def predict(self, X):
        return (self.net_input(X) >= 0.5).astype(int)
