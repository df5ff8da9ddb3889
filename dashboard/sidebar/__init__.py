"""The sidebar: widgets whose values make a `RunConfig`."""
