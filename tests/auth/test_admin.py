"""Sessions in the admin: listed, searched, filtered, revoked; never edited, added, or shown with a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from jotpass.auth import errors
from jotpass.auth.authentication import authenticate_access_token
from jotpass.auth.models import Revocation, Session, TokenFamily
from jotpass.auth.sessions import start_session
from tests.auth.people import create_superuser, request_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from jotpass.auth.events import Event

LIST = "/admin/jotpass/session/"


@pytest.fixture
def admin(db: None) -> Client:
    """A browser in which a superuser is signed in."""
    client = Client()
    client.force_login(create_superuser())
    return client


def as_staff(person: Any, *permissions: str) -> Client:
    """A browser in which somebody with these permissions is signed in."""
    person.is_staff = True
    person.save()
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(person)
    return client


def shown(answer: Any) -> set[str]:
    """The sids of the sessions on a page of the list."""
    assert answer.status_code == 200
    page = answer.content.decode()
    return {str(sid) for sid in Session.objects.values_list("sid", flat=True) if f"{LIST}{sid}/" in page}


def run_action(client: Client, action: str, *sids: str, **more: Any) -> Any:
    """Choose an action of the list for some rows."""
    return client.post(LIST, {"action": action, "_selected_action": list(sids), **more}, follow=True)


@pytest.fixture
def people(user: Any, make_user: Callable[[str], Any]) -> dict[str, str]:
    """Two people with a session each: the names and the sids."""
    other = make_user("ada")
    return {
        "vitor": start_session(user, request_from("192.0.2.1", "Mozilla/5.0 (X11)")).session_id,
        "ada": start_session(other, request_from("2001:db8::7", "Safari")).session_id,
    }


def test_sessions_are_listed(admin: Client, people: dict[str, str]) -> None:
    """With the person and the device."""
    answer = admin.get(LIST)
    assert shown(answer) == set(people.values())
    page = answer.content.decode()
    for text in ("vitor", "ada", "192.0.2.1", "2001:db8::7", "Mozilla/5.0 (X11)"):
        assert text in page


def test_listing_costs_the_same_however_many_there_are(
    admin: Client, user: Any, django_assert_max_num_queries: Any
) -> None:
    """No query for each row."""
    for _ in range(20):
        start_session(user)
    with django_assert_max_num_queries(12):
        assert len(shown(admin.get(LIST))) == 20


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("vitor", {"vitor"}),
        ("VITOR", {"vitor"}),
        ("ad", {"ada"}),
        ("192.0.2.1", {"vitor"}),
        ("192.0.2", set()),
        ("2001:db8::7", {"ada"}),
        ("work laptop", {"ada"}),
        ("nobody", set()),
        ("'; DROP TABLE x; --", set()),
        ("a:b", set()),
        ("%", set()),
        ("\U0001f600" * 50, set()),
        ("01890a5d-ac96-774b-bcce-b302099a8057", set()),
    ],
)
def test_sessions_are_found(admin: Client, people: dict[str, str], query: str, found: set[str]) -> None:
    """By the person's name, the whole address, and the label; any other text finds nothing."""
    Session.objects.filter(sid=people["ada"]).update(label="my work laptop")
    assert shown(admin.get(f"{LIST}?q={quote(query)}")) == {people[name] for name in found}


def test_a_session_is_found_by_its_sid(admin: Client, people: dict[str, str]) -> None:
    """As a token or a line of the log shows it, with white space around it."""
    for text in (people["ada"], f" {people['ada']} ", people["ada"].replace("-", "")):
        assert shown(admin.get(LIST, {"q": text})) == {people["ada"]}


def test_sessions_are_filtered(admin: Client, people: dict[str, str]) -> None:
    """By why they ended, and by when they began."""
    run_action(admin, "revoke", people["ada"])
    assert shown(admin.get(f"{LIST}?revoked_reason__exact=revoked_by_admin")) == {people["ada"]}
    assert shown(admin.get(f"{LIST}?created_at__year=2001")) == set()
    assert admin.get(f"{LIST}?user__password__startswith=p").status_code in {302, 400}


@pytest.mark.django_db(transaction=True)
def test_the_action_revokes(admin: Client, user: Any, events: list[Event]) -> None:
    """The chosen sessions and no others, once; the event names the admin's device."""
    pairs = [start_session(user) for _ in range(3)]
    events.clear()
    chosen = [pair.session_id for pair in pairs[:2]]
    answer = run_action(admin, "revoke", *chosen)
    assert "2 sessions revoked." in answer.content.decode()
    for pair in pairs[:2]:
        with pytest.raises(errors.TokenRevoked):
            authenticate_access_token(pair.access)
    authenticate_access_token(pairs[2].access)
    assert {(event.name, event.reason) for event in events} == {("revoked", "revoked_by_admin")}
    assert {event.session_id for event in events} == set(chosen)
    assert {event.device.address for event in events} == {"127.0.0.1"}
    assert "0 sessions revoked." in run_action(admin, "revoke", *chosen).content.decode()


