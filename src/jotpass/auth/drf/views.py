"""The views of the HTTP contract: thin, each a call into the rooms that decide."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.signals import user_logged_in
from django.db import DatabaseError, OperationalError, transaction
from django.db.models.functions import Now
from django.views.decorators.debug import sensitive_variables
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from jotpass.auth import errors
from jotpass.auth.access_tokens import verify_access_token
from jotpass.auth.authentication import authenticate_access_token
from jotpass.auth.bearer import bearer_token
from jotpass.auth.cookies import clear_token_cookies
from jotpass.auth.csrf import check_csrf, comes_from_trusted_page
from jotpass.auth.drf import serializers
from jotpass.auth.drf.authentication import JWTAuthentication
from jotpass.auth.drf.carriage import (
    any_cookie_came,
    asked_transport,
    carried,
    cookie_came,
    presented_refresh_token,
    reauthentication_transport,
    refresh_token_of_cookie,
    sign_in_transport,
)
from jotpass.auth.drf.contract_view import ContractView, PasswordView, SignedInView
from jotpass.auth.drf.cookie_families import (
    NamedFamily,
    families_of_cookies,
    family_of_access,
    family_of_refresh,
)
from jotpass.auth.drf.parsers import StrictFormParser, StrictJSONParser
from jotpass.auth.models import Session, session_database
from jotpass.auth.password import try_password
from jotpass.auth.policy import token_policy
from jotpass.auth.refresh_tokens import Outcome
from jotpass.auth.revocation import SIGNED_OUT, revoke_family, revoke_token, revoke_user
from jotpass.auth.rotation import family_of_refresh_token, judge_refresh_token, rotate_refresh_token
from jotpass.auth.scope import granted_scope
from jotpass.auth.serialization_failures import tried_again
from jotpass.auth.sessions import end_session, live_sessions, reauthenticate_session, start_session
from jotpass.auth.sites import chosen_site
from jotpass.auth.transports import BODY, BY_COOKIE, transport_policy
from jotpass.auth.user_name import normalize_username
from jotpass.auth.uuid7 import parse_uuid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.http import HttpRequest
    from rest_framework.request import Request

    from jotpass.auth.token_pair import TokenPair


class TokenView(PasswordView):
    """POST token/: sign in with username and password, and get a token pair."""

    @sensitive_variables()
    def post(self, request: Request) -> Response:
        """Exchange credentials for a pair (200), 401 ``no_active_account``, or 429 ``throttled``."""
        transport = sign_in_transport(request)
        fields = self.read(serializers.SignInRequest)
        username = normalize_username(fields["username"])
        client_id = fields["client_id"]
        user = try_password(request._request, username, fields["password"], client_id=client_id)
        scope = granted_scope(user, client_id, fields["scope"])
        if fields["scope"] and not scope:
            raise ValidationError({"scope": [serializers.UNKNOWN_SCOPE]})
        wishes = {
            "client_id": client_id,
            "transport": transport,
            "scope": scope,
            "remember_me": fields["remember_me"],
        }
        pair = tried_again(lambda: _sign_in(user, request._request, **wishes))
        return carried(pair, request)


@sensitive_variables()
def _sign_in(user: Any, request: HttpRequest, **wishes: Any) -> TokenPair:
    """Start the session and note the sign-in, as one: no session is left behind that nobody holds."""
    try:
        with transaction.atomic(using=session_database()):
            pair = start_session(user, request, **wishes)
            user_logged_in.send(sender=user.__class__, request=request, user=user)
    except OperationalError:
        raise
    except DatabaseError:
        if type(user)._base_manager.filter(pk=user.pk).exists():
            raise
        # Deleted between the password check and here.
        raise errors.NoActiveAccount from None
    return pair


class TokenRefreshView(ContractView):
    """POST token/refresh/: exchange a refresh token for a new pair."""

    @sensitive_variables()
    def post(self, request: Request) -> Response:
        """Answer the new pair (200), or 401 ``refresh_invalid``."""
        presented = presented_refresh_token(self)
        rotation = rotate_refresh_token(presented.token, request._request, transport=presented.transport)
        if rotation.pair is not None:
            return carried(rotation.pair, request)
        refused = self.handle_exception(errors.RefreshInvalid())
        if presented.by_cookie and rotation.outcome is not Outcome.ELSEWHERE:
            clear_token_cookies(refused, request)
        return refused


class TokenVerifyView(ContractView):
    """POST token/verify/: is this access token good, here and now? Never an oracle for refresh tokens."""

    @sensitive_variables()
    def post(self, request: Request) -> Response:
        """Answer ``{}`` (200), or 401 with the code that tells why not."""
        authenticate_access_token(self.read(serializers.TokenRequest)["token"], site=chosen_site(request))
        return Response({})


class TokenRevokeView(ContractView):
    """POST token/revoke/: RFC 7009. A refresh token ends its family, an access token itself alone."""

    parser_classes: Sequence[Any] = (StrictJSONParser, StrictFormParser)

    @sensitive_variables()
    def post(self, request: Request) -> Response:
        """Answer 200 for any string: who knows no token learns nothing (RFC 7009 s2.2)."""
        if not request.data and asked_transport(request) in BY_COOKIE:
            return self._revoke_cookie(request)
        self._revoke(self.read(serializers.RevocationRequest)["token"])
        return Response({})

    @sensitive_variables()
    def _revoke_cookie(self, request: Request) -> Response:
        check_csrf(request)
        for family in families_of_cookies(request):
            revoke_family(family.fid, reason="revoked_by_client", request=request._request)
        response = Response({})
        clear_token_cookies(response, request)
        return response

    @sensitive_variables()
    def _revoke(self, token: str) -> None:
        request = self.request
        if row := family_of_refresh_token(token, request._request):
            revoke_family(row.fid, reason="revoked_by_client", request=request._request)
            return
        try:
            access_token = verify_access_token(token, token_policy(chosen_site(request)), now=time.time())
        except errors.CredentialError:
            return
        revoke_token(access_token, reason="revoked_by_client", request=request._request)


class SignOutView(ContractView):
    """POST logout/: end this session, the others, or all."""

    @sensitive_variables()
    def post(self, request: Request) -> Response:
        """Answer 204; ``others`` and ``all`` need a live credential, 401 without."""
        fields = self.read(serializers.SignOutRequest)
        scope, refresh = fields["scope"], fields.get("refresh")
        clears = scope != "others" and transport_policy().sets_cookies and comes_from_trusted_page(request)
        named: set[UUID] = set()
        if scope == "current":
            named |= self._named_session(refresh, proven=clears)
        else:
            user_id, sid = self._live_session(refresh)
            keep = sid if scope == "others" else None
            revoke_user(user_id, reason=SIGNED_OUT, keep=keep, request=request._request)
        if clears:
            named |= _sessions_of_cookies(request)
        for ended in named:
            end_session(ended, request._request)
        response = Response(status=status.HTTP_204_NO_CONTENT)
        if clears:
            clear_token_cookies(response, request)
        return response

    @sensitive_variables()
    def _named_session(self, refresh: str | None, *, proven: bool) -> set[UUID]:
        """Find the session of a token that we signed, in the body or the header, if there is one.

        One that has ended may still be ended for good.
        """
        header = self.request.META.get("HTTP_AUTHORIZATION")
        if not (refresh or header or proven) and any_cookie_came(self.request):
            raise errors.CsrfFailed
        found = (refresh and family_of_refresh(refresh, self.request)) or _family_of_bearer(
            header, self.request
        )
        return {found.sid} if found else set()

    @sensitive_variables()
    def _live_session(self, refresh: str | None) -> tuple[Any, UUID | None]:
        request = self.request
        cookie = None
        if not refresh and "Authorization" not in request.headers and cookie_came(request):
            check_csrf(request)
            cookie = refresh_token_of_cookie(request)
        if token := refresh or cookie:
            ways = BY_COOKIE if cookie else frozenset({BODY})
            row = judge_refresh_token(token, request._request, transports=ways)
            if row is None:
                raise errors.RefreshInvalid
            return row.user.pk, row.sid
        found = JWTAuthentication().authenticate(request)
        if found is None:
            raise errors.TokenMissing
        user, access_token = found
        return user.pk, parse_uuid(access_token.session_id)


@sensitive_variables()
def _family_of_bearer(header: str | None, request: Request) -> NamedFamily | None:
    try:
        token = bearer_token(header)
    except errors.CredentialError:
        return None
    return family_of_access(token, request) if token else None


def _sessions_of_cookies(request: Request) -> set[UUID]:
    return {family.sid for family in families_of_cookies(request)}


class SessionView(SignedInView):
    """GET session/: who is signed in, until when, since when."""

    def get(self, request: Request) -> Response:
        """Answer the current session (200)."""
        token = self.access_token
        return Response(
            {
                "user": {"id": token.subject, "username": str(self.user.get_username())},
                "sid": token.session_id,
                "client_id": token.client_id,
                "auth_time": _moment(token.auth_time),
                "expires_at": _moment(token.expires_at),
                "session_expires_at": self._session_end(),
            },
        )

    def _session_end(self) -> datetime:
        sid = parse_uuid(self.access_token.session_id)
        # Not by its families: an access token may outlive the refresh token beside it.
        live = Session.objects.using(session_database()).filter(revoked_at=None, expires_at__gt=Now())
        session = live.filter(sid=sid, user=self.user.pk).first() if sid else None
        if session is None:
            raise errors.TokenRevoked
        return session.expires_at


class ReauthenticateView(PasswordView, SignedInView):
    """POST session/reauthenticate/: the password again, for a fresh ``auth_time`` in the same session."""

    @sensitive_variables()
    def post(self, request: Request) -> Response:
        """Answer a new pair (200), 401 ``no_active_account`` for a wrong password, or 429 ``throttled``."""
        transport = reauthentication_transport(request)
        fields = self.read(serializers.PasswordRequest)
        user = self.user
        try_password(request._request, str(user.get_username()), fields["password"], person=user)
        pair = reauthenticate_session(self.access_token, request._request, transport=transport)
        return carried(pair, request)


class SessionListView(SignedInView):
    """GET sessions/: the person's own live sessions, the current one marked."""

    def get(self, request: Request) -> Response:
        """Answer the sessions, newest first (200)."""
        context = {"current": self.access_token.session_id}
        return Response(
            serializers.SessionSerializer(live_sessions(self.user.pk), many=True, context=context).data
        )


