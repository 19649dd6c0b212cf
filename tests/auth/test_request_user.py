"""The user behind a token: no query for the primary key, one for everything else, a plain instance in all."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.db.models.signals import post_delete, post_init, post_save, pre_delete, pre_save
from django.test.utils import isolate_apps
from rest_framework import serializers

from jotpass.auth import errors, sessions
from jotpass.auth.access_tokens import is_subject
from jotpass.auth.models import Session
from jotpass.auth.request_user import check_primary_key, deferred_user, primary_key_of
from jotpass.auth.sessions import start_session
from tests.auth.people import PASSWORD
from tests.auth.statements import statements

if TYPE_CHECKING:
    from collections.abc import Iterator


class Gone(Exception):
    """What a framework raises for a user without a row."""


with isolate_apps():

    class Company(models.Model):
        """What a member belongs to."""

        name = models.CharField(max_length=20)

        class Meta:
            """Of no installed app."""

            app_label = "people"

        objects: Any = models.Manager()

        def __str__(self) -> str:
            return self.name

    class Member(AbstractBaseUser):
        """A user model with a related row."""

        login = models.CharField(max_length=20, unique=True)
        company = models.ForeignKey(Company, on_delete=models.CASCADE, null=True, related_name="members")
        shouted = models.GeneratedField(
            expression=models.functions.Upper("login"),
            output_field=models.CharField(max_length=20),
            db_persist=True,
        )

        objects: Any = BaseUserManager()
        USERNAME_FIELD = "login"

        class Meta:
            """Of no installed app."""

            app_label = "people"

    class Editor(Member):
        """A user model that inherits another over two tables."""

        desk = models.CharField(max_length=20)

        class Meta:
            """Of no installed app."""

            app_label = "people"

    class Named(models.Model):
        """A model whose primary key is a UUID."""

        id = models.UUIDField(primary_key=True)

        class Meta:
            """Of no installed app."""

            app_label = "people"

        def __str__(self) -> str:
            return str(self.pk)

    class Called(AbstractBaseUser):
        """A user model whose primary key people write themselves."""

        name = models.CharField(max_length=300, primary_key=True)

        objects: Any = BaseUserManager()
        USERNAME_FIELD = "name"

        class Meta:
            """Of no installed app."""

            app_label = "people"


def of(user: Any, model: Any = None) -> Any:
    """The same user as a token names it."""
    return deferred_user(model or get_user_model(), str(user.pk), using="default", missing=Gone)


@pytest.fixture
def deferred(user: Any) -> Any:
    """A user that nothing was read of."""
    return of(user)


@pytest.fixture
def editor(transactional_db: None) -> Iterator[Any]:
    """A person in two tables, with a company."""
    people: list[type[models.Model]] = [Company, Member, Editor]
    with connection.schema_editor() as schema:
        for model in people:
            schema.create_model(model)
    company = Company.objects.create(name="Typesetters")
    yield Editor.objects.create(login="ada", desk="front", company=company)
    with connection.schema_editor() as schema:
        for model in reversed(people):
            schema.delete_model(model)


# --- queries ------------------------------------------------------------------------------------------------


def test_the_primary_key_costs_nothing(user: Any) -> None:
    """Nor does being authenticated, comparing, hashing, or use as a foreign key."""
    with statements() as said:
        deferred = of(user)
        assert deferred.pk == user.pk
        assert type(deferred.pk) is type(user.pk)
        assert deferred.is_authenticated
        assert not deferred.is_anonymous
        assert deferred == user
        assert user == deferred
        assert hash(deferred) == hash(user)
        assert {deferred} == {user}
        session = Session(user=deferred)
        assert session.user_id == user.pk
        str(Session.objects.filter(user=deferred).query)
    assert said == []


def test_the_first_read_loads_everything(user: Any, deferred: Any) -> None:
    """One statement for all fields, whichever comes first."""
    names = [field.attname for field in user._meta.concrete_fields]
    for first in names:
        again = of(user)
        with statements() as said:
            getattr(again, first)
            assert {name: getattr(again, name) for name in names} == {
                name: getattr(user, name) for name in names
            }
            assert again.get_deferred_fields() == set()
        assert len(said) == 1


def test_a_serializer_of_the_whole_user_is_one_query(user: Any, deferred: Any) -> None:
    """As a project's view would answer with `request.user`."""

    class WholeUser(serializers.ModelSerializer[Any]):
        class Meta:
            model = get_user_model()
            fields = tuple(field.name for field in get_user_model()._meta.concrete_fields)

    with statements() as said:
        assert WholeUser(deferred).data == WholeUser(user).data
    assert len(said) == 1