def test_deleting_revokes_too(admin: Client, user: Any) -> None:
    """By the action that every list has."""
    pair = start_session(user)
    run_action(admin, "delete_selected", pair.session_id, post="yes")
    assert not Session.objects.exists()
    assert Revocation.objects.get().key == pair.session_id
    with pytest.raises(errors.TokenRevoked):
        authenticate_access_token(pair.access)


def test_no_page_shows_a_secret(admin: Client, user: Any, people: dict[str, str]) -> None:
    """List, detail, history and the question before deleting: no hash and no random value in any."""
    Session.objects.update(auth_hash="the-hash-of-a-password")
    secrets = [*TokenFamily.objects.values_list("random_value", flat=True), user.password]
    secrets += ["the-hash-of-a-password", "auth_hash", "random_value"]
    sid = people["vitor"]
    pages = [
        admin.get(LIST),
        admin.get(reverse("admin:jotpass_session_change", args=[sid])),
        admin.get(reverse("admin:jotpass_session_history", args=[sid])),
        admin.get(reverse("admin:jotpass_session_delete", args=[sid])),
        run_action(admin, "delete_selected", sid),
    ]
    for page in pages:
        assert page.status_code == 200
        text = page.content.decode()
        assert sid in text
        for secret in secrets:
            assert secret not in text


def test_the_detail_page_shows_the_families(admin: Client, people: dict[str, str]) -> None:
    """Which client holds tokens, since which generation; and no field to write in."""
    page = admin.get(f"{LIST}{people['vitor']}/change/").content.decode()
    family = TokenFamily.objects.get(session__sid=people["vitor"])
    assert str(family.fid) in page
    assert "first-party" in page
    assert 'name="label"' not in page
    assert 'name="families-0-generation"' not in page


def test_nothing_can_be_edited(admin: Client, people: dict[str, str]) -> None:
    """What is sent to the form is ignored."""
    sid = people["vitor"]
    before = (Session.objects.values().get(sid=sid), TokenFamily.objects.values().get(session__sid=sid))
    fid = str(before[1]["fid"])
    form = {
        "label": "x", "expires_at_0": "2099-01-01", "expires_at_1": "00:00", "auth_hash": "x", "user": "1",
        "families-TOTAL_FORMS": "1", "families-INITIAL_FORMS": "1", "families-MIN_NUM_FORMS": "0",
        "families-MAX_NUM_FORMS": "1000", "families-0-fid": fid, "families-0-session": sid,
        "families-0-generation": "99", "families-0-random_value": "x", "families-0-DELETE": "on",
    }  # fmt: skip
    assert admin.post(f"{LIST}{sid}/change/", form).status_code == 302
    after = (Session.objects.values().get(sid=sid), TokenFamily.objects.values().get(session__sid=sid))
    assert after == before


def test_nothing_can_be_added(admin: Client) -> None:
    """A session begins by signing in."""
    assert admin.get(f"{LIST}add/").status_code == 403
    assert admin.post(f"{LIST}add/", {}).status_code == 403
    assert not Session.objects.exists()


def test_an_unknown_sid_is_not_found(admin: Client) -> None:
    """Well-formed or not, the page is not there."""
    for sid in ("01890a5d-ac96-774b-bcce-b302099a8057", "nonsense", "1", "%00"):
        assert admin.get(f"{LIST}{sid}/change/").status_code == 302


def test_who_may_only_view_cannot_revoke(people: dict[str, str], make_user: Callable[[str], Any]) -> None:
    """The action needs the permission to change; nobody without a permission sees the list."""
    sid = people["vitor"]
    viewer = as_staff(make_user("viewer"), "view_session")
    assert shown(viewer.get(LIST)) == set(people.values())
    assert "Revoke the selected" not in viewer.get(LIST).content.decode()
    run_action(viewer, "revoke", sid)
    assert Session.objects.get(sid=sid).revoked_at is None
    assert as_staff(make_user("staff")).get(LIST).status_code == 403
    changer = as_staff(make_user("changer"), "view_session", "change_session")
    run_action(changer, "revoke", sid)
    assert Session.objects.get(sid=sid).revoked_at is not None


def test_families_and_revocations_have_no_page_of_their_own(admin: Client) -> None:
    """A family is seen under its session; the list of revocations is nobody's to edit."""
    for model in ("tokenfamily", "revocation"):
        assert admin.get(f"/admin/jotpass/{model}/").status_code == 404


def test_deleting_a_person_ends_their_sessions(user: Any) -> None:
    """Through the admin as anywhere: `delete()` is followed."""
    pair = start_session(user)
    get_user_model().objects.filter(pk=user.pk).delete()
    with pytest.raises(errors.TokenRevoked):
        authenticate_access_token(pair.access)
