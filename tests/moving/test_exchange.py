"""Exchanging a refresh token of djangorestframework-simplejwt for a pair of its session."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, SlidingToken

from jotpass.auth import errors
from jotpass.auth.models import Session, TokenFamily
from jotpass.auth.refresh_tokens import Outcome
from jotpass.auth.rotation import (
    Rotation,
    family_of_refresh_token,
    judge_refresh_token,
    rotate_refresh_token,
)
from jotpass.auth.sessions import end_session, start_session
from jotpass.auth.simplejwt.carried_tokens import (
    FAMILIES,
    CarriedToken,
    carried_family_id,
    carried_random_value,
    parse_carried_token,
)
from jotpass.auth.simplejwt.token_format import simple_jwt, token_format
from tests.auth.people import PASSWORD, claims_of, create_user
from tests.auth.statements import statements
from tests.auth.together import together
from tests.moving.old_tokens import (
    DAY,
    carried,
    carry_all,
    changed,
    family_of,
    is_blacklisted,
    issue,
    jti_of,
    old_refresh,
    refresh,
    sign,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.test import APIClient

    from jotpass.auth.events import Event
    from tests.auth.database_clock import DatabaseClock

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def refused(token: str) -> bool:
    """Whether the native view refuses a token as it refuses any other."""
    answer = refresh(token)
    return (answer.status_code, answer.json()["code"]) == (401, "refresh_invalid")


# --- what it is worth ---------------------------------------------------------------------------------------


def test_it_buys_a_native_pair(user: Any, client: APIClient) -> None:
    """The pair belongs to the carried session, opens views, and is refreshed like any other."""
    token = carried(user)
    answer = refresh(token)
    assert answer.status_code == 200
    pair = answer.json()
    assert set(pair) == {"access", "refresh", "expires_in"}
    claims = claims_of(pair["access"])
    session = family_of(token).session
    assert (claims["sub"], claims["sid"]) == (str(user.pk), str(session.sid))
    who = client.get("/api/session/", headers={"Authorization": f"Bearer {pair['access']}"})
    assert (who.status_code, who.json()["sid"]) == (200, str(session.sid))
    assert refresh(pair["refresh"]).status_code == 200


def test_it_is_spent_on_both_sides(user: Any) -> None:
    """Exchanged here, it is refused by the views of djangorestframework-simplejwt."""
    token = carried(user)
    assert old_refresh(token).status_code == 200
    assert refresh(token).status_code == 200
    assert is_blacklisted(token)
    assert old_refresh(token).status_code == 401


def test_presented_again_it_is_treated_like_a_token_of_ours(user: Any, database_clock: DatabaseClock) -> None:
    """Within the grace the same refresh token, later a recovery, and then reuse, which ends the family."""
    token = carried(user)
    first, again = refresh(token).json(), refresh(token).json()
    assert first["refresh"] == again["refresh"]
    database_clock.advance(11 * SECOND)
    assert rotate_refresh_token(token).outcome is Outcome.RECOVERED
    database_clock.advance(HOUR + SECOND)
    assert rotate_refresh_token(token).outcome is Outcome.REUSED
    assert family_of(token).revoked_reason == "reuse_detected"
    assert refused(first["refresh"])


def test_after_its_successor_was_used_it_is_reuse(user: Any) -> None:
    """Two generations later even the grace does not help."""
    token = carried(user)
    current = refresh(refresh(token).json()["refresh"]).json()["refresh"]
    assert refused(token)
    assert refused(current)


@pytest.mark.django_db(transaction=True)
def test_it_is_told_as_a_refresh(user: Any, events: list[Event]) -> None:
    """The event names the session and the family."""
    token = carried(user)
    refresh(token)
    assert [(event.name, event.family_id) for event in events] == [("refreshed", str(family_of(token).fid))]


def test_without_the_tables_the_family_decides(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project that has dropped the app exchanges what it has carried."""
    token = carried(user)
    monkeypatch.setattr("jotpass.auth.simplejwt.tables._LABEL", "no_such_app")
    assert refresh(token).status_code == 200
    assert rotate_refresh_token(token).outcome is Outcome.REPEATED


def test_it_signs_its_session_out(user: Any, client: APIClient) -> None:
    """A front end that still holds it signs out with it, and nobody exchanges it afterwards."""
    token = carried(user)
    assert client.post("/api/logout/", {"refresh": token}, format="json").status_code == 204
    assert family_of(token).session.revoked_reason == "signed_out"
    assert refused(token)


def test_it_is_a_live_credential(user: Any, client: APIClient) -> None:
    """With it a person signs out everywhere else."""
    token, other = carried(user), carried(user)
    answer = client.post("/api/logout/", {"refresh": token, "scope": "others"}, format="json")
    assert answer.status_code == 204
    assert (family_of(token).session.revoked_at, refused(other)) == (None, True)
    assert judge_refresh_token(token) is not None


