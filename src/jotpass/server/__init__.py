"""The ready-made Django project: settings from the environment, URLs, WSGI and ASGI, supervision.

`jotpass serve`, `jotpass demo` and `jotpass manage` stand on this package. A project of your own does not
need it: it lists `jotpass.auth` among its applications and keeps its own settings.
"""