def test_methods_of_the_model_work(user: Any, deferred: Any) -> None:
    """Its password, its name, its groups."""
    group = Group.objects.create(name="editors")
    deferred.groups.add(group)
    assert list(user.groups.all()) == [group]
    assert of(user).check_password(PASSWORD)
    assert str(of(user)) == str(user)
    assert repr(of(user)) == repr(user)
    assert of(user).get_session_auth_hash() == user.get_session_auth_hash()


# --- a row that is gone -------------------------------------------------------------------------------------


def test_a_missing_row_is_the_given_error(user: Any, deferred: Any) -> None:
    """At the first read, whatever is read, and again at the next."""
    type(user).objects.filter(pk=user.pk).delete()
    for read in (str, lambda found: found.is_active, lambda found: found.refresh_from_db()):
        for _ in range(2):
            with pytest.raises(Gone) as caught:
                read(deferred)
            assert caught.value.__suppress_context__
    assert deferred.pk == user.pk


def test_a_row_that_goes_later_is_djangos_error(user: Any, deferred: Any) -> None:
    """Once it was read, it is an instance like any other."""
    assert deferred.is_active
    type(user).objects.filter(pk=user.pk).delete()
    assert deferred.is_active
    with pytest.raises(type(user).DoesNotExist):
        deferred.refresh_from_db()


# --- a plain instance ---------------------------------------------------------------------------------------


def test_it_is_an_instance_of_the_user_model(user: Any, deferred: Any) -> None:
    """By every way of asking, and no model of its own."""
    user_model = get_user_model()
    assert isinstance(deferred, user_model)
    assert deferred.__class__ is user_model
    assert deferred._meta is user_model._meta
    assert deferred._meta.model is user_model
    assert type(deferred).__name__ == user_model.__name__
    assert type(deferred) not in apps.get_models()
    assert type(deferred) is type(of(user))
    assert ContentType.objects.get_for_model(deferred) == ContentType.objects.get_for_model(user)


def _through_pickle(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))  # noqa: S301 (what it has just written)


@pytest.mark.parametrize("loaded", [False, True])
def test_pickles_and_copies_are_plain(user: Any, deferred: Any, loaded: bool) -> None:
    """They are instances of the user model itself, equal, and read what they lack by themselves."""
    if loaded:
        str(deferred)
    with statements() as said:
        copies = [copy.copy(deferred), copy.deepcopy(deferred), _through_pickle(deferred)]
        if loaded:
            assert {str(copied) for copied in copies} == {str(user)}
    assert said == []
    for copied in copies:
        assert type(copied) is get_user_model()
        assert copied == user
        assert copied.is_active
        assert str(copied) == str(user)
    assert copies[1].__dict__ is not deferred.__dict__


def test_reading_what_is_loaded_keeps_what_was_assigned(user: Any, deferred: Any) -> None:
    """The load fills the gaps alone."""
    deferred.is_active = False
    assert str(deferred) == str(user)
    assert deferred.is_active is False


def test_saving_what_was_assigned_writes_that_alone(user: Any, deferred: Any) -> None:
    """As Django does for any instance with deferred fields."""
    type(user).objects.update(is_superuser=True)
    deferred.is_staff = True
    with statements() as said:
        deferred.save()
    assert [statement.split()[0] for statement in said] == ["UPDATE"]
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser) == (True, True)


def test_saving_named_fields(user: Any, deferred: Any) -> None:
    """`update_fields`, of a password too, which ends other sessions through the real model's signal."""
    start_session(user)
    deferred.set_password("another password altogether")
    deferred.save(update_fields=["password"])
    user.refresh_from_db()
    assert user.check_password("another password altogether")
    assert Session.objects.get().revoked_reason == "password_changed"


def test_saving_an_untouched_user_changes_nothing(user: Any, deferred: Any) -> None:
    """A full save reads first and writes the same."""
    before = type(user).objects.values().get(pk=user.pk)
    deferred.save()
    assert type(user).objects.values().get(pk=user.pk) == before


