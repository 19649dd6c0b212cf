"""Schema migrations of the app."""
