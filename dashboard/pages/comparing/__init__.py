"""The compare page: several runs on the same axes, their results, seeds and damage."""