def test_deleting(user: Any, deferred: Any) -> None:
    """The row goes, with its sessions."""
    start_session(user)
    deferred.delete()
    assert not type(user).objects.filter(pk=user.pk).exists()
    assert not Session.objects.exists()


def test_signals_are_sent_by_the_real_model(user: Any) -> None:
    """A receiver that a project connects to its user model hears of this instance."""
    senders: list[Any] = []

    def remember(sender: Any, **_: object) -> None:
        senders.append(sender)

    user_model = get_user_model()
    signals = (pre_save, post_save, pre_delete, post_delete)
    for signal in signals:
        signal.connect(remember, sender=user_model)
    try:
        deferred = of(user)
        deferred.is_staff = True
        deferred.save()
        deferred.delete()
    finally:
        for signal in signals:
            signal.disconnect(remember, sender=user_model)
    assert len(senders) == 4
    assert all(sender is user_model for sender in senders)


def test_an_entry_in_the_admins_log(user: Any, deferred: Any) -> None:
    """As the one who did it, and as the one it was done to."""
    entry = LogEntry.objects.create(
        user=deferred,
        content_type=ContentType.objects.get_for_model(deferred),
        object_id=str(deferred.pk),
        object_repr=str(deferred),
        action_flag=CHANGE,
    )
    entry.refresh_from_db()
    assert entry.user == user
    assert entry.get_edited_object() == user


# --- refreshing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loaded", [False, True])
def test_refreshing_everything(user: Any, deferred: Any, loaded: bool) -> None:
    """One statement, also when nothing was read before; assigned values and prefetched rows are forgotten."""
    if loaded:
        str(deferred)
    deferred.is_staff = True
    models.prefetch_related_objects([deferred], "groups")
    deferred.groups.through.objects.create(
        **{"group": Group.objects.create(name="editors"), deferred.groups.source_field_name: user}
    )
    with statements() as said:
        deferred.refresh_from_db()
        assert deferred.is_staff is False
        assert str(deferred) == str(user)
    assert len(said) == 1
    assert [group.name for group in deferred.groups.all()] == ["editors"]


def test_refreshing_a_field_loads_what_is_missing(user: Any, deferred: Any) -> None:
    """A field that was not read yet brings the rest; one that was is read alone."""
    with statements() as said:
        deferred.refresh_from_db(fields=["is_active"])
        str(deferred)
    assert len(said) == 1
    type(user).objects.update(is_active=False, is_staff=True)
    deferred.refresh_from_db(fields=["is_active"])
    assert (deferred.is_active, deferred.is_staff) == (False, False)


def test_refreshing_asynchronously(user: Any, deferred: Any) -> None:
    """`arefresh_from_db` is the same."""
    async_to_sync(deferred.arefresh_from_db)()
    assert deferred.get_deferred_fields() == set()
    type(user).objects.update(is_staff=True)
    async_to_sync(deferred.arefresh_from_db)(fields=["is_staff"])
    assert deferred.is_staff


def test_refreshing_under_a_lock(user: Any, deferred: Any) -> None:
    """With a queryset of one's own, such as one that locks the row."""
    with transaction.atomic():
        deferred.refresh_from_db(from_queryset=type(user).objects.select_for_update())
    assert deferred.get_deferred_fields() == set()
    with transaction.atomic():
        assert type(user).objects.select_for_update().get(pk=deferred.pk) == deferred


# --- other user models --------------------------------------------------------------------------------------


def test_a_user_in_two_tables(editor: Any) -> None:
    """One statement over both tables, the related row with one more; saved and deleted as ever."""
    names = [field.attname for field in Editor._meta.concrete_fields]
    deferred = of(editor, Editor)
    with statements() as said:
        assert deferred.pk == editor.pk
        assert deferred.id == editor.pk
    assert said == []
    with statements() as said:
        values = {name: getattr(deferred, name) for name in names}
    assert len(said) == 1
    editor.refresh_from_db()
    assert values == {name: getattr(editor, name) for name in names}
    assert deferred.shouted == "ADA"
    with statements() as said:
        assert deferred.company.name == "Typesetters"
    assert len(said) == 1
    deferred.refresh_from_db()
    deferred.desk = "back"
    deferred.save()
    of(editor, Editor).save()
    assert Editor.objects.get().desk == "back"
    of(editor, Editor).delete()
    assert not Member.objects.exists()
    with pytest.raises(Gone):
        str(of(editor, Editor))


