"""The state of pages: the only folder that reads and writes session state, query parameters and caches."""
