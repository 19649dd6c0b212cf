"""Tokens of the incumbent work under the drop-in, and its tokens under the incumbent."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from jotpass import jose
from tests.simplejwt_exchange.peers import BOTH, Peer, peer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from tests.incumbent.environments import Subject

SECRET = "a secret that both of them know, in more than sixty-four bytes, for the longest"
NAMED = {"AUDIENCE": ["api", "admin"], "ISSUER": "https://id.example", "LEEWAY": 30}
LISTED = {
    "AUDIENCE": "api",
    "LEEWAY": 30,
    "CHECK_REVOKE_TOKEN": True,
    "USER_ID_CLAIM": "sub",
    "JTI_CLAIM": "id",
}

CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "HS256": {"ALGORITHM": "HS256"},
    "HS256, named": {"ALGORITHM": "HS256", **NAMED},
    "HS256, other claims": {"ALGORITHM": "HS256", **LISTED},
    "HS512": {"ALGORITHM": "HS512"},
    "RS256": {"ALGORITHM": "RS256", **NAMED},
    "ES256": {"ALGORITHM": "ES256", **NAMED},
    "ES384": {"ALGORITHM": "ES384"},
    "PS256": {"ALGORITHM": "PS256"},
    "EdDSA": {"ALGORITHM": "EdDSA", **NAMED},
}

KEYS: dict[str, Callable[[], PrivateKeyTypes]] = {
    "RS": lambda: rsa.generate_private_key(65537, 2048),
    "PS": lambda: rsa.generate_private_key(65537, 2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


def keys_for(algorithm: str) -> dict[str, str]:
    """SIGNING_KEY and VERIFYING_KEY, as text."""
    if algorithm.startswith("HS"):
        return {"SIGNING_KEY": SECRET}
    private = next(make for name, make in KEYS.items() if algorithm.startswith(name))()
    return {
        "SIGNING_KEY": private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
        "VERIFYING_KEY": private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    }


@pytest.fixture(params=CONFIGURATIONS)
def both(request: pytest.FixtureRequest, vitors: dict[str, Any]) -> Iterator[dict[Subject, Peer]]:
    """The two, with the same settings and over the same database, in which there is one user."""
    configuration = CONFIGURATIONS[request.param]
    simple_jwt = configuration | keys_for(configuration["ALGORITHM"])
    with ExitStack() as stack:
        peers = {subject: stack.enter_context(peer(subject, vitors, simple_jwt)) for subject in BOTH}
        yield peers


def shape(token: str) -> tuple[Any, ...]:
    """What a reader can tell a token's maker by: the header, and the claims' names, order and types."""
    read = jose.peek_unverified(token)
    changing = {"exp", "iat", "jti", "id", "refresh_exp"}
    return (
        dict(read.header),
        [(name, type(value)) for name, value in read.claims.items()],
        {name: value for name, value in read.claims.items() if name not in changing},
    )


def test_tokens_are_exchanged_both_ways(both: dict[Subject, Peer]) -> None:
    """Whoever issued a token, the other accepts it, extends it and takes it back, and says the same of it.

    One test for each algorithm: to start two processes takes longer than what they are asked.
    """
    assert both["incumbent"].ask("whose") == ["djangorestframework-simplejwt"]
    assert both["drop-in"].ask("whose") == ["jotpass-simplejwt"]
    made = {subject: make_tokens(both[subject]) for subject in BOTH}
    for kind in made["incumbent"]:
        assert shape(made["incumbent"][kind]) == shape(made["drop-in"][kind]), kind
    for issuer, other in (BOTH, BOTH[::-1]):
        accept(both[other], made[issuer])
        extend(both[other], made[issuer], home=both[issuer])
        judge_times(both[issuer], both[other])
        take_back(both[other], made[issuer], home=both[issuer])


def make_tokens(issuer: Peer) -> dict[str, str]:
    """Tokens of every kind, obtained over HTTP."""
    sliding = issuer.post("/sliding/", username="vitor", password="vitor")
    assert sliding.status == 200
    return {**issuer.sign_in("vitor"), "sliding": sliding.body["token"]}


def accept(other: Peer, tokens: dict[str, str]) -> None:
    """What opens a view opens the other's, and verifies there."""
    assert other.get("/whoami/", tokens["access"]).body == {"pk": "1"}
    assert other.get("/whoami/", tokens["sliding"]).body == {"pk": "1"}
    for token in tokens.values():
        assert other.post("/token/verify/", token=token).body == {}
        assert other.ask("read", token)["token_type"] in {"access", "refresh", "sliding"}
    refused = other.get("/whoami/", tokens["refresh"])
    assert (refused.status, refused.body["code"]) == (401, "token_not_valid")


