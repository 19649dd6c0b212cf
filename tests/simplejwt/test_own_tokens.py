"""Token classes of a project's own: what they override is what happens."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.serializers import (
    TokenBlacklistSerializer,
    TokenRefreshSerializer,
)
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROTATION = {"ROTATE_REFRESH_TOKENS": True, "BLACKLIST_AFTER_ROTATION": True}


class OwnListToken(RefreshToken):
    """Keeps its list elsewhere, as projects do on Redis."""

    out: ClassVar[set[str]] = set()
    gone: ClassVar[set[str]] = set()

    def verify(self, *args: Any, **kwargs: Any) -> None:
        """Look into the project's list."""
        if self["jti"] in self.gone:
            raise TokenError("Token is blacklisted")
        super().verify(*args, **kwargs)

    def blacklist(self) -> Any:
        """Add to the project's list."""
        self.gone.add(self["jti"])

    def outstand(self) -> Any:
        """Note that it is out."""
        self.out.add(self["jti"])


class NotingToken(RefreshToken):
    """Notes what happens to it, and goes on to the package's own methods."""

    noted: ClassVar[list[str]] = []

    def blacklist(self) -> Any:
        """Without a value, which nobody asked for."""
        self.noted.append(f"blacklist {self['jti']}")
        super().blacklist()

    def outstand(self) -> Any:
        """With its value."""
        self.noted.append(f"outstand {self['jti']}")
        return super().outstand()


class LosingToken(RefreshToken):
    """Whoever takes it back comes second."""

    def blacklist(self) -> Any:
        """Be overtaken in between."""
        super().blacklist()
        return super().blacklist()


class SilentlyLosingToken(LosingToken):
    """The same, and says nothing about it."""

    def blacklist(self) -> Any:
        """Without a value."""
        super().blacklist()


class BareToken(Token):
    """A refresh token that nothing takes back."""

    token_type = "refresh"
    lifetime = timedelta(days=1)

    @property
    def access_token(self) -> AccessToken:
        """One that says nothing."""
        return AccessToken()


@pytest.fixture(autouse=True)
def lists() -> Iterator[None]:
    """Begin each test with empty lists."""
    yield
    for noted in (OwnListToken.out, OwnListToken.gone, NotingToken.noted):
        noted.clear()


@pytest.fixture
def without_the_app(settings: Any) -> None:
    """Take the app `token_blacklist` away."""
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if not app.endswith("token_blacklist")]


def refreshed(kind: type[Token], token: object) -> str:
    """Exchange a token by the serializer of a project with this class, and return the next."""
    serializer = type("Refresh", (TokenRefreshSerializer,), {"token_class": kind})(
        data={"refresh": str(token)}
    )
    serializer.is_valid(raise_exception=True)
    assert serializer.validated_data["access"]
    following: str = serializer.validated_data["refresh"]
    return following


def sign_out(kind: type[Token], token: object) -> None:
    """Present a token to the blacklist serializer of a project with this class."""
    serializer = type("Out", (TokenBlacklistSerializer,), {"token_class": kind})(data={"refresh": str(token)})
    serializer.is_valid(raise_exception=True)


@pytest.mark.usefixtures("without_the_app")
def test_a_list_of_the_projects_own_is_kept(user: Any, settings: Any) -> None:
    """Without the app, too: signing out and rotation reach it, and the next token is noted."""
    settings.SIMPLE_JWT = ROTATION
    token = OwnListToken.for_user(user)
    following = OwnListToken(refreshed(OwnListToken, token))
    assert OwnListToken.gone == {token["jti"]}
    assert OwnListToken.out == {following["jti"]}
    with pytest.raises(TokenError, match="Token is blacklisted"):
        refreshed(OwnListToken, token)
    sign_out(OwnListToken, following)
    assert following["jti"] in OwnListToken.gone


@pytest.mark.usefixtures("without_the_app")
def test_a_changed_password_reaches_the_projects_list(user: Any, settings: Any) -> None:
    """CHECK_REVOKE_TOKEN takes back by the token's own method."""
    settings.SIMPLE_JWT = {"CHECK_REVOKE_TOKEN": True}
    token = OwnListToken.for_user(user)
    user.set_password("another one of many words")
    user.save()
    with pytest.raises(Exception, match="password has been changed"):
        refreshed(OwnListToken, token)
    assert OwnListToken.gone == {token["jti"]}


