"""Who may use the server from the network: its names, origins, security headers and the warning at its start."""
