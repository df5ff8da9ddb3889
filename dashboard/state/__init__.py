"""The only folder that touches session state, query parameters and caches."""
