"""The live path: from a run's telemetry to the pixels of everyone who watches it."""
