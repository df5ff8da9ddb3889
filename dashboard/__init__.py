"""The dashboard: pages that train networks and show live charts."""
