"""A host project that wraps every request in a transaction, so that an error undoes what a view wrote."""

from __future__ import annotations

from tests.projects.database import databases
from tests.projects.regular.settings import *

DATABASES = databases(ATOMIC_REQUESTS=True)
