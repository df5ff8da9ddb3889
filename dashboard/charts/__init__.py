"""Charts: a Plotly figure for each kind of telemetry. No module here imports Streamlit."""
