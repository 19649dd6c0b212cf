"""The key ring: one key that signs, and all whose signatures are still accepted. Knows no framework."""
