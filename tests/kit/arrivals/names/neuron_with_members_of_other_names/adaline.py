import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        draw = np.random.RandomState(self.random_state)
        self.weights = draw.normal(loc=0.0, scale=0.01, size=X.shape[1])
        self.bias = np.float64(0.0)
        self.losses = []
        for _ in range(self.n_iter):
            errors = y - self.netInput(X)
            self.weights += self.eta * 2.0 * X.T.dot(errors) / X.shape[0]
            self.bias += self.eta * 2.0 * errors.mean()
            self.losses.append(float((errors**2).mean()))
        return self

    def netInput(self, X):
        return np.dot(X, self.weights) + self.bias

    def predict(self, X):
        return np.where(self.netInput(X) >= 0.5, 1, 0)
