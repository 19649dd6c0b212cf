"""What `jotpass demo` adds to the ready-made project: a user, a protected endpoint, a page."""
