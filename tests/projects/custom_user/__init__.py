"""A host project whose user is its own model."""
