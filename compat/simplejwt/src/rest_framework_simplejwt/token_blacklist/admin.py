"""The books in the admin: to look at; an entry is never made or changed by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken


@admin.register(OutstandingToken)
class OutstandingTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Tokens that are out."""

    list_display = ("jti", "user", "created_at", "expires_at")
    search_fields = ("user__id", "jti")
    ordering = ("user",)
    list_select_related = ("user",)
    actions = None

    def get_readonly_fields(self, *args: Any, **kwargs: Any) -> list[str]:
        """All of them."""
        return [field.name for field in self.model._meta.fields]

    def has_add_permission(self, *args: Any, **kwargs: Any) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_delete_permission(self, request: Any, obj: object = None) -> bool:
        """Nobody deletes one by hand; with its user it may go, or no user could be deleted here."""
        return _is_about_users(request) and super().has_delete_permission(request, obj)

    def has_change_permission(self, request: Any, obj: object = None) -> bool:
        """Look at one, and no more."""
        return request.method in {"GET", "HEAD"} and super().has_change_permission(request, obj)


@admin.register(BlacklistedToken)
class BlacklistedTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Tokens that were taken back."""

    list_display = ("token_jti", "token_user", "token_created_at", "token_expires_at", "blacklisted_at")
    search_fields = ("token__user__id", "token__jti")
    ordering = ("token__user",)
    list_select_related = ("token__user",)

    @admin.display(description=_("jti"), ordering="token__jti")
    def token_jti(self, obj: BlacklistedToken) -> str:
        """Its id."""
        return str(obj.token.jti)

    @admin.display(description=_("user"), ordering="token__user")
    def token_user(self, obj: BlacklistedToken) -> Any:
        """Its user."""
        return obj.token.user

    @admin.display(description=_("created at"), ordering="token__created_at")
    def token_created_at(self, obj: BlacklistedToken) -> Any:
        """When it was issued."""
        return obj.token.created_at

    @admin.display(description=_("expires at"), ordering="token__expires_at")
    def token_expires_at(self, obj: BlacklistedToken) -> Any:
        """When it expires."""
        return obj.token.expires_at


def _is_about_users(request: Any) -> bool:
    match = getattr(request, "resolver_match", None)
    return match is not None and "outstandingtoken" not in (match.url_name or "")
