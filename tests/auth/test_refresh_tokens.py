"""Refresh tokens and `judge`: what each presented token deserves, and that nothing else parses."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jotpass import jose
from jotpass.auth import errors
from jotpass.auth.refresh_tokens import (
    REFRESH_TOKEN_TYPE,
    FamilyState,
    Outcome,
    PresentedToken,
    RotationPolicy,
    Verdict,
    judge,
    mint_refresh_token,
    parse_refresh_token,
)
from jotpass.keys.derived import derive_key_ring

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
FAMILY = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
ISSUER = "https://id.example"
RANDOM = "a-random-value-of-22ch"
KEYS = derive_key_ring(("a secret of thirty-two characters or more",), purpose="refresh_token", issuer=ISSUER)
POLICY = RotationPolicy(grace=timedelta(seconds=10), recovery=timedelta(hours=1))
MICROSECOND = timedelta(microseconds=1)

ROW = FamilyState(
    generation=5,
    parent=4,
    rotated_at=NOW - timedelta(minutes=5),
    random_value=RANDOM,
    ends_at=NOW + timedelta(days=1),
    revoked=False,
)
TOKEN = PresentedToken(
    family_id=FAMILY, generation=5, expires_at=NOW + timedelta(hours=1), random_value=RANDOM
)

generations = st.integers(1, 6) | st.integers(1, 2**63 - 2)
seconds = st.sampled_from([0, 1, 10, 60, 3600])
moments = st.builds(
    lambda offset, jitter: NOW + timedelta(seconds=offset) + jitter * MICROSECOND,
    st.sampled_from([-86_400, -3600, -60, -10, -1, 0, 1, 10, 60, 3600, 86_400]),
    st.integers(-1, 1),
)
rows = st.builds(
    FamilyState,
    generation=generations,
    parent=st.integers(0, 6) | st.integers(0, 2**63 - 2),
    rotated_at=moments,
    random_value=st.sampled_from([RANDOM, "another-random-value.."]),
    ends_at=moments,
    revoked=st.booleans(),
)
tokens = st.builds(
    PresentedToken,
    family_id=st.just(FAMILY),
    generation=generations,
    expires_at=moments,
    random_value=st.sampled_from([RANDOM, "another-random-value.."]),
)
policies = st.builds(
    RotationPolicy,
    grace=seconds.map(lambda value: timedelta(seconds=value)),
    recovery=seconds.map(lambda value: timedelta(seconds=value)),
)


def expected(row: FamilyState, token: PresentedToken, now: datetime, policy: RotationPolicy) -> Outcome:
    """The rules once more, as a table of conditions of which exactly one must hold."""
    ours = token.random_value == row.random_value
    alive = ours and not row.revoked and now < row.ends_at and now < token.expires_at
    age = now - row.rotated_at
    parent = token.generation == row.parent and token.generation < row.generation
    in_grace = parent and bool(policy.grace) and age <= policy.grace
    in_recovery = parent and not in_grace and bool(policy.recovery) and age <= policy.recovery
    conditions = {
        Outcome.FOREIGN: not ours,
        Outcome.REVOKED: ours and row.revoked,
        Outcome.EXPIRED: ours and not row.revoked and not alive,
        Outcome.ROTATED: alive and token.generation == row.generation,
        Outcome.AHEAD: alive and token.generation > row.generation,
        Outcome.REPEATED: alive and in_grace,
        Outcome.RECOVERED: alive and in_recovery,
        Outcome.REUSED: alive and token.generation < row.generation and not in_grace and not in_recovery,
    }
    (outcome,) = [outcome for outcome, holds in conditions.items() if holds]
    return outcome


@given(rows, tokens, moments, policies)
@example(ROW, TOKEN, NOW, POLICY)
@example(ROW, replace(TOKEN, generation=4), ROW.rotated_at, POLICY)
@example(ROW, replace(TOKEN, generation=4), ROW.rotated_at, RotationPolicy(timedelta(0), timedelta(0)))
def test_every_combination_has_exactly_one_verdict(
    row: FamilyState, token: PresentedToken, now: datetime, policy: RotationPolicy
) -> None:
    """Judgement is total, and says what the rules say."""
    assert judge(row, token, now, policy).outcome is expected(row, token, now, policy)


@given(rows, tokens, moments, policies)
def test_a_generation_never_goes_back(
    row: FamilyState, token: PresentedToken, now: datetime, policy: RotationPolicy
) -> None:
    """What a verdict writes is newer than row and token; what it does not write is the row as it was."""
    verdict = judge(row, token, now, policy)
    if verdict.writes:
        assert verdict.generation == max(row.generation, token.generation) + 1
        assert verdict.parent == token.generation
    else:
        assert (verdict.generation, verdict.parent) == (row.generation, row.parent)


@given(rows, tokens, moments, policies)
def test_judgement_is_pure(
    row: FamilyState, token: PresentedToken, now: datetime, policy: RotationPolicy
) -> None:
    """The same arguments have the same verdict, and none of them is changed."""
    before = (replace(row), replace(token), replace(policy))
    assert judge(row, token, now, policy) == judge(row, token, now, policy)
    assert before == (row, token, policy)


@pytest.mark.parametrize("outcome", Outcome)
def test_what_writes_also_grants(outcome: Outcome) -> None:
    """Only a verdict that gives a pair changes the row; repeating the current token changes nothing."""
    verdict = Verdict(outcome, 1, 0)
    assert verdict.grants or not verdict.writes
    assert verdict.grants == (
        outcome in {Outcome.ROTATED, Outcome.RECOVERED, Outcome.AHEAD, Outcome.REPEATED}
    )
    assert verdict.grants == verdict.writes or outcome is Outcome.REPEATED


@pytest.mark.parametrize(
    ("age", "outcome"),
    [
        (timedelta(0), Outcome.REPEATED),
        (POLICY.grace, Outcome.REPEATED),
        (POLICY.grace + MICROSECOND, Outcome.RECOVERED),
        (POLICY.recovery, Outcome.RECOVERED),
        (POLICY.recovery + MICROSECOND, Outcome.REUSED),
    ],
)
def test_the_parent_is_judged_by_its_age(age: timedelta, outcome: Outcome) -> None:
    """Repeated up to the end of the grace, recovered up to the end of the recovery, then it is reuse."""
    assert judge(ROW, replace(TOKEN, generation=4), ROW.rotated_at + age, POLICY).outcome is outcome


@pytest.mark.parametrize("age", [timedelta(seconds=-1), timedelta(0), MICROSECOND])
def test_zero_switches_both_windows_off(age: timedelta) -> None:
    """Without grace and recovery the parent is reuse, even in the moment of its replacement."""
    off = RotationPolicy(grace=timedelta(0), recovery=timedelta(0))
    assert judge(ROW, replace(TOKEN, generation=4), ROW.rotated_at + age, off).outcome is Outcome.REUSED


def test_recovery_works_without_grace() -> None:
    """The two windows are set apart: the parent starts over at once when there is no grace."""
    policy = RotationPolicy(grace=timedelta(0), recovery=timedelta(hours=1))
    verdict = judge(ROW, replace(TOKEN, generation=4), ROW.rotated_at, policy)
    assert verdict == Verdict(Outcome.RECOVERED, generation=6, parent=4)


def test_recovery_voids_the_successor_that_never_arrived() -> None:
    """After a recovery, the generation that was not returned is neither current nor parent: reuse."""
    recovered = judge(ROW, replace(TOKEN, generation=4), NOW, POLICY)
    row = replace(ROW, generation=recovered.generation, parent=recovered.parent, rotated_at=NOW)
    assert judge(row, replace(TOKEN, generation=5), NOW, POLICY).outcome is Outcome.REUSED
    assert judge(row, replace(TOKEN, generation=6), NOW, POLICY).outcome is Outcome.ROTATED


def test_a_grandparent_is_reuse_within_the_grace() -> None:
    """Only the immediate parent is answered, however young the rotation."""
    assert judge(ROW, replace(TOKEN, generation=3), ROW.rotated_at, POLICY).outcome is Outcome.REUSED


def test_generation_zero_is_nobodys_token() -> None:
    """A new row has parent 0, and no token says 0: the first generation has no parent to present."""
    fresh = replace(ROW, generation=1, parent=0, rotated_at=NOW)
    with pytest.raises(errors.RefreshInvalid):
        parse_refresh_token(
            mint_refresh_token(replace(TOKEN, generation=0), issuer=ISSUER, keys=KEYS),
            issuer=ISSUER,
            keys=KEYS,
        )
    assert judge(fresh, replace(TOKEN, generation=1), NOW, POLICY).outcome is Outcome.ROTATED


def test_a_token_ahead_of_its_row_rotates_from_itself() -> None:
    """We signed it, so the row was restored from a backup: go on after the token's generation."""
    assert judge(ROW, replace(TOKEN, generation=9), NOW, POLICY) == Verdict(Outcome.AHEAD, 10, 9)