def test_it_is_revoked_like_a_token_of_ours(user: Any, client: APIClient) -> None:
    """RFC 7009: the family ends."""
    token = carried(user)
    assert family_of_refresh_token(token) is not None
    assert client.post("/api/token/revoke/", {"token": token}, format="json").status_code == 200
    assert refused(token)


def test_a_refresh_of_ours_takes_two_statements_still(user: Any) -> None:
    """Whoever has moved pays nothing for those who have not."""
    pair = start_session(user)
    with statements() as said:
        assert rotate_refresh_token(pair.refresh).pair is not None
    assert [statement.split()[0] for statement in said] == ["SELECT", "UPDATE"]


# --- what is refused ----------------------------------------------------------------------------------------


def test_one_that_was_not_carried_is_refused(user: Any) -> None:
    """An id that no family stands for is unknown; nothing is written."""
    token = issue(user)
    assert refused(token)
    assert not Session.objects.exists()
    assert not is_blacklisted(token)


def test_one_that_was_blacklisted_since_is_refused(user: Any) -> None:
    """Signing out on the old side holds on the new one, where the session ends with it."""
    token = carried(user)
    RefreshToken(token).blacklist()
    assert judge_refresh_token(token) is None
    assert refused(token)
    assert family_of(token).session.revoked_reason == "revoked_by_client"


def test_one_that_has_expired_is_refused(user: Any, database_clock: DatabaseClock) -> None:
    """By its own end, on this server's clock or on the database's."""
    token = carried(user)
    assert refused(changed(token, exp=int(time.time()) - 1))
    database_clock.advance(DAY)
    assert refused(token)
    assert not is_blacklisted(token)


def test_other_tokens_are_refused(user: Any) -> None:
    """Access and sliding tokens, tokens of ours in its place, other keys, other claims, and noise."""
    token = carried(user)
    claims = dict(claims_of(token))
    presented = [
        str(AccessToken.for_user(user)),
        str(SlidingToken.for_user(user)),
        changed(token, token_type="access"),
        changed(token, jti="0" * 32),
        changed(token, jti=7),
        changed(token, user_id=None),
        changed(token, exp=1e300),
        sign({name: value for name, value in claims.items() if name != "exp"}),
        sign({name: value for name, value in claims.items() if name != "jti"}),
        sign({name: value for name, value in claims.items() if name != "token_type"}),
        sign(claims, "another-secret-that-is-long-enough-for-this"),
        token.rpartition(".")[0] + ".",
        "garbage",
        "a.b.c",
        start_session(user).access,
    ]
    assert [refused(each) for each in presented] == [True] * len(presented)
    assert refresh(token).status_code == 200


def test_a_token_of_somebody_else_is_refused(user: Any) -> None:
    """Signed with the right key, with the id of one person and the name of another: the session ends."""
    token = carried(user)
    assert refused(changed(token, user_id=str(create_user("else").pk)))
    assert family_of(token).session.revoked_reason == "account_changed"


def test_nothing_is_accepted_unless_the_project_says_so(user: Any, settings: Any) -> None:
    """SIMPLEJWT_TOKENS is off by default."""
    token = carried(user)
    settings.JOTPASS = {}
    assert refused(token)
    assert not is_blacklisted(token)


def test_an_account_that_was_deactivated_is_refused(user: Any) -> None:
    """As any session of it."""
    token = carried(user)
    type(user).objects.update(is_active=False)
    assert refused(token)


def test_a_password_that_was_changed_since_ends_it(user: Any) -> None:
    """As it ends any session."""
    token = carried(user)
    user.set_password("another")
    user.save()
    assert refused(token)


def test_what_a_token_knows_of_the_password_counts(user: Any, settings: Any) -> None:
    """With CHECK_REVOKE_TOKEN, a token from before a change of the password stays refused."""
    settings.SIMPLE_JWT = {**settings.SIMPLE_JWT, "CHECK_REVOKE_TOKEN": True}
    before, ignorant = issue(user), changed(issue(user), hash_password=None)
    user.set_password(PASSWORD[::-1])
    user.save()
    after = issue(user)
    assert carry_all() == {"carried": 3}
    assert (refused(before), refused(ignorant)) == (True, True)
    assert refresh(after).status_code == 200
    assert family_of(before).session.revoked_reason == "password_changed"


# --- other keys and names -----------------------------------------------------------------------------------


def test_key_pairs_issuer_audience_and_names(user: Any, settings: Any) -> None:
    """Whatever SIMPLE_JWT says of tokens holds for those that are exchanged."""
    private = ec.generate_private_key(ec.SECP256R1())
    settings.SIMPLE_JWT = {
        "ALGORITHM": "ES256",
        "SIGNING_KEY": private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "VERIFYING_KEY": private.public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode(),
        "AUDIENCE": ["api", "app"],
        "ISSUER": "https://id.example",
        "JTI_CLAIM": "token_id",
        "TOKEN_TYPE_CLAIM": "kind",
        "USER_ID_CLAIM": "who",
        "USER_ID_FIELD": user.USERNAME_FIELD,
    }
    token = str(RefreshToken.for_user(user))
    assert carry_all() == {"carried": 1}
    configured = settings.SIMPLE_JWT
    for wrong in ({"ISSUER": "https://other.example"}, {"AUDIENCE": "web"}, {"ALGORITHM": "ES384"}):
        settings.SIMPLE_JWT = {**configured, **wrong}
        assert refused(token)
    settings.SIMPLE_JWT = configured
    assert refresh(token).status_code == 200