def extend(other: Peer, tokens: dict[str, str], home: Peer) -> None:
    """What the other makes of a token works at home."""
    access = other.post("/token/refresh/", refresh=tokens["refresh"])
    assert access.status == 200
    assert home.get("/whoami/", access.body["access"]).body == {"pk": "1"}
    sliding = other.post("/sliding/refresh/", token=tokens["sliding"])
    assert sliding.status == 200
    assert home.get("/whoami/", sliding.body["token"]).body == {"pk": "1"}


def judge_times(issuer: Peer, other: Peer) -> None:
    """A token is accepted within LEEWAY, and the refusal of one that has expired is the same on both."""
    late = issuer.ask("token_for", "AccessToken", "vitor", ago=5)
    assert issuer.get("/whoami/", late) == other.get("/whoami/", late)
    too_late = issuer.ask("token_for", "AccessToken", "vitor", ago=60)
    refused = other.get("/whoami/", too_late)
    assert refused.status == 401
    assert refused == issuer.get("/whoami/", too_late)
    forged = late[:-8] + "AAAAAAAA"
    assert other.get("/whoami/", forged) == issuer.get("/whoami/", forged)


def take_back(other: Peer, tokens: dict[str, str], home: Peer) -> None:
    """What the other takes back is refused at home, and there in the same words."""
    assert other.post("/token/blacklist/", refresh=tokens["refresh"]).status == 200
    answers = [each.post("/token/refresh/", refresh=tokens["refresh"]) for each in (home, other)]
    assert answers[0] == answers[1]
    assert answers[0].body == {"detail": "Token is blacklisted", "code": "token_not_valid"}


@pytest.mark.parametrize("setting", [{"LEEWAY": 30}, {"LEEWAY": 0}])
def test_leeway_is_the_same_on_both(vitors: dict[str, Any], setting: dict[str, int]) -> None:
    """Five seconds late is in time with a LEEWAY of thirty, and too late with none."""
    simple_jwt = {"SIGNING_KEY": SECRET, **setting}
    with peer("incumbent", vitors, simple_jwt) as incumbent, peer("drop-in", vitors, simple_jwt) as drop_in:
        for issuer in (incumbent, drop_in):
            late = issuer.ask("token_for", "AccessToken", "vitor", ago=5)
            statuses = [each.get("/whoami/", late).status for each in (incumbent, drop_in)]
            assert statuses == ([200, 200] if setting["LEEWAY"] else [401, 401])


HOUR = 3600


def sign(claims: dict[str, Any], key: jose.Key, algorithm: str, typ: str | None = "JWT") -> str:
    """Sign claims, whatever they say."""
    return jose.jws.sign_compact(json.dumps(claims).encode(), key, algorithm=algorithm, typ=typ)


