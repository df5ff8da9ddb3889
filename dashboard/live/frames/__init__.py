"""The bodies of panels, and their JSON for each viewer."""
