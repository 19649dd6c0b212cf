"""The stored key ring: it begins by itself, rolls over, forgets what is revoked, and shows nothing secret."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Event as Flag
from threading import Thread, Timer, current_thread
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections, transaction
from django.test import Client
from django.utils import timezone

from jotpass import jose
from jotpass.auth import errors, live_key_ring, signing_keys
from jotpass.auth.authentication import authenticate_access_token
from jotpass.auth.feed import PATIENCE, POLL_INTERVAL
from jotpass.auth.key_checks import check_fallback_keys, check_named_issuer, check_stored_keys
from jotpass.auth.key_ring import access_key_ring, refresh_key_ring
from jotpass.auth.lifetimes import Lifetimes
from jotpass.auth.live_key_ring import LiveKeyRing, StoredKeys, hurry_all
from jotpass.auth.management import key_commands
from jotpass.auth.models import SigningKey, session_database
from jotpass.auth.rotation import rotate_refresh_token
from jotpass.auth.sessions import start_session
from jotpass.auth.signing_keys import revoke_key, rewrap, ring_keys, roll_over
from jotpass.auth.sites import Site
from jotpass.keys.sealing import SealBroken, open_key
from jotpass.testing import fresh_feed
from tests.auth.people import claims_of
from tests.auth.together import together

if TYPE_CHECKING:
    from jotpass.auth.events import Event

ISSUER = "https://id.example"
PAIRS = ("ES256", "RS256", "PS256", "Ed25519")


@pytest.fixture(autouse=True)
def _key_pair(settings: Any) -> None:
    settings.JOTPASS = {"ISSUER": ISSUER, "AUDIENCE": ISSUER, "SIGNING_ALGORITHM": "ES256"}


def row(state: str) -> SigningKey:
    """The one key in this state."""
    return SigningKey.objects.get(issuer=ISSUER, state=state)


def kid_of(token: str) -> str:
    """Who signed it."""
    return str(jose.peek_unverified(token).header["kid"])


def accepted(token: str) -> bool:
    """Whether this process takes it for an access token."""
    try:
        authenticate_access_token(token)
    except errors.CredentialError:
        return False
    return True


@pytest.mark.parametrize("algorithm", PAIRS)
def test_a_fresh_project_just_works(user: Any, settings: Any, algorithm: str) -> None:
    """The first sign-in makes the first keys: one that signs, one that signs next; nobody did anything."""
    settings.JOTPASS = settings.JOTPASS | {"SIGNING_ALGORITHM": algorithm}
    pair = start_session(user)
    assert jose.peek_unverified(pair.access).header["alg"] == algorithm
    assert accepted(pair.access)
    assert kid_of(pair.access) == row("signing").kid
    assert row("pending").algorithm == algorithm
    assert jose.peek_unverified(pair.refresh).header["alg"] == "HS256"
    renewed = rotate_refresh_token(pair.refresh).pair
    assert renewed is not None
    assert accepted(renewed.access)


def test_verifying_alone_makes_no_keys(db: None) -> None:
    """What anybody may send causes no write."""
    forged = jose.sign_jwt({"iss": ISSUER}, jose.Key.generate("ES256"), typ="at+jwt")
    assert not accepted(forged)
    assert not SigningKey.objects.exists()


def test_a_rollover_lets_old_tokens_live(user: Any, events: list[Event]) -> None:
    """The pending key signs, the one that signed retires, the next is published; nobody is signed out."""
    old = start_session(user)
    signing, pending = row("signing").kid, row("pending").kid
    assert roll_over(ISSUER).changed
    new = start_session(user)
    assert (kid_of(old.access), kid_of(new.access)) == (signing, pending)
    assert accepted(old.access)
    assert accepted(new.access)
    assert row("retiring").kid == signing
    assert row("retiring").verifies_until > row("retiring").retired_at + timedelta(minutes=5)  # type: ignore[operator]
    assert row("pending").kid not in {signing, pending}


def test_a_rollover_is_told(user: Any, events: list[Event], django_capture_on_commit_callbacks: Any) -> None:
    """As an event that names both keys."""
    start_session(user)
    signing, pending = row("signing").kid, row("pending").kid
    with django_capture_on_commit_callbacks(execute=True):
        roll_over(ISSUER)
    (event,) = (event for event in events if event.name == "key_rolled_over")
    assert event.reason == f"{signing} -> {pending}"


def test_a_key_does_not_sign_before_every_verifier_can_have_it(user: Any) -> None:
    """A second rollover at once would outrun the JWK Sets that others keep; it says how long to wait."""
    start_session(user)
    assert roll_over(ISSUER).changed
    signing = row("signing").kid
    again = roll_over(ISSUER)
    assert not again.changed
    assert 300 < again.wait <= 360
    assert row("signing").kid == signing
    assert roll_over(ISSUER, at_once=True).changed
    assert row("signing").kid != signing


def test_a_retired_key_ends_with_its_last_token(user: Any, db: None) -> None:
    """And its private part went when it stopped signing."""
    start_session(user)
    roll_over(ISSUER)
    retired = row("retiring")
    opened = open_key(retired.sealed, signing_keys.secrets_of_project(), issuer=ISSUER, kid=retired.kid)
    assert not opened.key.is_private
    SigningKey.objects.filter(kid=retired.kid).update(verifies_until=retired.created_at)
    hurry_all()
    ring = access_key_ring(ISSUER)
    assert retired.kid not in {key.kid for key in ring.verification}
    assert roll_over(ISSUER, at_once=True).changed
    assert SigningKey.objects.get(kid=retired.kid).state == "removed"


@pytest.mark.parametrize("state", ["signing", "retiring", "pending"])
def test_a_revoked_key_verifies_nothing(user: Any, state: str) -> None:
    """Tokens that the process has verified before included; another key signs at once."""
    start_session(user)
    roll_over(ISSUER)
    kid = row(state).kid
    pair = start_session(user)
    assert accepted(pair.access)
    assert revoke_key(ISSUER, kid)
    assert not revoke_key(ISSUER, kid)
    assert accepted(pair.access) is (kid_of(pair.access) != kid)
    assert SigningKey.objects.get(kid=kid).sealed == ""
    after = start_session(user)
    assert kid_of(after.access) != kid
    assert accepted(after.access)
    assert row("pending").kid != kid
    renewed = rotate_refresh_token(pair.refresh).pair
    assert renewed is not None
    assert accepted(renewed.access)


def test_nothing_secret_is_stored_in_clear(user: Any) -> None:
    """A row has no private member anybody could read, and opens under its own name and issuer alone."""
    start_session(user)
    signing = row("signing")
    secrets = signing_keys.secrets_of_project()
    key = open_key(signing.sealed, secrets, issuer=ISSUER, kid=signing.kid).key
    secret = str(key.to_jwk(private=True)["d"])
    assert secret not in json.dumps(list(SigningKey.objects.values()), default=str)
    for issuer, kid in ((ISSUER, row("pending").kid), ("https://other.example", signing.kid)):
        with pytest.raises(SealBroken):
            open_key(signing.sealed, secrets, issuer=issuer, kid=kid)


def test_two_signing_keys_are_impossible(user: Any) -> None:
    """The database holds one per issuer, whatever the code tries."""
    start_session(user)
    with pytest.raises(DatabaseError), transaction.atomic():
        SigningKey.objects.filter(state="pending").update(state="signing")


def test_a_fallback_opens_and_rewrap_ends_that(user: Any, settings: Any) -> None:
    """SECRET_KEY may change; afterwards every live key is sealed under the new one."""
    pair = start_session(user)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = (
        "n" * 20 + "ewer-secret-1234567890",
        [settings.SECRET_KEY],
    )
    assert accepted(pair.access)
    assert {signing_keys.opened_by(found) for found in SigningKey.objects.all()} == {1}
    assert rewrap(ISSUER) == (2, 0)
    assert {signing_keys.opened_by(found) for found in SigningKey.objects.all()} == {0}
    assert rewrap(ISSUER) == (0, 0)
    settings.SECRET_KEY_FALLBACKS = []
    assert accepted(pair.access)


def test_a_key_that_nothing_opens_is_a_503_and_can_be_replaced(
    user: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer says no more than that; the log names the key; revoking it starts afresh."""
    start_session(user)
    settings.SECRET_KEY = "another-secret-altogether:1234567890abcdefghij"
    with pytest.raises(errors.ServiceUnavailable):
        start_session(user)
    assert row("signing").kid in caplog.text
    assert row("signing").sealed not in caplog.text
    assert rewrap(ISSUER) == (0, 2)
    assert revoke_key(ISSUER, row("signing").kid)
    assert accepted(start_session(user).access)


