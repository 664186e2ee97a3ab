import random
import numpy as np


class AdalineGD:

    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        number_of_examples = X.shape[0]
        number_of_features = X.shape[1]
        random_numbers = random.Random(self.random_state)

        self.w_ = np.zeros(number_of_features)
        for j in range(number_of_features):
            self.w_[j] = random_numbers.gauss(0, 0.01)
        self.b_ = 0.0
        self.losses_ = []

        for epoch in range(self.n_iter):
            outputs = self.net_input(X)
            gradient_w = np.zeros(number_of_features)
            gradient_b = 0.0
            total = 0.0
            for i in range(number_of_examples):
                error = outputs[i] - y[i]
                total = total + error * error
                for j in range(number_of_features):
                    gradient_w[j] = gradient_w[j] + 2 * error * X[i, j]
                gradient_b = gradient_b + 2 * error
            self.losses_.append(total / number_of_examples)
            for j in range(number_of_features):
                self.w_[j] = self.w_[j] - self.eta * gradient_w[j]
            self.b_ = self.b_ - self.eta * gradient_b

        return self

    def net_input(self, X):
        return np.dot(X, self.w_) + self.b_

    def predict(self, X):
        classes = np.zeros(X.shape[0], dtype=int)
        z = self.net_input(X)
        for i in range(X.shape[0]):
            if z[i] >= 0.5:
                classes[i] = 1
        return classes
