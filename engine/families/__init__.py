"""Families of interchangeable parts: activations, costs, initializers and penalties."""
