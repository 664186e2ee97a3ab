import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        n, d = X.shape
        rnd = np.random.RandomState(self.random_state)
        w = [rnd.normal(0, 0.01) for _ in range(d)]
        b = 0.0
        losses = []
        grad_w = [0.0] * d
        grad_b = 0.0
        for epoch in range(self.n_iter):
            squared = 0.0
            for xi, yi in zip(X, y):
                diff = sum(w[j] * xi[j] for j in range(d)) + b - yi
                squared += diff ** 2
                for j in range(d):
                    grad_w[j] += 2 * diff * xi[j] / n
                grad_b += 2 * diff / n
            losses.append(squared / n)
            w = [w[j] - self.eta * grad_w[j] for j in range(d)]
            b -= self.eta * grad_b
        self.w_ = np.array(w)
        self.b_ = b
        self.losses_ = losses
        return self

    def net_input(self, X):
        return np.array([np.dot(xi, self.w_) + self.b_ for xi in X])

    def predict(self, X):
        return np.array([1 if z >= 0.5 else 0 for z in self.net_input(X)])
