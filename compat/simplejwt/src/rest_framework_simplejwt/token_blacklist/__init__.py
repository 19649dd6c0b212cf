"""The app that keeps books of tokens: which are out, and which were taken back."""
