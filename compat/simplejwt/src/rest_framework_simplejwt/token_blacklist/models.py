"""The tables: tokens that are out, and those of them that were taken back."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from rest_framework_simplejwt.token_blacklist.digest_field import DigestField

# Without the app there are no tables, and the classes are there for whoever imports them.
_WITHOUT_TABLES = apps.get_containing_app_config(__name__) is None


class OutstandingToken(models.Model):
    """A token that is out, by its id.

    ``token`` holds its digest. Rows from before the change of packages hold the token itself, until
    ``manage.py jotpass-digest-outstanding``.
    """

    id = models.BigAutoField(primary_key=True, serialize=False)
    user: Any = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    jti = models.CharField(unique=True, max_length=255)
    token: Any = DigestField()
    created_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()

    objects: ClassVar[models.Manager[OutstandingToken]] = models.Manager()

    class Meta:
        """The names that the migrations know."""

        verbose_name = _("Outstanding Token")
        verbose_name_plural = _("Outstanding Tokens")
        abstract = _WITHOUT_TABLES
        ordering = ("user",)

    def __str__(self) -> str:
        return _("Token for %(user)s (%(jti)s)") % {"user": self.user, "jti": self.jti}


class BlacklistedToken(models.Model):
    """One of them that was taken back."""

    id = models.BigAutoField(primary_key=True, serialize=False)
    token: Any = models.OneToOneField(OutstandingToken, on_delete=models.CASCADE)
    blacklisted_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[BlacklistedToken]] = models.Manager()

    class Meta:
        """The names that the migrations know."""

        verbose_name = _("Blacklisted Token")
        verbose_name_plural = _("Blacklisted Tokens")
        abstract = _WITHOUT_TABLES

    def __str__(self) -> str:
        return _("Blacklisted token for %(user)s") % {"user": self.token.user}
