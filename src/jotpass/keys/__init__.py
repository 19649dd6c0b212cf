"""The key ring: one key that signs, and all the keys whose signatures are still accepted. Knows no framework."""