def test_tokens_of_before_live_out_their_time(user: Any, settings: Any) -> None:
    """From HS256 to a key pair: what was signed just before is accepted, and no longer than it may live."""
    es256 = settings.JOTPASS
    settings.JOTPASS = es256 | {"SIGNING_ALGORITHM": "HS256"}
    before = start_session(user)
    settings.JOTPASS = es256
    assert accepted(start_session(user).access)
    assert accepted(before.access)
    SigningKey.objects.update(created_at=row("signing").created_at - timedelta(minutes=6))
    hurry_all()
    assert not accepted(before.access)
    renewed = rotate_refresh_token(before.refresh).pair
    assert renewed is not None
    assert accepted(renewed.access)


def test_longer_tokens_of_before_live_out_their_time_too(user: Any, settings: Any) -> None:
    """Where LIFETIMES gave a session more than ACCESS_TOKEN_LIFETIME, and clocks may differ."""
    es256 = settings.JOTPASS | {
        "ISSUER": "https://longer.example",
        "LIFETIMES": lambda *_, **__: Lifetimes(access=timedelta(minutes=30)),
        "LEEWAY": 60,
    }
    settings.JOTPASS = es256 | {"SIGNING_ALGORITHM": "HS256"}
    before = start_session(user)
    settings.JOTPASS = es256
    assert accepted(start_session(user).access)
    keys = SigningKey.objects.filter(issuer="https://longer.example")
    for minutes, lives in ((29, True), (32, False)):
        keys.update(created_at=timezone.now() - timedelta(minutes=minutes))
        hurry_all()
        assert accepted(before.access) is lives


