"""The network, dropout, stochastic gradient descent and the training loop of the chapter."""
