"""The frames of a board: the bodies of its panels, and their JSON for each viewer."""
