"""Sessions, token families, and the append-only list of revocations. No row is written per refresh."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models, router
from django.db.models.functions import Now

from jotpass.auth.device import MAX_USER_AGENT_LENGTH, Device
from jotpass.auth.setting_values import MAX_CLIENT_ID_LENGTH, MAX_ISSUER_LENGTH
from jotpass.auth.uuid7 import uuid7

MAX_LABEL_LENGTH = 100
MAX_ACR_LENGTH = 100
MAX_REASON_LENGTH = 40


class Session(models.Model):
    """One authentication of one user on one device (OpenID Connect Session Management, terminology)."""

    sid = models.UUIDField("session", primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="jotpass_sessions",
        related_query_name="jotpass_session",
    )
    auth_time = models.DateTimeField("signed in at")
    amr = models.JSONField("authentication methods", default=list)
    acr = models.CharField("authentication context", max_length=MAX_ACR_LENGTH, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField("ends at", db_index=True)
    user_agent = models.CharField(max_length=MAX_USER_AGENT_LENGTH, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    label = models.CharField(max_length=MAX_LABEL_LENGTH, blank=True)
    auth_hash = models.CharField(max_length=128, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=MAX_REASON_LENGTH, blank=True)

    class Meta:
        """Newest first, as people look for them."""

        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        """Name the session by its sid, which is a name and no credential."""
        return str(self.sid)

    @property
    def device(self) -> Device:
        """Where it was begun."""
        return Device(self.user_agent, self.address or "")


class TokenFamily(models.Model):
    """What one client holds under a session: every refresh token descends from one sign-in.

    ``generation`` is the newest refresh token, ``parent`` the one its holder gave for it. A refresh changes
    this row alone, and no column that it changes is indexed.
    """

    fid = models.UUIDField("family", primary_key=True, default=uuid7, editable=False)
    session = models.ForeignKey(
        Session,
        on_delete=models.CASCADE,
        related_name="families",
        related_query_name="family",
    )
    client_id = models.CharField(max_length=MAX_CLIENT_ID_LENGTH)
    transport = models.CharField(max_length=10)
    scope = models.TextField(blank=True)
    generation = models.PositiveBigIntegerField(default=1)
    parent = models.PositiveBigIntegerField(default=0)
    rotated_at = models.DateTimeField()
    idle_expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    access_expires_at = models.DateTimeField()
    # Of this sign-in; NULL is whatever the settings say at the time.
    access_lifetime = models.DurationField(null=True, blank=True)
    refresh_lifetime = models.DurationField(null=True, blank=True)
    random_value = models.CharField(max_length=22, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=MAX_REASON_LENGTH, blank=True)

    class Meta:
        """Plain plural."""

        verbose_name_plural = "token families"

    def __str__(self) -> str:
        """Name the family by its fid."""
        return str(self.fid)


class Revocation(models.Model):
    """One revoked ``sid``, ``fid`` or ``jti``, until no access token under it can be alive.

    No foreign keys: a revocation outlives the user, the session and the family it is about.
    """

    key = models.CharField(max_length=64, db_index=True)
    recorded_at = models.DateTimeField(db_default=Now(), db_index=True)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        """Name what was revoked."""
        return self.key


class SigningKey(models.Model):
    """One key of an issuer's ring. What is secret in it opens by SECRET_KEY or one of its fallbacks alone.

    ``sealed`` holds the private key while it may sign, the public one while it verifies, nothing after.
    """

    kid = models.CharField("key ID", primary_key=True, max_length=64, editable=False)
    issuer = models.CharField(max_length=MAX_ISSUER_LENGTH)
    algorithm = models.CharField(max_length=16)
    state = models.CharField(max_length=10)
    sealed = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now())
    signing_since = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    verifies_until = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """At any moment an issuer has one key that signs, and one that signs next."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["issuer"], condition=models.Q(state="signing"), name="jotpass_one_signing_key"
            ),
            models.UniqueConstraint(
                fields=["issuer"], condition=models.Q(state="pending"), name="jotpass_one_pending_key"
            ),
        ]

    def __str__(self) -> str:
        """Name the key by its kid."""
        return self.kid


def session_database() -> str:
    """Return the alias that sessions are written to, and read from: a replica may lag behind a revocation."""
    return router.db_for_write(Session)
