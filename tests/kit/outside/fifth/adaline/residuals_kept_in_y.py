import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        n = X.shape[0]
        w = np.random.default_rng(self.random_state).normal(scale=0.01, size=X.shape[1])
        b = 0.0
        losses = []

        residuals = np.asarray(y, dtype=np.float64)
        residuals -= X @ w
        for _ in range(self.n_iter):
            losses.append(float(np.mean(residuals**2)))
            dw = self.eta * 2 * (X.T @ residuals) / n
            db = self.eta * 2 * residuals.mean()
            w += dw
            b += db
            residuals -= X @ dw + db

        self.w_, self.b_, self.losses_ = w, float(b), losses
        return self

    def net_input(self, X):
        return X @ self.w_ + self.b_

    def predict(self, X):
        return (self.net_input(X) >= 0.5).astype(int)