def test_a_related_row_of_a_user(editor: Any) -> None:
    """The foreign key is loaded with the rest; assigning it is as with any instance."""
    deferred = of(editor, Member)
    with statements() as said:
        assert deferred.company_id == editor.company_id
        assert deferred.login == "ada"
    assert len(said) == 1
    other = Company.objects.create(name="Bookbinders")
    deferred.company = other
    deferred.save(update_fields=["company"])
    assert Member.objects.get().company == other
    assert list(other.members.all()) == [of(editor, Member)]
    deferred.refresh_from_db()
    assert deferred.company == other


# --- sub ----------------------------------------------------------------------------------------------------


UUID_TEXT = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.mark.parametrize(
    ("model", "subject"),
    [
        *((Member, text) for text in ("", "x", " 1", "1 ", "01", "+1", "1.0", "1_0", "0x1", "1e3", "None")),
        *((Member, text) for text in ("True", "nan", "\u0661", "9" * 30, "9" * 5000, "-" + "9" * 30)),
        (Named, ""),
        (Named, "1"),
        (Named, UUID_TEXT.upper()),
        (Named, UUID_TEXT.replace("-", "")),
        (Named, f"{{{UUID_TEXT}}}"),
        (Named, f"urn:uuid:{UUID_TEXT}"),
        (Named, f" {UUID_TEXT}"),
    ],
)  # fmt: skip
def test_a_subject_that_is_no_primary_key_is_refused(model: Any, subject: str) -> None:
    """Or is not spelled as we spell it: two texts never name one user."""
    with pytest.raises(errors.TokenInvalid):
        primary_key_of(model, subject)


@pytest.mark.parametrize(
    ("model", "primary_key"),
    [
        (Called, "ann"),
        (Called, "\u0646\u0645\u06cc\u200c\u062f\u0627\u0646\u0645"),
        (Called, "x" * 255),
        (Member, 42),
        (Editor, 42),
        (Named, UUID(UUID_TEXT)),
    ],
)
def test_who_can_be_named_may_sign_in(model: Any, primary_key: object) -> None:
    """What is checked at sign-in leads back to the same primary key."""
    check_primary_key(model, primary_key)
    assert is_subject(str(primary_key))
    assert str(primary_key_of(model, str(primary_key))) == str(primary_key)


@pytest.mark.parametrize("primary_key", ["tab\tname", "x" * 256, "a\0b", "a\ud800", "a\u202eb", ""])
def test_who_cannot_be_named_is_not_signed_in(
    db: None, primary_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clear error, before anything is written, and not tokens that are all refused."""
    monkeypatch.setattr(sessions, "get_user_model", lambda: Called)
    with statements() as said, pytest.raises(ValueError, match="primary key"):
        start_session(Called(name=primary_key))
    assert not said


def test_a_subject_is_a_primary_key_of_its_own_type() -> None:
    """Not its text."""
    assert primary_key_of(Member, "42") == 42
    assert primary_key_of(Named, UUID_TEXT) == Named._meta.pk.to_python(UUID_TEXT)


def test_an_impossible_user_is_missing(editor: Any) -> None:
    """A number beyond any column is no such user, or no subject, and never an error of the database."""
    for subject in (str(2**63), str(2**63 - 1), str(10**30), "-1", "0"):
        for model in (Member, Editor):
            with pytest.raises((Gone, errors.TokenInvalid)):
                str(deferred_user(model, subject, using="default", missing=Gone))


def test_who_watches_instances_sees_this_one(user: Any) -> None:
    """A receiver of post_init is called with the user model, as for any instance."""
    seen: list[Any] = []

    def watch(sender: Any, instance: Any, **_: object) -> None:
        seen.append((sender, instance.pk))

    model = type(user)
    post_init.connect(watch, sender=model)
    try:
        deferred = deferred_user(model, str(user.pk), using="default", missing=LookupError)
    finally:
        post_init.disconnect(watch, sender=model)
    assert (model, deferred.pk) in seen


def test_a_model_with_an_init_of_its_own_runs_it(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the project does in ``__init__`` is done for this instance too."""
    model = type(user)
    original = model.__init__

    def prepared(self: Any, *args: Any, **options: Any) -> None:
        original(self, *args, **options)
        self.prepared = True

    monkeypatch.setattr(model, "__init__", prepared)
    assert deferred_user(model, str(user.pk), using="default", missing=LookupError).prepared
