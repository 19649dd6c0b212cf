"""JSON objects and arrays that nobody can change (RFC 8259).

They are ``dict`` and ``list`` to whoever reads them: they compare, iterate and serialize as such. What a
token said is shared between the cache of a verifier and every request that presents the token, so writing
raises ``TypeError``. ``copy.deepcopy`` (and pickling) gives plain dicts and lists that may be changed.

This guards against accidents. Who means to write can: ``dict.update(frozen, ...)`` does, as does calling
``__init__`` again: refusing that would make every verification slower.
"""

from __future__ import annotations

from typing import Any, NoReturn


def freeze(value: Any) -> Any:
    """Return a JSON value with every object and array in it frozen."""
    kind = type(value)
    if kind is dict:
        return FrozenObject({name: freeze(member) for name, member in value.items()})
    if kind is list:
        return FrozenArray(freeze(item) for item in value)
    return value


def _refuse_change(*_args: object, **_kwargs: object) -> NoReturn:
    raise TypeError("what a token said cannot be changed; copy.deepcopy gives a copy that can")


class FrozenObject(dict[str, Any]):
    """A read-only JSON object."""

    __slots__ = ()

    __setitem__ = __delitem__ = __ior__ = _refuse_change
    clear = pop = popitem = setdefault = update = _refuse_change

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        """Pickle and copy as a plain ``dict``."""
        return dict, (dict(self),)


class FrozenArray(list[Any]):
    """A read-only JSON array."""

    __slots__ = ()

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse_change
    append = clear = extend = insert = pop = remove = reverse = sort = _refuse_change

    def __reduce__(self) -> tuple[type, tuple[list[Any]]]:
        """Pickle and copy as a plain ``list``."""
        return list, (list(self),)
