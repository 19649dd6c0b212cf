"""Sessions in Django's admin: list, search, revoke. Nothing secret is shown, nothing can be edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.contrib.auth import get_user_model

from jotpass.auth.models import Session, TokenFamily
from jotpass.auth.revocation import revoke_sessions
from jotpass.auth.uuid7 import parse_uuid

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    TabularInline = admin.TabularInline[TokenFamily, Session]
    ModelAdmin = admin.ModelAdmin[Session]
else:
    TabularInline, ModelAdmin = admin.TabularInline, admin.ModelAdmin


class TokenFamilyInline(TabularInline):
    """The families of a session, read-only."""

    model = TokenFamily
    extra = 0
    can_delete = False
    fields = readonly_fields = (
        "fid",
        "client_id",
        "transport",
        "scope",
        "generation",
        "last_used_at",
        "idle_expires_at",
        "revoked_at",
    )

    def has_add_permission(self, request: HttpRequest, obj: Session | None = None) -> bool:
        """Families are begun by signing in."""
        return False


@admin.register(Session)
class SessionAdmin(ModelAdmin):
    """Who is signed in, where, and an action that ends it."""

    list_display = [
        "sid",
        "user",
        "device_label",
        "address",
        "auth_time",
        "expires_at",
        "revoked_at",
    ]
    list_filter = ["revoked_reason", "created_at"]
    list_select_related = ["user"]
    date_hierarchy = "created_at"
    fields = readonly_fields = (
        "sid",
        "user",
        "label",
        "auth_time",
        "amr",
        "acr",
        "created_at",
        "expires_at",
        "user_agent",
        "address",
        "revoked_at",
        "revoked_reason",
    )
    inlines = [TokenFamilyInline]
    actions = ["revoke"]
    show_full_result_count = False

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Search by the user's name field, the address, the label, and the exact sid."""
        return [f"user__{get_user_model().USERNAME_FIELD}", "=address", "label"]

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: QuerySet[Session],
        search_term: str,
    ) -> tuple[QuerySet[Session], bool]:
        """Find a session by its sid too; text that is no UUID cannot be one."""
        if sid := parse_uuid(search_term.strip()):
            return queryset.filter(sid=sid), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="device")
    def device_label(self, session: Session) -> str:
        """Show the person's own label, or else the user agent."""
        return session.label or session.user_agent[:60]

    @admin.action(description="Revoke the selected sessions", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Session]) -> None:
        """End the selected sessions and every token under them."""
        revoked = revoke_sessions(
            list(queryset.values_list("sid", flat=True)), reason="revoked_by_admin", request=request
        )
        self.message_user(request, f"{revoked} sessions revoked.", messages.SUCCESS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Sessions are begun by signing in."""
        return False
