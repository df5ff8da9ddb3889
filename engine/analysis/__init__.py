"""Questions about a network or a run: boundaries, decay, evidence, twins and units of λ."""