def test_another_algorithm_comes_with_the_rollover_after_next(user: Any, settings: Any) -> None:
    """The pending key is replaced by one of the new kind, and that signs when it was published for long."""
    start_session(user)
    settings.JOTPASS = settings.JOTPASS | {"SIGNING_ALGORITHM": "Ed25519"}
    old = start_session(user)
    assert jose.peek_unverified(old.access).header["alg"] == "ES256"
    assert not roll_over(ISSUER).changed
    assert row("pending").algorithm == "Ed25519"
    assert roll_over(ISSUER, at_once=True).changed
    new = start_session(user)
    assert jose.peek_unverified(new.access).header["alg"] == "Ed25519"
    assert accepted(old.access)
    assert accepted(new.access)


def test_issuers_have_keys_of_their_own(user: Any) -> None:
    """A token of one is nobody's at the other, even under the other's name."""
    other = Site("https://other.example", ISSUER)
    pair = start_session(user)
    assert accepted(pair.access)
    with pytest.raises(errors.TokenInvalid):
        authenticate_access_token(pair.access, site=other)
    stolen = jose.sign_jwt(
        dict(claims_of(pair.access)) | {"iss": other.issuer}, access_key_ring(ISSUER).signing, typ="at+jwt"
    )
    with pytest.raises(errors.TokenInvalid):
        authenticate_access_token(stolen, site=other)
    assert refresh_key_ring(ISSUER) != refresh_key_ring(other.issuer)


# --- jwks.json ----------------------------------------------------------------------------------------------


