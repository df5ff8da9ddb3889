"""The sidebar: widgets in, `RunConfig` out."""