@pytest.mark.parametrize("offset", [timedelta(0), MICROSECOND])
def test_a_token_ends_at_its_expiry(offset: timedelta) -> None:
    """At `exp` itself, and at the end of the session, nothing is left."""
    assert judge(ROW, TOKEN, TOKEN.expires_at + offset, POLICY).outcome is Outcome.EXPIRED
    assert judge(ROW, TOKEN, TOKEN.expires_at - MICROSECOND, POLICY).outcome is Outcome.ROTATED
    ended = replace(ROW, ends_at=NOW)
    assert judge(ended, TOKEN, NOW + offset, POLICY).outcome is Outcome.EXPIRED


def test_a_replaced_token_of_a_revoked_family_is_not_told_apart() -> None:
    """Revoked comes before reuse: the family has nothing left to revoke."""
    assert judge(replace(ROW, revoked=True), replace(TOKEN, generation=1), NOW, POLICY) == Verdict(
        Outcome.REVOKED, 5, 4
    )


# --- the token itself ---------------------------------------------------------------------------------------


def test_a_token_is_the_same_bytes_every_time() -> None:
    """Minting is a pure function, so that the current token can be said again and is never stored."""
    first = mint_refresh_token(TOKEN, issuer=ISSUER, keys=KEYS)
    again = mint_refresh_token(replace(TOKEN), issuer=ISSUER, keys=KEYS)
    assert first == again


