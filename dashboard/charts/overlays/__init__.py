"""Charts of several runs on the same axes: entrants in, Plotly figure out."""