def test_without_blacklisting_a_rotation_takes_nothing_back(user: Any, settings: Any) -> None:
    """The next token is noted all the same."""
    settings.SIMPLE_JWT = {"ROTATE_REFRESH_TOKENS": True}
    following = OwnListToken(refreshed(OwnListToken, OwnListToken.for_user(user)))
    assert (OwnListToken.gone, OwnListToken.out) == (set(), {following["jti"]})


def test_overrides_go_on_to_the_books(user: Any, settings: Any) -> None:
    """Both are called, with the old id and the new, and the books say what they would without them."""
    settings.SIMPLE_JWT = ROTATION
    token = NotingToken.for_user(user)
    token["colour"] = "blue"
    following = NotingToken(refreshed(NotingToken, token))
    assert NotingToken.noted == [f"blacklist {token['jti']}", f"outstand {following['jti']}"]
    assert following["colour"] == "blue"
    assert OutstandingToken.objects.get(jti=following["jti"]).user == user
    assert BlacklistedToken.objects.get().token.jti == token["jti"]
    with pytest.raises(TokenError, match="Token is blacklisted"):
        refreshed(NotingToken, token)


@pytest.mark.usefixtures("without_the_app")
def test_overrides_go_on_to_books_that_are_not_there(user: Any, settings: Any) -> None:
    """A rotation, and a sign-out, do what they can."""
    settings.SIMPLE_JWT = ROTATION
    token = NotingToken.for_user(user)
    following = NotingToken(refreshed(NotingToken, token))
    assert NotingToken.noted == [f"blacklist {token['jti']}", f"outstand {following['jti']}"]
    sign_out(NotingToken, following)
    assert NotingToken.noted[2:] == [f"blacklist {following['jti']}"]


@pytest.mark.parametrize("kind", [LosingToken, SilentlyLosingToken])
def test_an_override_that_comes_second_is_told(user: Any, settings: Any, kind: type[LosingToken]) -> None:
    """Somebody else was there first: there is no next token, whether the override returns that or nothing."""
    settings.SIMPLE_JWT = ROTATION
    token = kind.for_user(user)
    with pytest.raises(TokenError, match="Token is blacklisted"):
        refreshed(kind, token)
    assert OutstandingToken.objects.count() == 1


@pytest.mark.parametrize("with_the_app", [True, False])
def test_a_class_without_a_list_is_rotated(
    user: Any, settings: Any, request: pytest.FixtureRequest, with_the_app: bool
) -> None:
    """It has another id; nothing is entered, and signing out is no error."""
    settings.SIMPLE_JWT = ROTATION
    if not with_the_app:
        request.getfixturevalue("without_the_app")
    token = BareToken.for_user(user)
    following = BareToken(refreshed(BareToken, token))
    assert following["jti"] != token["jti"]
    sign_out(BareToken, following)
    if with_the_app:
        assert not OutstandingToken.objects.exists()


def test_a_method_that_a_test_replaces_is_called(
    user: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By patching the class, as tests of projects do."""
    settings.SIMPLE_JWT = ROTATION
    called = []
    monkeypatch.setattr(RefreshToken, "blacklist", lambda self: called.append(self["jti"]))
    token = RefreshToken.for_user(user)
    refreshed(RefreshToken, token)
    assert called == [token["jti"]]


@pytest.mark.parametrize("taken", [lambda token: token, copy.copy, copy.deepcopy])
def test_another_id_is_another_token(user: Any, taken: Callable[[RefreshToken], RefreshToken]) -> None:
    """A token that was judged, and then given a new id, is entered and taken back under the new one."""
    old = str(RefreshToken.for_user(user))
    token = taken(RefreshToken(old))
    token.set_jti()
    token.outstand()
    new = str(token)
    assert RefreshToken(new)["jti"] == token["jti"]
    assert token.blacklist()[1]
    with pytest.raises(TokenError, match="Token is blacklisted"):
        RefreshToken(new)
    assert RefreshToken(old).blacklist()[1]
    assert BlacklistedToken.objects.count() == 2
