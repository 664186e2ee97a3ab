import numpy as np


class AdalineGD:

    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        # small random weights, bias 0, no losses yet
        self.w_ = np.random.randn(X.shape[1]) * 0.01
        self.b_ = 0
        self.losses_ = []

        # go through the epochs
        for epoch in range(self.n_iter):
            # forward
            prediction = self.net_input(X)
            # loss
            error = prediction - y
            loss = sum(error * error) / len(error)
            self.losses_.append(loss)
            # backward
            gradient_of_w = 2 * X.transpose().dot(error) / len(error)
            gradient_of_b = 2 * sum(error) / len(error)
            # update
            self.w_ = self.w_ - self.eta * gradient_of_w
            self.b_ = self.b_ - self.eta * gradient_of_b

        return self

    def net_input(self, X):
        return X.dot(self.w_) + self.b_

    def predict(self, X):
        result = []
        for z in self.net_input(X):
            if z >= 0.5:
                result.append(1)
            else:
                result.append(0)
        return np.array(result)