class SessionDetailView(SignedInView):
    """PATCH and DELETE sessions/{sid}/: label or end one of the person's own sessions."""

    def patch(self, request: Request, sid: str) -> Response:
        """Set the label (200, the session), or 404 ``session_unknown``."""
        label = self.read(serializers.LabelRequest)["label"]
        session = self._own(request, sid)
        Session.objects.using(session_database()).filter(sid=session.sid).update(label=label)
        session.label = label
        return Response(
            serializers.SessionSerializer(session, context={"current": self.access_token.session_id}).data
        )

    def delete(self, request: Request, sid: str) -> Response:
        """End it (204), or 404 ``session_unknown``."""
        session = self._own(request, sid)
        end_session(session.sid, request._request)
        response = Response(status=status.HTTP_204_NO_CONTENT)
        current = str(session.sid) == self.access_token.session_id
        clears = current and transport_policy().sets_cookies and comes_from_trusted_page(request)
        # The cookie of another session stays: that one goes on, and without it nobody could end it here.
        if clears and _sessions_of_cookies(request) <= {session.sid}:
            clear_token_cookies(response, request)
        return response

    def _own(self, request: Request, sid: str) -> Session:
        key = parse_uuid(sid)
        session = live_sessions(self.user.pk).filter(sid=key).first() if key else None
        if session is None:
            raise errors.SessionUnknown
        return session


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
