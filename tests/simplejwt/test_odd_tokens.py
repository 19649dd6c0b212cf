"""No token and no body brings an endpoint down: signed with our key and yet odd, or plain rubbish."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient
from rest_framework_simplejwt.state import token_backend

from jotpass import jose
from tests.simplejwt.people import create_user

ENDPOINTS: Final = {
    "/api/token/refresh/": "refresh",
    "/api/token/blacklist/": "refresh",
    "/api/token/verify/": "token",
    "/sliding/token/refresh/": "token",
}
VIEWS: Final = ("/whoami/", "/stateless/")
EVERY_CLASS: Final = {
    "AUTH_TOKEN_CLASSES": [
        "rest_framework_simplejwt.tokens.AccessToken",
        "rest_framework_simplejwt.tokens.SlidingToken",
        "rest_framework_simplejwt.tokens.UntypedToken",
    ],
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "CHECK_REVOKE_TOKEN": False,
}
LATER: Final = 4_102_444_800

numbers = st.one_of(
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        [2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**40, 1e20, 1e308, -1e20, LATER + 0.5, 0, -0.0]
    ),
)
texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["", "\0", "1\0", "a" * 300, "1", " 1", "\u0661", "1e3", "\ud83d", "' OR 1=1 --", "True"]
    ),
)
plain = st.one_of(st.none(), st.booleans(), numbers, texts)
values = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
KNOWN: Final = ("exp", "iat", "nbf", "jti", "user_id", "token_type", "refresh_exp", "aud", "iss", "sub")
good: Final[dict[str, st.SearchStrategy[Any]]] = {
    "token_type": st.sampled_from(["access", "refresh", "sliding"]),
    "exp": st.just(LATER),
    "iat": st.just(1),
    "jti": st.uuids().map(lambda unique: unique.hex),
    "user_id": st.just("1"),
    "refresh_exp": st.just(LATER),
}
# A token that is good but for a few claims: one that is odd all through is refused at the first of them.
claims = st.builds(
    lambda sound, odd, gone: {name: value for name, value in (sound | odd).items() if name not in gone},
    st.fixed_dictionaries(good),
    st.dictionaries(st.sampled_from((*KNOWN, "hash_password", "username", "is_staff")), values, max_size=2),
    st.sets(st.sampled_from(KNOWN), max_size=1),
)

everything = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def client() -> APIClient:
    """A client that lets no exception of a view pass for an answer."""
    return APIClient(raise_request_exception=True)


@pytest.fixture(autouse=True)
def _every_class(settings: Any, db: None) -> None:
    """Every class of tokens opens a view, and rotation writes to the books."""
    settings.SIMPLE_JWT = EVERY_CLASS
    create_user("vitor", id=1)


def present(client: APIClient, token: str) -> None:
    """Present a token everywhere; each answer is one of those that the API has."""
    for path in VIEWS:
        header = f"Bearer {token}".encode().decode("latin-1")
        assert client.get(path, headers={"Authorization": header}).status_code in {200, 401}, path
    for path, field in ENDPOINTS.items():
        assert client.post(path, {field: token}, format="json").status_code in {200, 400, 401}, path


SOUND: Final = {"exp": LATER, "refresh_exp": LATER, "user_id": "1"}


def test_a_sound_token_is_accepted(client: APIClient) -> None:
    """What the others are measured by: the same claims, sound, open what they are for, and rotate."""
    for path in VIEWS:
        sound = token_backend.encode(SOUND | {"token_type": "access", "jti": "a"})
        assert client.get(path, headers={"Authorization": f"Bearer {sound}"}).json() == {"pk": "1"}
    for path, field in ENDPOINTS.items():
        kind = "sliding" if path.startswith("/sliding") else "refresh"
        sound = token_backend.encode(SOUND | {"token_type": kind, "jti": path})
        assert client.post(path, {field: sound}, format="json").status_code == 200, path


@pytest.mark.parametrize("configured", [{}, {"AUDIENCE": "api", "ISSUER": "me", "LEEWAY": 5}])
@everything
@given(claims=claims)
@example(claims={"token_type": "refresh", "exp": LATER, "jti": "a" * 256, "user_id": "1"})
@example(claims={"token_type": "refresh", "exp": LATER, "jti": "a\0", "user_id": "1"})
@example(claims={"token_type": "refresh", "exp": LATER, "jti": "b", "user_id": "1\0"})
@example(claims={"token_type": "refresh", "exp": LATER, "jti": "c", "user_id": 2**70})
@example(claims={"token_type": "refresh", "exp": LATER, "jti": "d", "user_id": str(2**70)})
@example(claims={"token_type": "refresh", "exp": 1e20, "jti": "e", "user_id": "1"})
@example(claims={"token_type": "refresh", "exp": 253_402_300_800, "jti": "f", "user_id": "1"})
@example(claims={"token_type": "sliding", "exp": LATER, "jti": "g", "refresh_exp": 1e20, "user_id": "1"})
@example(claims={"token_type": "refresh", "exp": LATER, "jti": {"a": [1]}, "user_id": {"a": 1}})
@example(claims={"token_type": "refresh", "exp": LATER, "jti": "h", "user_id": [1]})
@example(claims={"token_type": "refresh", "exp": LATER, "jti": "i", "user_id": 999})
@example(claims={"token_type": "refresh", "exp": LATER, "jti": "j", "user_id": ""})
@example(claims={"token_type": ["refresh"], "exp": LATER, "jti": "k", "user_id": "1"})
def test_a_signed_but_odd_token(
    client: APIClient, claims: dict[str, Any], configured: dict[str, Any]
) -> None:
    """Whoever shares our key may write what they like: it is accepted or refused, never a 500."""
    key = token_backend.prepared_signing_key
    assert key is not None
    token = jose.jws.sign_compact(json.dumps(claims).encode(), key, algorithm="HS256", typ="JWT")
    with override_settings(SIMPLE_JWT=EVERY_CLASS | configured):
        present(client, token)


@everything
@given(body=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
@example(body=b"[" * 5000)
@example(body=b'{"a":' * 3000)
@example(body=b"{}" + b" " * 100)
@example(body=b'{"exp":1e999}')
@example(body=b'{"exp":NaN}')
@example(body=b'{"exp":' + b"9" * 5000 + b"}")
@example(body=b'{"exp":1,"exp":99999999999}')
@example(body="\ufeff{}".encode())
def test_signed_rubbish(client: APIClient, body: bytes) -> None:
    """A good signature around no claims at all."""
    key = token_backend.prepared_signing_key
    assert key is not None
    present(client, jose.jws.sign_compact(body, key, algorithm="HS256", typ="JWT"))


@everything
@given(token=st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=60))
@example(token="..")
@example(token="a.b.c.d.e")
@example(token="." * 5000)
@example(token="e30.e30.")
@example(token="eyJhbGciOiJub25lIn0.e30.")
def test_unsigned_rubbish(client: APIClient, token: str) -> None:
    """Anything that a header or a body can carry."""
    present(client, token)


@everything
@given(body=values)
def test_a_body_of_any_shape(client: APIClient, body: object) -> None:
    """JSON of any kind where an object belongs, and values of any kind in its members."""
    for path, field in {**ENDPOINTS, "/api/token/": "username", "/sliding/token/": "password"}.items():
        for sent in (body, {field: body}, {"username": body, "password": body}):
            document = json.dumps(sent)
            answer = client.post(path, document, content_type="application/json")
            assert answer.status_code in {200, 400, 401}, (path, document)


JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
PARTS: Final = "multipart/form-data; boundary=x"


@pytest.mark.parametrize("path", [*ENDPOINTS, "/api/token/", "/sliding/token/"])
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        pytest.param(JSON, b"[" * 200_000, id="deep array"),
        pytest.param(JSON, b'{"a":' * 200_000, id="deep object"),
        pytest.param(JSON, b'{"refresh":' + b"9" * 10_000 + b"}", id="long number"),
        pytest.param(JSON, b'{"refresh":NaN}', id="no number"),
        pytest.param(JSON, b"\xff\xfe", id="no UTF-8"),
        pytest.param(JSON, b'{"refresh":"\\ud800","token":"\\ud800"}', id="half a character"),
        pytest.param(f"{JSON}; charset=nope", b"{}", id="unknown charset"),
        pytest.param(f"{JSON}; charset=utf-16", b"{}", id="another charset"),
        pytest.param(FORM, b"refresh=%ff&token=%00", id="form of bytes"),
        pytest.param(FORM, b"a=1&" * 3_000, id="form of many fields"),
        pytest.param(PARTS, b"--x\r\n", id="cut off parts"),
        pytest.param(
            PARTS,
            b'--x\r\nContent-Disposition: form-data; name="refresh"; filename="a"\r\n\r\nabc\r\n--x--\r\n',
            id="a file",
        ),
        pytest.param("text/plain", b"x", id="text"),
    ],
)
def test_a_body_that_cannot_be_read(path: str, content_type: str, body: bytes) -> None:
    """It is the client's fault, and the client is told so."""
    answer = APIClient(raise_request_exception=False).post(path, body, content_type=content_type)
    assert answer.status_code in {400, 401, 415}
