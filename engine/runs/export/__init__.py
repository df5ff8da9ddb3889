"""Exports of a run: tables, weights, the data it used, and a program that repeats it."""
