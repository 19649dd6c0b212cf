"""The texts of the drop-in in the languages of their readers: the catalogs, and what comes over the wire."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import rest_framework_simplejwt
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.apps import apps
from django.core.management import call_command
from django.utils import translation
from django.utils.translation import gettext
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken

from tests.simplejwt.people import bearer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Catalog
    from rest_framework.test import APIClient

PACKAGE = Path(rest_framework_simplejwt.__file__).parent
README = Path(__file__).resolve().parents[2] / "compat/simplejwt/README.md"
LOCALES = sorted(folder.name for folder in (PACKAGE / "locale").iterdir())

# What the incumbent calls its folders.
THEIRS = (
    "ar cs de el es es_AR es_CL fa fa_IR fr he_IL id_ID it_IT kk ko_KR nl_NL pl_PL pt_BR ro ru_RU sl sv tr"
    " uk_UA zh_Hans"
)
IS_INVALID = {
    "en": "Token is invalid",
    "de": "Das Token ist ungültig",
    "fr": "Le jeton n’est pas valide",
    "he": "האסימון אינו תקף",
    "kk": "Токен жарамсыз",
    "ko": "토큰이 유효하지 않습니다",
    "nl": "Het token is ongeldig",
    "pt-br": "O token é inválido",
    "ru": "Токен недействителен",
    "uk": "Токен недійсний",
    "zh-hans": "令牌无效",
}
PLACEHOLDER = re.compile(r"\{\w*\}|%\(\w+\)s")


@cache
def texts() -> frozenset[str]:
    """The texts in the source that are there to be translated."""
    return frozenset(str(found[2]) for found in extract_from_dir(PACKAGE))


@cache
def catalog(locale: str) -> Catalog:
    """A catalog as its translators see it."""
    with (PACKAGE / "locale" / locale / "LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


def translated(catalog: Catalog) -> dict[str, str]:
    """The texts of a catalog that are not left out."""
    return {str(message.id): str(message.string) for message in catalog if message.id and message.string}


def django_says(locale: str, text: str) -> str:
    """What `django.contrib.auth` makes of a text; nothing where it does not know it."""
    folder = Path(apps.get_app_config("auth").path) / "locale" / locale / "LC_MESSAGES"
    with (folder / "django.mo").open("rb") as file:
        return translated(read_mo(file)).get(text, "")


def published() -> dict[str, int]:
    """The table in the README: how many texts are left out, by folder."""
    rows = re.findall(r"^\| `([\w-]+)` \|[^|]+\| all(?: but (\d+))? \|", README.read_text(), re.MULTILINE)
    return {translation.to_locale(code): int(missing or 0) for code, missing in rows}


@pytest.fixture(autouse=True)
def _language_of_the_tests() -> Iterator[None]:
    """No test leaves its language to the next."""
    with translation.override("en"):
        yield


@pytest.fixture
def _negotiated(settings: Any) -> None:
    """The project lets clients choose."""
    settings.MIDDLEWARE = ["django.middleware.locale.LocaleMiddleware", *settings.MIDDLEWARE]


# --- the catalogs -------------------------------------------------------------------------------------------


def test_there_are_texts_to_translate() -> None:
    """What the other tests compare with is not empty."""
    assert {"Token is invalid", "User not found", "Outstanding Tokens"} < texts()


@pytest.mark.parametrize("locale", LOCALES)
def test_a_catalog_knows_each_text_and_no_other(locale: str) -> None:
    """A new text is in every catalog, translated or not; `make messages` carries it there."""
    assert {message.id for message in catalog(locale) if message.id} == texts()
    assert not catalog(locale).obsolete


@pytest.mark.parametrize("locale", LOCALES)
def test_no_translation_is_a_guess(locale: str) -> None:
    """A translation that somebody would have to look at again is left out."""
    assert [message.id for message in catalog(locale) if message.fuzzy] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_a_translation_fills_in_the_same_values(locale: str) -> None:
    """Placeholders are those of the text, none lost and none renamed."""
    pairs = translated(catalog(locale)).items()
    values = {text: sorted(PLACEHOLDER.findall(text)) for text, _ in pairs}
    assert {text: sorted(PLACEHOLDER.findall(there)) for text, there in pairs} == values
    assert values["Token for %(user)s (%(jti)s)"] == ["%(jti)s", "%(user)s"]


@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_compiled_is_what_is_written(locale: str) -> None:
    """Django reads the compiled catalog; translators change the other, and `make messages` compiles it."""
    with (PACKAGE / "locale" / locale / "LC_MESSAGES/django.mo").open("rb") as file:
        compiled = read_mo(file)
    assert translated(compiled) == translated(catalog(locale))
    assert compiled.plural_forms == catalog(locale).plural_forms


@pytest.mark.parametrize("locale", LOCALES)
def test_a_word_of_django_stays_what_django_calls_it(locale: str) -> None:
    """Django merges all catalogs into one: ours does not rename what is in the others."""
    ours = translated(catalog(locale))
    theirs = {text: django_says(locale, text) for text in ours}
    shared = {text: there for text, there in theirs.items() if there}
    assert "user" in shared
    assert {text: ours[text] for text in shared} == shared


def test_the_readme_says_how_much_is_translated() -> None:
    """Its table is that of the folders, and a text that is left out stands below it."""
    missing = {locale: texts() - translated(catalog(locale)).keys() for locale in LOCALES}
    assert published() == {locale: len(some) for locale, some in missing.items()}
    assert [text for some in missing.values() for text in some if f"`{text}`" not in README.read_text()] == []


# --- how a language finds its catalog -----------------------------------------------------------------------


@pytest.mark.parametrize("theirs", THEIRS.split())
def test_each_locale_of_the_incumbent_is_answered(theirs: str) -> None:
    """A project whose language is one of theirs keeps it, whichever of our folders answers."""
    locale = theirs if theirs in LOCALES else theirs.partition("_")[0]
    with translation.override(translation.to_language(theirs)):
        assert gettext("Token is invalid") == translated(catalog(locale))["Token is invalid"]


@pytest.mark.parametrize(
    ("code", "answered_by"),
    [("de-at", "de"), ("nl-be", "nl"), ("ru-kz", "ru"), ("it-ch", "it"), ("es-mx", "es"), ("he-il", "he")],
)
def test_a_region_is_answered_by_its_language(code: str, answered_by: str) -> None:
    """A project whose LANGUAGE_CODE names a region of which we know nothing reads the language."""
    with translation.override(code):
        assert gettext("Token is expired") == translated(catalog(answered_by))["Token is expired"]


def test_a_text_without_translation_is_in_english() -> None:
    """What is left out of a catalog reads as it stands in the source."""
    text = "Authorization header must contain two space-delimited values"
    assert text not in translated(catalog("kk"))
    with translation.override("kk"):
        assert gettext(text) == text
        assert gettext("User not found") == "Қолданушы табылмады"


# --- on the wire --------------------------------------------------------------------------------------------


def refused(client: APIClient, languages: str) -> dict[str, Any]:
    """The body of the answer to a token that is none."""
    answer = client.get("/whoami/", headers=bearer("no.token.atall") | {"Accept-Language": languages})
    assert answer.status_code == 401
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize("language", IS_INVALID)
@pytest.mark.usefixtures("_negotiated")
def test_the_client_chooses_the_language(client: APIClient, language: str) -> None:
    """Texts are translated; codes and names of tokens are not."""
    body = refused(client, language)
    assert body["messages"] == [
        {"token_class": "AccessToken", "token_type": "access", "message": IS_INVALID[language]}
    ]
    with translation.override(language):
        detail = gettext("Given token not valid for any token type")
    assert (body["detail"], body["code"]) == (detail, "token_not_valid")


@pytest.mark.usefixtures("_negotiated")
def test_each_answer_is_in_the_language_of_its_request(client: APIClient) -> None:
    """Nothing is translated before the request is there, and nothing stays for the next."""
    asked = ["de", "fr", "en", "fr", "de"]
    said = [refused(client, language)["messages"][0]["message"] for language in asked]
    assert said == [IS_INVALID[language] for language in asked]


@pytest.mark.parametrize(
    ("languages", "chosen"),
    [
        ("de-AT", "de"),
        ("de-CH, fr;q=0.8", "de"),
        ("ko-KR", "ko"),
        ("he-IL", "he"),
        ("nl-BE", "nl"),
        ("ru-KZ", "ru"),
        ("uk-UA", "uk"),
        ("pt-BR, en;q=0.5", "pt-br"),
        ("zh-CN", "zh-hans"),
        ("tlh, fr;q=0.1", "fr"),
        ("pt-PT", "en"),
        ("zh-TW", "en"),
        ("tlh", "en"),
    ],
)
@pytest.mark.usefixtures("_negotiated")
def test_what_a_browser_asks_for_is_negotiated(client: APIClient, languages: str, chosen: str) -> None:
    """Browsers name regions; a language that nobody wrote is answered in the project's own."""
    assert refused(client, languages)["messages"][0]["message"] == IS_INVALID[chosen]


