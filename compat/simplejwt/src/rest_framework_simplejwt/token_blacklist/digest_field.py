"""A column that holds digests of tokens: whoever reads the table signs in as nobody.

Whatever is written to it or asked of it, a token turns into its digest. Rows from before the change of
packages hold the token itself; they are found by it, too.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Final

from django.db import models
from django.db.models.lookups import In

DIGEST_PREFIX: Final = "sha256:"


def digest(token: str) -> str:
    """Return the digest of a token; of a digest, itself."""
    return token if token.startswith(DIGEST_PREFIX) else DIGEST_PREFIX + sha256(token.encode()).hexdigest()


class DigestField(models.TextField):  # type: ignore[type-arg]
    """Takes a token, keeps its digest. To the migrations it is a TextField."""

    def deconstruct(self) -> Any:
        """Name the class that the migrations know."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001 (Django's interface)
        """Let the instance have what the row has."""
        value = getattr(model_instance, self.attname)
        if value is not None:
            setattr(model_instance, self.attname, digest(str(value)))
        return super().pre_save(model_instance, add)


@DigestField.register_lookup
class EitherWay(In):
    """``token=``: the digest, or the token itself in rows that have it."""

    lookup_name = "exact"

    def get_prep_lookup(self) -> Any:
        """Ask for both."""
        self.rhs = {str(self.rhs), digest(str(self.rhs))}
        return super().get_prep_lookup()
