"""The chapter: network, dropout, stochastic gradient descent and the training loop."""
