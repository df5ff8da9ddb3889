"""Charts: telemetry in, Plotly figure out. Nothing here imports Streamlit."""
