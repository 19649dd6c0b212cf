"""Commands of the books, a file each."""