def test_a_key_that_cannot_be_used_refuses(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is configured, the answer is that of an invalid token, never a 500."""
    token = carried(user)
    configured = simple_jwt()
    for wrong in (
        {"ALGORITHM": "RS256"},
        {"ALGORITHM": "none"},
        {"SIGNING_KEY": None},
        {"SIGNING_KEY": ""},
        {"ALGORITHM": "ES256", "VERIFYING_KEY": "-----BEGIN PUBLIC KEY-----"},
        {"ALGORITHM": "RS256", "VERIFYING_KEY": "ssh-rsa AAAA"},
        {"AUDIENCE": 7},
        {"JTI_CLAIM": None},
    ):
        # Nobody is told of the change: the package itself would not start.
        monkeypatch.setattr("django.conf.settings.SIMPLE_JWT", {**configured, **wrong})
        assert refused(token), wrong


@given(
    st.dictionaries(
        st.sampled_from(["jti", "user_id", "exp", "token_type", "iat", "nbf", "hash_password"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()),
    )
)
def test_whatever_is_signed_is_read_or_refused(claims: dict[str, Any]) -> None:
    """The reader is total over what the holder of the old key may sign."""
    token = sign({"jti": "a", "user_id": "1", "exp": 4e9, "token_type": "refresh", **claims})
    try:
        read = parse_carried_token(token, token_format(), now=time.time())
    except errors.RefreshInvalid:
        return
    assert read.family_id == carried_family_id(read.jti)


@given(st.text(), st.text())
def test_names_of_families_tell_ids_apart_and_give_none_away(one: str, other: str) -> None:
    """UUIDs of version 8 in one range, and a random value that is another digest."""
    family = carried_family_id(one)
    assert (family.version, FAMILIES[0] < family < FAMILIES[1]) == (8, True)
    assert (family == carried_family_id(other)) is (one == other)
    assert len(carried_random_value(one)) == 22
    assert (carried_random_value(one) == carried_random_value(other)) is (one == other)


def test_a_token_keeps_its_secrets_to_itself(user: Any) -> None:
    """What errors and logs may show of it has no key and no digest of a password."""
    shown = repr(token_format()) + repr(parse_carried_token(issue(user), token_format(), now=time.time()))
    assert "a-key-of-its-own" not in shown
    assert "password_digest" not in shown
    assert CarriedToken.__name__ in shown


# --- races --------------------------------------------------------------------------------------------------

ROUNDS = 5
RACERS = 8


@pytest.mark.django_db(transaction=True)
def test_one_of_many_exchanges_it(user: Any) -> None:
    """However many present it at once: one generation advanced, the same current token for everybody."""
    for _ in range(ROUNDS):
        token = carried(user)
        rotations = together(*[partial(rotate_refresh_token, token)] * RACERS)
        outcomes = [rotation.outcome for rotation in rotations]
        assert outcomes.count(Outcome.ROTATED) == 1
        assert outcomes.count(Outcome.REPEATED) == RACERS - 1
        assert len({rotation.pair.refresh for rotation in rotations if rotation.pair}) == 1
        family = family_of(token)
        assert (family.generation, family.parent, family.revoked_at) == (2, 1, None)
        assert BlacklistedToken.objects.filter(token__jti=jti_of(token)).count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_side_wins(user: Any, settings: Any) -> None:
    """Rotated on the old side or exchanged on the new one, never both."""
    settings.SIMPLE_JWT = {
        **settings.SIMPLE_JWT,
        "ROTATE_REFRESH_TOKENS": True,
        "BLACKLIST_AFTER_ROTATION": True,
    }
    for _ in range(ROUNDS):
        token = carried(user)
        sides = [refresh, refresh, old_refresh, old_refresh]
        statuses = [answer.status_code for answer in together(*(partial(side, token) for side in sides))]
        new, old = statuses[:2], statuses[2:]
        assert (set(new), sorted(old)) in [({200}, [401, 401]), ({401}, [200, 401])]
        assert TokenFamily.objects.filter(fid=family_of(token).fid, generation=2).exists() is (
            set(new) == {200}
        )
        OutstandingToken.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_a_sign_out_and_an_exchange_at_once(user: Any) -> None:
    """Whoever is first: no exchange goes on from a session that has ended."""
    for _ in range(ROUNDS):
        token = carried(user)
        pieces: list[Callable[[], object]] = [
            partial(rotate_refresh_token, token),
            partial(end_session, family_of(token).session_id),
        ]
        rotation = together(*pieces)[0]
        assert isinstance(rotation, Rotation)
        if rotation.pair is not None:
            assert refused(rotation.pair.refresh)
        assert refused(token)
