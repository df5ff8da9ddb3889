"""Charts of several runs on the same axes: each function returns a Plotly figure."""
