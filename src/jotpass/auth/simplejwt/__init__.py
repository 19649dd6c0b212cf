"""The way here from djangorestframework-simplejwt: settings and tables read, refresh tokens exchanged.

Works beside the package itself and beside its drop-in alike: neither is imported.
"""
