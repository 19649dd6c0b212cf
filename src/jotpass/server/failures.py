"""What an operator can mend on the way to a running server, whichever library says so."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError
from environs import EnvError

from jotpass.server.data_folder import DataFolderUnavailable
from jotpass.server.supervision import AddressUnavailable

UNUSABLE_CONFIGURATION = (AddressUnavailable, DataFolderUnavailable, EnvError, ImproperlyConfigured)
"""A variable, a folder or an address is not usable."""

UNAVAILABLE_DATABASE = (DatabaseError, InterfaceError)
"""The database is away, locked, or not what it should be."""
