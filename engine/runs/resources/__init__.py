"""Memory and disk: how much is free, how much a run needs, and the limits above which nothing is started."""
