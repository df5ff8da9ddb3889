"""Charts that are drawn once, by `st.plotly_chart`, and never updated."""
