"""Django application of the pages that people see: their frame, their style, their security policy."""
