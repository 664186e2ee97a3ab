import numpy as np


class AdalineGD:
    def __init__(self, learning_rate=0.01, epochs=50, seed=1):
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.seed = seed

    def fit(self, X, y):
        draw = np.random.RandomState(self.seed)
        self.w_ = draw.normal(loc=0.0, scale=0.01, size=X.shape[1])
        self.b_ = np.float64(0.0)
        self.losses_ = []
        for _ in range(self.epochs):
            errors = y - self.net_input(X)
            self.w_ += self.learning_rate * 2.0 * X.T.dot(errors) / X.shape[0]
            self.b_ += self.learning_rate * 2.0 * errors.mean()
            self.losses_.append(float((errors**2).mean()))
        return self

    def net_input(self, X):
        return np.dot(X, self.w_) + self.b_

    def predict(self, X):
        return np.where(self.net_input(X) >= 0.5, 1, 0)
