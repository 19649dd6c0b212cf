"""How much an exchange asks of the database and of the processor: counted, never timed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, SlidingToken

from jotpass import jose
from jotpass.jose.jwt.token_cache import TokenCache
from tests.simplejwt.people import bearer, create_user

if TYPE_CHECKING:
    from rest_framework.test import APIClient

# Outside of a test's own transaction, BEGIN and COMMIT would show.
pytestmark = pytest.mark.django_db(transaction=True)

ROTATION = {"ROTATE_REFRESH_TOKENS": True}


@pytest.fixture
def signatures(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The claims of every token that is signed during the test."""
    signed: list[bytes] = []
    sign = jose.jws.sign_compact

    def counting(payload: bytes, *args: Any, **options: Any) -> str:
        signed.append(payload)
        return sign(payload, *args, **options)

    monkeypatch.setattr(jose.jws, "sign_compact", counting)
    return signed


@pytest.fixture
def verifications(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every token that is verified during the test."""
    verified: list[Any] = []
    verify = jose.Verifier.verify

    def counting(verifier: jose.Verifier, token: Any, **options: Any) -> Any:
        verified.append(token)
        return verify(verifier, token, **options)

    monkeypatch.setattr(jose.Verifier, "verify", counting)
    return verified


@pytest.mark.parametrize(
    ("configured", "cost"),
    [
        pytest.param({}, (["SELECT", "SELECT"], 1), id="as it comes"),
        pytest.param(ROTATION, (["SELECT", "SELECT", "INSERT"], 2), id="rotation"),
        pytest.param(
            ROTATION | {"BLACKLIST_AFTER_ROTATION": True},
            (["SELECT", "SELECT", "INSERT", "INSERT"], 2),
            id="rotation and blacklist",
        ),
    ],
)
def test_5_2_a_refresh(  # noqa: PLR0917 (fixtures)
    client: APIClient,
    settings: Any,
    signatures: list[bytes],
    verifications: list[Any],
    configured: dict[str, Any],
    cost: tuple[list[str], int],
) -> None:
    """With rotation and blacklist: four statements, no transaction, two signatures, one verification."""
    settings.SIMPLE_JWT = configured
    token = str(RefreshToken.for_user(create_user("vitor")))
    signatures.clear()
    with CaptureQueriesContext(connection) as said:
        answer = client.post("/api/token/refresh/", {"refresh": token}, format="json")
    assert answer.status_code == 200
    verbs = [query["sql"].partition(" ")[0] for query in said.captured_queries]
    assert (verbs, len(signatures)) == cost
    assert len(verifications) == 1


def test_5_2_a_request(client: APIClient, verifications: list[Any]) -> None:
    """One statement for the user and one verification; without a user's table, none."""
    token = AccessToken.for_user(create_user("vitor"))
    for path, statements in (("/whoami/", 1), ("/stateless/", 0)):
        verifications.clear()
        with CaptureQueriesContext(connection) as said:
            assert client.get(path, headers=bearer(token)).status_code == 200
        assert (len(said), len(verifications)) == (statements, 1)


def test_5_2_a_token_of_the_second_class(
    client: APIClient, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every class of AUTH_TOKEN_CLASSES reads the token, and its signature is verified once."""
    remembered: list[str] = []
    put = TokenCache.put

    def counting(cache: TokenCache, token: str, claims: Any) -> None:
        remembered.append(token)
        put(cache, token, claims)

    monkeypatch.setattr(TokenCache, "put", counting)
    kinds = ["AccessToken", "UntypedToken", "SlidingToken"]
    settings.SIMPLE_JWT = {
        "AUTH_TOKEN_CLASSES": [f"rest_framework_simplejwt.tokens.{kind}" for kind in kinds]
    }
    token = str(SlidingToken.for_user(create_user("vitor")))
    assert client.get("/stateless/", headers=bearer(token)).status_code == 200
    assert remembered == [token]


def test_5_2_a_remembered_token_expires(client: APIClient) -> None:
    """Its times are judged every time; so is whether it was taken back."""
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC), tick=False) as clock:
        user = create_user("vitor")
        headers, refresh = bearer(AccessToken.for_user(user)), RefreshToken.for_user(user)
        exchange = {"refresh": str(refresh)}
        for _ in range(2):
            assert client.get("/whoami/", headers=headers).status_code == 200
            assert client.post("/api/token/refresh/", exchange, format="json").status_code == 200
        refresh.blacklist()
        assert client.post("/api/token/refresh/", exchange, format="json").status_code == 401
        clock.shift(timedelta(minutes=5))
        assert client.get("/whoami/", headers=headers).json()["messages"][0]["message"] == "Token is expired"


def test_5_2_claims_belong_to_whoever_reads_them() -> None:
    """What is done to one reading of a token is not seen by the next."""
    token = AccessToken()
    token["roles"] = ["reader", {"of": ["books"]}]
    text = str(token)
    first = AccessToken(text)
    first["roles"][1]["of"].append("letters")
    first["roles"].append("admin")
    first["user_id"] = "1"
    assert AccessToken(text).payload == token.payload


def test_5_2_a_blacklisting(client: APIClient) -> None:
    """It was seven statements with four of transactions: one asks, one writes."""
    token = str(RefreshToken.for_user(create_user("vitor")))
    with CaptureQueriesContext(connection) as said:
        assert client.post("/api/token/blacklist/", {"refresh": token}, format="json").status_code == 200
    assert [query["sql"].partition(" ")[0] for query in said.captured_queries] == ["SELECT", "INSERT"]


@pytest.mark.parametrize("blacklist", [False, True])
def test_5_2_the_entry_is_of_the_token_that_was_returned(
    client: APIClient, settings: Any, blacklist: bool
) -> None:
    """Where a signature differs each time, the books and the holder have the same one."""
    from rest_framework_simplejwt.token_blacklist.models import OutstandingToken  # noqa: PLC0415

    key = jose.Key.generate("ES256")
    settings.SIMPLE_JWT = {
        **ROTATION,
        "BLACKLIST_AFTER_ROTATION": blacklist,
        "ALGORITHM": "ES256",
        "SIGNING_KEY": key.to_pem(private=True).decode(),
        "VERIFYING_KEY": key.public_key().to_pem().decode(),
    }
    token = str(RefreshToken.for_user(create_user("vitor")))
    answer = client.post("/api/token/refresh/", {"refresh": token}, format="json").json()
    assert OutstandingToken.objects.filter(token=answer["refresh"]).exists()
