"""Settings: the kinds of their values, and the table entry of a setting."""