@given(
    generation=st.integers(1, 2**63 - 2),
    expires_at=st.datetimes(datetime(1971, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    family_id=st.uuids(),
)
def test_what_is_minted_parses(generation: int, expires_at: datetime, family_id: UUID) -> None:
    """A token comes back as what it says, to the second."""
    whole = expires_at.replace(microsecond=0)
    token = PresentedToken(family_id, generation, whole, RANDOM)
    assert parse_refresh_token(
        mint_refresh_token(token, issuer=ISSUER, keys=KEYS), issuer=ISSUER, keys=KEYS
    ) == (token)


def test_a_token_says_nothing_of_its_user() -> None:
    """Issuer, family, generation, expiry, random value: no subject and no claim of the project."""
    read = jose.peek_unverified(mint_refresh_token(TOKEN, issuer=ISSUER, keys=KEYS))
    assert set(read.claims) == {"iss", "fid", "gen", "exp", "rnd"}
    assert read.header["typ"] == REFRESH_TOKEN_TYPE
    assert read.header["alg"] == "HS256"


CLAIMS = {"iss": ISSUER, "fid": FAMILY.hex, "gen": 1, "exp": 2_000_000_000, "rnd": RANDOM}


def signed(typ: str | None = REFRESH_TOKEN_TYPE, **claims: Any) -> str:
    """A token signed with the key of refresh tokens, whatever it says."""
    members = {name: value for name, value in (CLAIMS | claims).items() if value is not ...}
    return jose.sign_jwt(members, KEYS.signing, algorithm="HS256", typ=typ)


ODD = [None, True, False, [], {}, "", "1", -1, 0.5, 10**60, 1e300, ["a"], {"a": 1}, "\x00", "\U0001f600" * 99]


@pytest.mark.parametrize("value", [*ODD, ...], ids=repr)
@pytest.mark.parametrize("name", ["fid", "gen", "rnd"])
def test_odd_claims_in_a_token_that_we_signed_are_refused(name: str, value: object) -> None:
    """A claim of another type or range, or none, is `refresh_invalid`, or a random value that no row has."""
    claims: dict[str, Any] = {name: value}
    token = signed(**claims)
    try:
        parsed = parse_refresh_token(token, issuer=ISSUER, keys=KEYS)
    except errors.RefreshInvalid:
        return
    assert name == "rnd"
    assert isinstance(value, str)
    assert judge(ROW, parsed, NOW, POLICY).outcome is Outcome.FOREIGN


@pytest.mark.parametrize("value", [-1, 10**60, 253_402_300_800, 1e300, ...], ids=repr)
def test_an_expiry_that_is_no_date_is_refused(value: object) -> None:
    """Beyond the year 9999, before the epoch, or absent: `refresh_invalid`, not an overflow."""
    with pytest.raises(errors.RefreshInvalid):
        parse_refresh_token(signed(exp=value), issuer=ISSUER, keys=KEYS)


@pytest.mark.parametrize("typ", [None, "JWT", "at+jwt", "application/at+jwt"])
def test_another_kind_of_token_is_refused(typ: str | None) -> None:
    """The type keeps tokens apart even under the same key."""
    with pytest.raises(errors.RefreshInvalid):
        parse_refresh_token(signed(typ), issuer=ISSUER, keys=KEYS)


def test_a_token_of_another_issuer_is_refused() -> None:
    """Both by the key, which is derived for the issuer, and by the claim."""
    other = derive_key_ring(
        ("a secret of thirty-two characters or more",), purpose="refresh_token", issuer="https://x.example"
    )
    with pytest.raises(errors.RefreshInvalid):
        parse_refresh_token(mint_refresh_token(TOKEN, issuer=ISSUER, keys=other), issuer=ISSUER, keys=KEYS)
    with pytest.raises(errors.RefreshInvalid):
        parse_refresh_token(signed(iss="https://x.example"), issuer=ISSUER, keys=KEYS)


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", fullmatch=True))
def test_any_text_is_refused(text: str) -> None:
    """Whatever comes, it is `refresh_invalid`."""
    with pytest.raises(errors.RefreshInvalid):
        parse_refresh_token(text, issuer=ISSUER, keys=KEYS)


def test_a_verdict_cannot_be_changed() -> None:
    """Decisions are values."""
    with pytest.raises(FrozenInstanceError):
        judge(ROW, TOKEN, NOW, POLICY).generation = 99  # type: ignore[misc]