def odd_tokens() -> dict[str, str]:
    """Tokens as a stranger might send them: signed with the right key, unless they say otherwise."""
    now = int(time.time())
    claims = {"token_type": "access", "exp": now + HOUR, "iat": now, "jti": "1", "user_id": "1"}
    refresh = claims | {"token_type": "refresh"}
    key = jose.Key.from_secret(SECRET.encode())
    less = {f"no {name}": {k: v for k, v in claims.items() if k != name} for name in claims}
    more = {
        "all well": claims,
        "refresh": refresh,
        "user as a number": claims | {"user_id": 1},
        "nobody": claims | {"user_id": "4711"},
        "expired": claims | {"exp": now - HOUR},
        "expires as a fraction": claims | {"exp": now + 0.5 + HOUR},
        "expires in words": claims | {"exp": "soon"},
        "issued tomorrow": claims | {"iat": now + 24 * HOUR},
        "not before tomorrow": claims | {"nbf": now + 24 * HOUR},
        "not before yesterday": claims | {"nbf": now - 24 * HOUR},
        "another type": claims | {"token_type": "other"},
        "audience": claims | {"aud": "api"},
        "audiences": claims | {"aud": ["web", "api"]},
        "another audience": claims | {"aud": "other"},
        "issuer": claims | {"iss": "https://a.example"},
        "another issuer": claims | {"iss": "https://b.example"},
        "audience and issuer": claims | {"aud": "api", "iss": "https://a.example"},
        "refresh with audience and issuer": refresh | {"aud": "api", "iss": "https://a.example"},
    }
    every = {name: each | {"jti": name} if "jti" in each else each for name, each in (less | more).items()}
    signed = {name: sign(each, key, "HS256") for name, each in every.items()}
    stranger = jose.Key.from_secret(SECRET[::-1].encode())
    return signed | {
        "without typ": sign(claims | {"jti": "without typ"}, key, "HS256", None),
        "an access token by its typ": sign(claims | {"jti": "at+jwt"}, key, "HS256", "at+jwt"),
        "another key": sign(claims, stranger, "HS256"),
        "another algorithm": sign(claims, key, "HS512"),
        "cut off": signed["all well"][:-1],
        "two segments": signed["all well"].rpartition(".")[0],
        "no token": "not-a-token",
    }


def answers_of(reader: Peer, token: str) -> list[tuple[Any, ...]]:
    """What each endpoint answers to a token; what it signs is another token each time."""
    answers = [
        reader.get("/whoami/", token),
        reader.post("/token/refresh/", refresh=token),
        reader.post("/sliding/refresh/", token=token),
        reader.post("/token/verify/", token=token),
        reader.post("/token/blacklist/", refresh=token),
    ]
    return [
        (each.status, each.challenge, sorted(each.body) if "access" in each.body else each.body)
        for each in answers
    ]


ISSUER = "https://a.example"
READERS: list[dict[str, Any]] = [
    {},
    {"AUDIENCE": "api"},
    {"ISSUER": ISSUER},
    {"AUDIENCE": "api", "ISSUER": ISSUER, "LEEWAY": 30},
]


@pytest.mark.parametrize("simple_jwt", READERS)
def test_an_odd_token_gets_the_same_answer(vitors: dict[str, Any], simple_jwt: dict[str, str]) -> None:
    """What is missing, late, for others or made by others is judged alike, word for word.

    Where the incumbent fails with a 500, the drop-in refuses.
    """
    tokens = odd_tokens()
    settings = {"SIGNING_KEY": SECRET, **simple_jwt}
    with peer("incumbent", vitors, settings) as incumbent, peer("drop-in", vitors, settings) as drop_in:
        theirs = {name: answers_of(incumbent, token) for name, token in tokens.items()}
        incumbent.ask("forget")
        ours = {name: answers_of(drop_in, token) for name, token in tokens.items()}
    assert theirs.keys() == ours.keys()
    differing = {
        (name, position): (expected, given)
        for name in tokens
        for position, (expected, given) in enumerate(zip(theirs[name], ours[name], strict=True))
        if expected != given and not (expected[0] == 500 and given[0] in {400, 401})
    }
    assert differing == {}
