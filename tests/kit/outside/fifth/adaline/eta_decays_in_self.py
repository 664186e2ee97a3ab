import numpy as np


class AdalineGD:
    DECAY = 0.99

    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        rng = np.random.default_rng(self.random_state)
        self.w_ = rng.normal(0.0, 0.01, X.shape[1])
        self.b_ = 0.0
        self.losses_ = []
        epoch = 0
        while epoch < self.n_iter:
            residuals = np.subtract(y, self.net_input(X))
            self.losses_.append(np.dot(residuals, residuals) / residuals.size)
            self.w_ = np.add(self.w_, self.eta * 2 * np.dot(residuals, X) / residuals.size)
            self.b_ = self.b_ + self.eta * 2 * np.average(residuals)
            self.eta *= self.DECAY
            epoch += 1
        return self

    def net_input(self, X):
        return np.add(np.dot(X, self.w_), self.b_)

    def predict(self, X):
        return np.asarray(np.greater_equal(self.net_input(X), 0.5), dtype=np.int64)
