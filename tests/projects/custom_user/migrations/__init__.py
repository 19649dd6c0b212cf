"""The migrations of this host project."""
