"""The data that come with the package."""
