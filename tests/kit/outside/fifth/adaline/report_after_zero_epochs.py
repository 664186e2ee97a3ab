import logging

import numpy as np

log = logging.getLogger(__name__)


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        rng = np.random.RandomState(self.random_state)
        self.w_ = rng.normal(0.0, 0.01, X.shape[1])
        self.b_ = 0.0
        self.losses_ = []
        for epoch in range(1, self.n_iter + 1):
            errors = y - self.net_input(X)
            loss = (errors**2).mean()
            self.losses_.append(loss)
            self.w_ += self.eta * 2 * errors.dot(X) / errors.size
            self.b_ += self.eta * 2 * errors.mean()
        log.debug("stopped after epoch %d with a loss of %.5f", epoch, loss)
        return self

    def net_input(self, X):
        return X.dot(self.w_) + self.b_

    def predict(self, X):
        return np.where(self.net_input(X) >= 0.5, 1, 0)