@pytest.mark.django_db
@pytest.mark.usefixtures("_negotiated")
def test_every_endpoint_speaks_the_language(client: APIClient, pair: dict[str, str]) -> None:
    """A sign-in that fails, a token of the wrong type, one that was taken back."""
    french = {"Accept-Language": "fr"}
    nobody = client.post("/api/token/", {"username": "vitor", "password": "wrong"}, headers=french)
    assert nobody.json() == {"detail": "Aucun compte actif ne correspond à ces identifiants"}
    wrong = client.post("/api/token/refresh/", {"refresh": pair["access"]}, headers=french)
    assert wrong.json() == {"detail": "Le jeton n’est pas du bon type", "code": "token_not_valid"}
    assert client.post("/api/token/blacklist/", {"refresh": pair["refresh"]}).status_code == 200
    back = client.post("/api/token/refresh/", {"refresh": pair["refresh"]}, headers=french)
    assert back.json() == {"detail": "Le jeton est sur la liste noire", "code": "token_not_valid"}


def test_a_project_may_choose_for_its_clients(client: APIClient) -> None:
    """Without the middleware of Django nobody is asked: all answers are in the project's language."""
    assert refused(client, "de")["messages"][0]["message"] == "Token is invalid"
    with translation.override("pl"):
        assert refused(client, "de")["messages"][0]["message"] == "Token jest nieprawidłowy"


