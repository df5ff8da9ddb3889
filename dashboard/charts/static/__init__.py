"""Finished charts, drawn once by `st.plotly_chart`."""
