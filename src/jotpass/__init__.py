"""Jotpass: JWT authentication for Django, Django REST Framework and the services around them."""
