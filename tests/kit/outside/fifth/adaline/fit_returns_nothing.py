import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        features = X.shape[1]
        generator = np.random.default_rng(self.random_state)
        self.w_ = generator.normal(0, 0.01, features)
        self.b_ = 0.0
        self.losses_ = []
        for epoch in range(self.n_iter):
            predictions = self.net_input(X)
            differences = predictions - y
            self.losses_.append(np.mean(np.power(differences, 2)))
            new_weights = []
            for j in range(features):
                slope = np.mean(2 * differences * X[:, j])
                new_weights.append(self.w_[j] - self.eta * slope)
            self.w_ = np.array(new_weights)
            self.b_ = self.b_ - self.eta * np.mean(2 * differences)

    def net_input(self, X):
        return np.dot(X, self.w_) + self.b_

    def predict(self, X):
        return np.where(self.net_input(X) >= 0.5, 1, 0)
