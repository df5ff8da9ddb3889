"""Analyses of a trained network or a run: boundaries, decay, evidence, twins and equivalents of λ."""
