"""Jotpass for Django REST Framework: the authentication class, and the views of the HTTP contract."""