# --- in Python and in the admin -----------------------------------------------------------------------------


def test_a_text_is_translated_when_it_is_read() -> None:
    """An error that travels from one language into another is read in the second, values and all."""
    with translation.override("de"):
        token = AccessToken()
        with pytest.raises(TokenError) as caught:
            token.check_exp("refresh_exp")
        assert str(caught.value.args[0]) == "Das Token hat keinen Claim 'refresh_exp'"
    assert str(caught.value.args[0]) == "Token has no 'refresh_exp' claim"
    assert str(InvalidToken.default_detail) == "Token is invalid or expired"
    with translation.override("uk"):
        assert str(InvalidToken.default_detail) == "Токен недійсний або термін його дії закінчився"


def test_the_names_in_the_admin_are_translated() -> None:
    """Apps, models and rows have a name in the language of who looks at them."""
    row = OutstandingToken(jti="a1b2")
    with translation.override("es"):
        assert str(apps.get_app_config("token_blacklist").verbose_name) == "Lista negra de tokens"
        assert str(OutstandingToken._meta.verbose_name_plural) == "Tokens emitidos"
        assert str(row) == "Token de None (a1b2)"
    assert str(OutstandingToken._meta.verbose_name_plural) == "Outstanding Tokens"


def test_a_language_needs_no_migration(db: None) -> None:
    """The names of the models are translated, and the migrations know the English ones."""
    with translation.override("es"):
        call_command("makemigrations", "--check", "--dry-run", verbosity=0)