def test_the_jwk_set_holds_public_keys_and_the_pending_one(user: Any) -> None:
    """What verifies now and what will: whoever has the document can verify across the next rollover."""
    answer = Client().get("/.well-known/jwks.json")
    keys = {member["kid"]: member for member in json.loads(answer.content)["keys"]}
    assert set(keys) == {row("signing").kid, row("pending").kid}
    for member in keys.values():
        assert member["use"] == "sig"
        assert member["alg"] == "ES256"
        assert {"d", "k", "p", "q"}.isdisjoint(member)
    token = start_session(user).access
    found = jose.verify_jwt(
        token, jose.KeySet.from_json(answer.content), issuer=ISSUER, audience=ISSUER, typ="at+jwt"
    )
    assert found["sub"] == str(user.pk)
    roll_over(ISSUER)
    token = start_session(user).access
    assert kid_of(token) in keys


def test_an_unchanged_jwk_set_is_not_sent_twice(db: None) -> None:
    """ETag and If-None-Match; another rollover is another document (RFC 9110 s13.1.2)."""
    client = Client()
    first = client.get("/.well-known/jwks.json")
    assert first["Cache-Control"] == "public, max-age=300"
    again = client.get("/.well-known/jwks.json", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"] == first["Cache-Control"]
    roll_over(ISSUER)
    changed = client.get("/.well-known/jwks.json", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_keys_that_cannot_be_read_are_a_503(db: None) -> None:
    """In the shape of the contract, with Retry-After."""
    with mock.patch.object(signing_keys, "ring_keys", side_effect=DatabaseError("secret detail")):
        answer = Client().get("/.well-known/jwks.json")
    assert answer.status_code == 503
    assert json.loads(answer.content)["code"] == "service_unavailable"
    assert b"secret detail" not in answer.content
    assert answer["Retry-After"]


# --- the ring in memory -------------------------------------------------------------------------------------


class Store:
    """Keys somewhere, a clock to set, and how often they were read."""

    def __init__(self) -> None:
        self.keys = StoredKeys(None, jose.KeySet([]), begun=True)
        self.reads = 0
        self.now = 0.0
        self.broken = False

    def read(self, latest: StoredKeys | None) -> StoredKeys:
        """Read, or fail."""
        self.reads += 1
        if self.broken:
            raise DatabaseError
        return self.keys

    def ring(self) -> LiveKeyRing:
        """A ring on top."""
        return LiveKeyRing(self.read, lambda: None, lambda: 30.0, lambda: self.now)


def test_it_reads_once_a_second() -> None:
    """However many requests come."""
    store = Store()
    ring = store.ring()
    for now in (0.0, 0.5, 0.9, 1.0, 1.5):
        store.now = now
        assert ring.verification is store.keys.verification
    assert store.reads == 2


def test_it_lives_through_a_database_that_is_away_and_no_longer_than_it_may() -> None:
    """Then nobody can tell which keys were revoked."""
    store = Store()
    ring = store.ring()
    assert ring.verification is store.keys.verification
    store.broken = True
    store.now = 29.0
    assert ring.verification is store.keys.verification
    store.now = 31.0
    with pytest.raises(errors.ServiceUnavailable):
        ring.verification  # noqa: B018
    store.broken = False
    store.now = 32.5
    assert ring.verification is store.keys.verification


def test_a_database_that_is_away_is_asked_once_a_second() -> None:
    """Also where nothing is known yet: a failing one must not be asked by each request in turn."""
    store = Store()
    ring = store.ring()
    store.broken = True
    for now in (0.0, 0.5, 0.9, 1.1):
        store.now = now
        with pytest.raises(errors.ServiceUnavailable):
            ring.verification  # noqa: B018
    assert store.reads == 2
    assert ring.is_failing
    ring.hurry()
    store.broken = False
    assert ring.verification is store.keys.verification
    assert not ring.is_failing


def test_a_failure_counts_from_its_end() -> None:
    """Those who waited while the database hung do not each let it hang again."""
    store = Store()

    def hang(latest: StoredKeys | None) -> StoredKeys:
        store.reads += 1
        store.now += 60.0
        raise DatabaseError

    ring = LiveKeyRing(hang, lambda: None, lambda: 30.0, lambda: store.now)
    for _ in range(3):
        with pytest.raises(errors.ServiceUnavailable):
            ring.verification  # noqa: B018
    assert store.reads == 1


def test_who_has_nothing_to_go_by_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread reads from a database that hangs; no other follows it."""
    monkeypatch.setattr(live_key_ring, "LONG_PATIENCE", 0.05)
    reading, go_on = Flag(), Flag()
    keys = StoredKeys(None, jose.KeySet([]), begun=True)

    def hang(latest: StoredKeys | None) -> StoredKeys:
        reading.set()
        assert go_on.wait(30)
        return keys

    ring = LiveKeyRing(hang, lambda: None, lambda: 30.0)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lambda: ring.verification)
        assert reading.wait(30)
        with pytest.raises(errors.ServiceUnavailable):
            ring.verification  # noqa: B018
        go_on.set()
        assert first.result(30) is keys.verification


def test_a_database_that_hangs_is_waited_for_once() -> None:
    """Who comes when patience with the reading is used up goes by the last keys at once."""
    reading, go_on = Flag(), Flag()
    store = Store()
    key = jose.Key.generate("ES256")
    keys = StoredKeys(key, jose.KeySet([key.public_key()]), begun=True)
    asked: list[float] = []

    def hang(latest: StoredKeys | None) -> StoredKeys:
        if latest is not None:
            reading.set()
            assert go_on.wait(30)
        return keys

    ring = LiveKeyRing(hang, lambda: None, lambda: 30.0, lambda: store.now)
    assert ring.signing is key
    store.now += POLL_INTERVAL
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lambda: ring.signing)
        assert reading.wait(30)
        store.now += PATIENCE
        asked.append(ring._lock.left_of(PATIENCE))
        assert ring.signing is key
        assert not first.done()
        go_on.set()
        assert first.result(30) is key
    assert asked == [0.0]
    assert ring._lock.left_of(PATIENCE) == PATIENCE


def test_a_reading_from_before_a_change_is_not_fresh() -> None:
    """Whoever wrote while somebody was reading is not answered by what was read before."""
    before = StoredKeys(None, jose.KeySet([]), begun=False)
    key = jose.Key.generate("ES256")
    after = StoredKeys(key, jose.KeySet([key.public_key()]), begun=True)
    stored = before

    def read_slowly(latest: StoredKeys | None) -> StoredKeys:
        nonlocal stored
        found = stored
        if found is before:
            stored = after
            ring.hurry()
        return found

    ring = LiveKeyRing(read_slowly, lambda: None, lambda: 30.0, lambda: 0.0)
    assert ring.verification is before.verification
    assert not ring.is_fresh
    assert ring.signing is key
    assert ring.is_fresh


def test_the_first_sign_ins_race_without_a_failure() -> None:
    """A thread whose reading began before the first key was stored ends after it; nobody is answered 503."""
    empty = StoredKeys(None, jose.KeySet([]), begun=False)
    key = jose.Key.generate("ES256")
    stored = [empty]
    reading, go_on = Flag(), Flag()

    def read(latest: StoredKeys | None) -> StoredKeys:
        found = stored[-1]
        if current_thread().name == "slow":
            reading.set()
            assert go_on.wait(30)
        return found

    def begin() -> None:
        ring.hurry()
        slow.start()
        assert reading.wait(30)
        stored.append(StoredKeys(key, jose.KeySet([key.public_key()]), begun=True))
        Timer(0.05, go_on.set).start()

    ring = LiveKeyRing(read, begin, lambda: 30.0)
    slow = Thread(target=lambda: ring.verification, name="slow")
    assert ring.signing is key
    slow.join(30)


def test_a_broken_transaction_is_nobodys_failure(db: None) -> None:
    """What cannot be read over the connection of one request can be over that of the next."""
    ring = access_key_ring(ISSUER)
    assert isinstance(ring, LiveKeyRing)
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(errors.ServiceUnavailable):
            ring.verification  # noqa: B018
        transaction.set_rollback(False)
    assert not ring.is_failing
    assert ring.verification is not None


def test_rings_come_and_go_while_all_are_told() -> None:
    """Each request of a new site may begin a ring, in any thread."""
    rings: list[LiveKeyRing] = []

    def begin_many() -> None:
        rings.extend(Store().ring() for _ in range(3000))

    with ThreadPoolExecutor(2) as pool:
        begun = [pool.submit(begin_many) for _ in range(2)]
        while not all(task.done() for task in begun):
            hurry_all()
        for task in begun:
            task.result()
    assert len(rings) == 6000


@pytest.mark.django_db(transaction=True)
def test_a_key_of_a_transaction_that_was_undone_signs_nothing() -> None:
    """Whatever other threads read meanwhile, over connections of their own."""
    ring = access_key_ring(ISSUER)
    assert isinstance(ring, LiveKeyRing)

    def elsewhere() -> None:
        hurry_all()
        assert ring.verification is not None
        connections.close_all()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        phantom = ring.signing
        pool.submit(elsewhere).result(30)
        assert ring.signing.kid == phantom.kid
        transaction.set_rollback(True)
    assert not SigningKey.objects.exists()
    assert ring.signing.kid != phantom.kid
    assert ring.signing.kid == row("signing").kid
    assert ring.is_fresh


@pytest.mark.django_db(transaction=True)
def test_a_key_that_is_compromised_goes_whatever_others_do() -> None:
    """A rollover at the same moment neither saves it nor locks the two into each other."""
    roll_over(ISSUER)
    for _ in range(8):
        kid = row("signing").kid
        together(
            partial[object](revoke_key, ISSUER, kid),
            *[partial[object](roll_over, ISSUER, at_once=True)] * 2,
        )
        assert SigningKey.objects.get(kid=kid).state == "removed"
        assert row("signing").kid != kid
        assert row("pending").kid != kid


def test_a_revocation_that_somebody_was_faster_than_is_planned_again(user: Any) -> None:
    """The rows had changed since they were read; the key goes none the less."""
    start_session(user)
    kid, planned = row("signing").kid, ring_keys(ISSUER)
    roll_over(ISSUER, at_once=True)
    with mock.patch.object(signing_keys, "ring_keys", side_effect=[planned, ring_keys(ISSUER)]) as read:
        assert revoke_key(ISSUER, kid)
    assert read.call_count == 2
    assert SigningKey.objects.get(kid=kid).state == "removed"


@pytest.mark.django_db(transaction=True)
def test_families_are_asked_before_anything_is_locked() -> None:
    """Of a million of them the longest takes a while, and on SQLite nobody else could write meanwhile."""
    roll_over(ISSUER)
    locked: list[bool] = []

    def last_token(now: Any) -> Any:
        locked.append(connections[session_database()].in_atomic_block)
        return now

    with mock.patch.object(signing_keys, "_last_token", last_token):
        assert roll_over(ISSUER, at_once=True).changed
    assert locked == [False]


def test_removed_keys_are_not_read_each_second(user: Any) -> None:
    """They stay for the record, and would only be more each time."""
    start_session(user)
    for _ in range(3):
        assert revoke_key(ISSUER, row("signing").kid)
    assert SigningKey.objects.count() == 5
    assert {found[1] for found in signing_keys._found(ISSUER, session_database())} == {"signing", "pending"}


@pytest.mark.django_db(transaction=True)
def test_a_commit_is_noticed_at_once() -> None:
    """By the process that wrote, also where somebody else read just before."""
    ring = access_key_ring(ISSUER)
    assert isinstance(ring, LiveKeyRing)
    before = ring.signing.kid

    def seen_elsewhere() -> set[str | None]:
        kids = {key.kid for key in ring.verification}
        connections.close_all()
        return kids

    with transaction.atomic():
        assert revoke_key(ISSUER, str(before))
        with ThreadPoolExecutor(1) as pool:
            assert before in pool.submit(seen_elsewhere).result(30)
    assert before not in {key.kid for key in ring.verification}


def test_unknown_kids_cause_a_reading_in_ten_seconds() -> None:
    """However many an attacker makes up."""
    store = Store()
    ring = store.ring()
    assert ring.verification is not None
    store.now = 0.5
    assert not ring.look_again()
    assert not ring.look_again()
    assert store.reads == 2
    store.now = 10.6
    store.keys = StoredKeys(None, jose.KeySet([]), begun=True)
    assert ring.look_again()


def test_a_token_signed_elsewhere_a_moment_ago_verifies_here(user: Any) -> None:
    """This process has not read for a second, and knows neither key: the unknown kid makes it read."""
    start_session(user)
    ring = access_key_ring(ISSUER)
    assert isinstance(ring, LiveKeyRing)
    with mock.patch.object(signing_keys, "hurry_all"), mock.patch.object(signing_keys, "_mark_unsettled"):
        assert ring.verification is not None
        for _ in range(2):
            roll_over(ISSUER, at_once=True)
        key = open_key(
            row("signing").sealed, signing_keys.secrets_of_project(), issuer=ISSUER, kid=row("signing").kid
        ).key
        token = jose.sign_jwt(dict(claims_of(start_session(user).access)), key, typ="at+jwt")
        assert accepted(token)


# --- the command --------------------------------------------------------------------------------------------


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What the command prints as JSON."""
    call_command("jotpass", "keys", *arguments, "--json")
    return json.loads(capsys.readouterr().out)


def test_the_command_lists_rolls_over_and_revokes(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    """The life of a ring from a terminal; nothing secret is printed."""
    assert said(capsys, "list") == []
    assert said(capsys, "rollover")["rolled_over"] is False
    listed = {key["state"]: key for key in said(capsys, "list")}
    assert set(listed) == {"signing", "pending"}
    assert said(capsys, "rollover")["rolled_over"] is True
    listed = {key["state"]: key for key in said(capsys, "list")}
    assert set(listed) == {"signing", "pending", "retiring"}
    refused = said(capsys, "rollover")
    assert refused["rolled_over"] is False
    assert refused["wait"] > 0
    assert said(capsys, "rollover", "--now")["rolled_over"] is True
    kid = listed["signing"]["kid"]
    assert said(capsys, "revoke", kid) == {"revoked": kid}
    assert kid not in {key["kid"] for key in said(capsys, "list")}
    assert said(capsys, "rewrap") == {"rewrapped": 0, "unreadable": 0}
    text = json.dumps(said(capsys, "list", "--all"))
    assert kid in text
    sealed = filter(None, SigningKey.objects.values_list("sealed", flat=True))
    assert not any(secret in text for secret in sealed)


def test_retire_ends_a_key_in_good_order(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    """A signing one is rolled over, once; a pending one goes; an unknown one is an error."""
    said(capsys, "rollover")
    kid = row("signing").kid
    assert said(capsys, "retire", kid)["rolled_over"] is True
    assert said(capsys, "retire", kid) == {"removed": []}
    pending = row("pending").kid
    assert said(capsys, "retire", pending) == {"removed": [pending]}
    assert row("pending").kid != pending
    assert said(capsys, "retire") == {"removed": []}
    with pytest.raises(CommandError, match="No key"):
        call_command("jotpass", "keys", "retire", "unknown")


def test_the_command_knows_the_keys_of_every_site(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    """`list` shows all of them, and a key is found without saying whose it is; a wrong issuer is an error."""
    other = "https://other.example"
    for issuer in (ISSUER, other):
        roll_over(issuer)
    listed = said(capsys, "list")
    assert [key["issuer"] for key in listed] == [ISSUER, ISSUER, other, other]
    assert {key["issuer"] for key in said(capsys, "list", "--issuer", other)} == {other}
    pending, signing = (
        next(key["kid"] for key in listed if (key["issuer"], key["state"]) == (other, state))
        for state in ("pending", "signing")
    )
    with pytest.raises(CommandError, match="No key"):
        call_command("jotpass", "keys", "revoke", signing, "--issuer", ISSUER)
    assert said(capsys, "retire", pending) == {"removed": [pending]}
    assert said(capsys, "revoke", signing) == {"revoked": signing}
    assert SigningKey.objects.get(kid=signing).state == "removed"
    assert SigningKey.objects.filter(issuer=ISSUER, state="signing").count() == 1


def test_a_key_that_was_not_removed_is_not_said_to_be(db: None) -> None:
    """Where others change the keys all the time, neither `retire` nor `revoke` claims success."""
    roll_over(ISSUER)
    for action in ("retire", "revoke"):
        with (
            mock.patch.object(key_commands, "revoke_key", return_value=False),
            pytest.raises(CommandError, match="look again"),
        ):
            call_command("jotpass", "keys", action, row("pending").kid)


def test_no_key_is_named_like_an_option(user: Any) -> None:
    """A name that begins with a hyphen could not be typed behind `revoke`, when it matters."""
    key, odd = jose.Key.generate("ES256").replace(kid="plain"), jose.Key.generate("ES256").replace(kid="-odd")
    other = jose.Key.generate("ES256").replace(kid="other")
    with mock.patch.object(jose.Key, "generate", side_effect=[odd, key, odd, odd, other]):
        start_session(user)
    assert set(SigningKey.objects.values_list("kid", flat=True)) == {"plain", "other"}


def test_derived_keys_are_not_rolled_over(settings: Any) -> None:
    """With HS256 the command says where the keys come from."""
    settings.JOTPASS = {}
    with pytest.raises(CommandError, match="derived from SECRET_KEY"):
        call_command("jotpass", "keys", "rollover")


# --- checks, and tests of a project -------------------------------------------------------------------------


def check_ids() -> set[str]:
    """What the checks of keys say."""
    asked = [session_database()]
    found = (*check_stored_keys(asked), *check_fallback_keys(asked), *check_named_issuer())
    return {str(message.id) for message in found}


def test_the_checks_find_what_is_wrong(user: Any, settings: Any) -> None:
    """A key that opens by a fallback or by nothing, and an issuer without a name."""
    start_session(user)
    assert check_ids() == set()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a-newer-secret:1234567890abcdefghijklmnopqrst"
    assert check_ids() == {"jotpass.E037"}
    settings.SECRET_KEY_FALLBACKS = []
    assert check_ids() == {"jotpass.E036"}
    settings.JOTPASS = {"SIGNING_ALGORITHM": "ES256"}
    assert "jotpass.E035" in check_ids()


def passes(command: str, *words: str) -> bool:
    """Whether it ends well, its system checks included, which `call_command` leaves out by itself."""
    asked = {} if command == "check" else {"skip_checks": False}
    try:
        call_command(command, *words, stdout=io.StringIO(), stderr=io.StringIO(), **asked)
    except CommandError:
        return False
    return True


def test_a_check_fails_while_a_fallback_opens_a_key_and_migrate_does_not(user: Any, settings: Any) -> None:
    """The release that brings the new SECRET_KEY migrates; who checks the deployment is told to rewrap."""
    start_session(user)
    checks = (["check", "--deploy", "--database", session_database()], ["jotpass", "check"])
    for words in (["migrate"], *checks):
        assert passes(*words)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a-newer-secret:1234567890abcdefghijklmnopqrst"
    assert passes("migrate")
    for words in checks:
        assert not passes(*words)
    rewrap(ISSUER)
    for words in checks:
        assert passes(*words)


def test_migrate_stops_where_a_key_is_lost(user: Any, settings: Any) -> None:
    """A release without the fallback could not sign: the old one goes on, and can."""
    start_session(user)
    settings.SECRET_KEY = "a-newer-secret:1234567890abcdefghijklmnopqrst"
    for words in (["migrate"], ["check", "--database", session_database()], ["jotpass", "check"]):
        assert not passes(*words)


def test_statements_can_be_counted(user: Any, django_assert_num_queries: Any) -> None:
    """Inside `fresh_feed` neither revocations nor keys are read again unless written."""
    token = start_session(user).access
    with fresh_feed():
        with django_assert_num_queries(0):
            assert accepted(token)
            assert accepted(token)
        assert revoke_key(ISSUER, kid_of(token))
        assert not accepted(token)
