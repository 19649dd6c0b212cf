"""What is made of the settings once, and kept until one of them is another."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from django.conf import settings as django_settings

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_REMEMBERED: Final = 256
"""How many results of one function are remembered: one for each site, and there are seldom more."""

T = TypeVar("T")
K = TypeVar("K")
K_contra = TypeVar("K_contra", contravariant=True)
T_co = TypeVar("T_co", covariant=True)


class Remembered(Protocol[K_contra, T_co]):
    """A function of one argument whose results are remembered."""

    def __call__(self, key: K_contra | None = None, /) -> T_co:
        """Return the result of this moment's settings."""


class _Written(tuple[Any, ...]):
    """Settings as they are written; SECRET_KEY among them is not for reports of errors."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<settings>"

    def own(self) -> _Written:
        """Copy what could be changed in place."""
        project, secret, fallbacks, user_model = self
        if isinstance(project, dict):
            project = {name: _own(value) for name, value in project.items()}
        return _Written((project, secret, _own(fallbacks), user_model))


def remembered(build: Callable[[], T]) -> Callable[[], T]:
    """Keep what a function makes of the settings until one of them is another.

    Args:
        build: Reads nothing but ``JOTPASS``, SECRET_KEY, SECRET_KEY_FALLBACKS and AUTH_USER_MODEL.
    """
    of_one = remembered_for_each(lambda _: build())

    @wraps(build)
    def current() -> T:
        return of_one(None)

    return current


def remembered_for_each(build: Callable[[K | None], T]) -> Remembered[K, T]:
    """Keep what a function makes of the settings and of one argument, until a setting is another.

    Parsing the ten settings of a request takes longer than verifying its token. Comparing them as they are
    written does not, and notices every change, be it by ``override_settings`` or inside the dict.

    Args:
        build: Reads what a `remembered` function may read, and its argument, which can be hashed.
    """
    latest: tuple[tuple[object, ...], dict[K | None, T]] | None = None

    @wraps(build)
    def current(key: K | None = None) -> T:
        nonlocal latest
        kept = latest
        # Past the lazy object, which would be asked once for each of the four.
        settings: Any = django_settings._wrapped  # type: ignore[misc]  # noqa: SLF001
        written = _Written(
            (
                getattr(settings, "JOTPASS", None),
                settings.SECRET_KEY,
                settings.SECRET_KEY_FALLBACKS,
                settings.AUTH_USER_MODEL,
            )
        )
        if kept is not None and kept[0] == written:
            values = kept[1]
            try:
                return values[key]
            except KeyError:
                pass
        else:
            values = {}
            latest = (written.own(), values)
        value = build(key)
        if len(values) >= MAX_REMEMBERED:
            # The first one makes room; a thread that has just taken it is no matter.
            values.pop(next(iter(values)), None)
        values[key] = value
        return value

    return current


def _own(value: object) -> object:
    """Copy what may be changed in place, so that the change shows in a comparison."""
    return value.copy() if isinstance(value, list) else value
