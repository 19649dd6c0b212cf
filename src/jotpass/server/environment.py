"""What the ready-made project reads from the environment, typed and validated, in one place.

Every variable begins with `JOTPASS_`. A value that cannot be read raises `environs.EnvError`, whose message
names the variable and never repeats a secret.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from environs import Env, validate

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXTS = ("ISSUER", "AUDIENCE", "SIGNING_ALGORITHM", "REVOCATION")
_LISTS = ("CLIENTS", "TRANSPORTS", "SIGNING_KEYS")
_SECONDS = (
    "ACCESS_TOKEN_LIFETIME",
    "REFRESH_TOKEN_LIFETIME",
    "SESSION_LIFETIME",
    "REFRESH_REUSE_GRACE",
    "REFRESH_RECOVERY",
    "REVOCATION_MAX_STALENESS",
    "LEEWAY",
)


@dataclass(frozen=True, slots=True)
class Environment:
    """The configuration of one server.

    Attributes:
        data: Folder of the SQLite database and of a generated secret (`JOTPASS_DATA`).
        database_url: Where sessions live (`JOTPASS_DATABASE_URL`); empty for SQLite in `data`.
        redis_url: Redis or Valkey for the shared cache, and over which processes tell each other of
            revocations (`JOTPASS_REDIS_URL`); empty for a cache per process.
        secret_key: What tokens and Django sessions are signed with (`JOTPASS_SECRET_KEY`).
        secret_key_fallbacks: Former secret keys, newest first (`JOTPASS_SECRET_KEY_FALLBACKS`,
            comma-separated).
        tokens: Settings of `jotpass.auth`, each from the variable of its name: `JOTPASS_ISSUER`,
            `JOTPASS_AUDIENCE`, `JOTPASS_SIGNING_ALGORITHM`, `JOTPASS_SIGNING_KEYS`,
            `JOTPASS_CLIENTS` and `JOTPASS_TRANSPORTS` (comma-separated),
            `JOTPASS_REVOCATION`, and durations in seconds, such as `JOTPASS_ACCESS_TOKEN_LIFETIME`. Those
            that are unset are left out.
        allowed_hosts: Host names the server answers to (`JOTPASS_ALLOWED_HOSTS`, comma-separated).
        trusted_origins: Origins whose forms the admin accepts and whose pages may use the cookies
            (`JOTPASS_TRUSTED_ORIGINS`, comma-separated); one with a wildcard is for the admin alone.
        trusted_proxies: Addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed
            (`JOTPASS_TRUSTED_PROXIES`, comma-separated); none by default.
        hsts_seconds: `max-age` of Strict-Transport-Security (`JOTPASS_HSTS_SECONDS`); 0 sends no header,
            because a browser that has seen one cannot be called back.
        workers: Processes that answer requests (`JOTPASS_WORKERS`).
        threads: Threads of one worker, each with one database connection at most (`JOTPASS_THREADS`).
        pool_size: PostgreSQL connections of one worker (`JOTPASS_DATABASE_POOL_SIZE`); as many as threads by
            default.
        database_timeout: Seconds to wait for a connection or a lock before 503
            (`JOTPASS_DATABASE_TIMEOUT`).
        audit_log: A file for the audit log, or ``-`` for stdout (`JOTPASS_AUDIT_LOG`); empty for none.
        debug: Django's DEBUG (`JOTPASS_DEBUG`); `jotpass serve` refuses to start with it.
    """

    data: Path
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(repr=False)
    tokens: Mapping[str, Any]
    allowed_hosts: tuple[str, ...]
    trusted_origins: tuple[str, ...]
    trusted_proxies: tuple[str, ...]
    hsts_seconds: int
    workers: int
    threads: int
    pool_size: int
    database_timeout: float
    audit_log: str
    debug: bool


def read_environment() -> Environment:
    """Read `os.environ`.

    Returns:
        The configuration; unset variables have their defaults.

    Raises:
        environs.EnvError: A variable holds a value of the wrong type or outside its range.
    """
    env = Env()
    positive = validate.Range(min=1, max=1024)
    with env.prefixed("JOTPASS_"):
        threads = env.int("THREADS", 8, validate=positive)
        return Environment(
            data=Path(env.str("DATA", "") or ".jotpass").absolute(),
            database_url=env.str("DATABASE_URL", ""),
            redis_url=env.str("REDIS_URL", ""),
            secret_key=env.str("SECRET_KEY", ""),
            secret_key_fallbacks=_several(env, "SECRET_KEY_FALLBACKS"),
            tokens=_token_settings(env),
            allowed_hosts=_several(env, "ALLOWED_HOSTS"),
            trusted_origins=_several(env, "TRUSTED_ORIGINS"),
            trusted_proxies=_several(env, "TRUSTED_PROXIES"),
            hsts_seconds=env.int("HSTS_SECONDS", 0, validate=validate.Range(min=0)),
            workers=env.int("WORKERS", 1, validate=positive),
            threads=threads,
            pool_size=env.int("DATABASE_POOL_SIZE", threads, validate=positive),
            database_timeout=env.float("DATABASE_TIMEOUT", 5.0, validate=validate.Range(min=0.1, max=600)),
            audit_log=env.str("AUDIT_LOG", ""),
            debug=env.bool("DEBUG", False),
        )


def _several(env: Env, name: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in env.list(name, [], subcast=str) or () if item.strip())


def _token_settings(env: Env) -> dict[str, Any]:
    found: dict[str, Any] = {name: env.str(name, "") for name in _TEXTS}
    found |= {name: list(_several(env, name)) for name in _LISTS}
    found["TRUSTED_ORIGINS"] = [origin for origin in _several(env, "TRUSTED_ORIGINS") if "*" not in origin]
    found |= {name: env.float(name, None) for name in _SECONDS}
    return {name: value for name, value in found.items() if value not in ("", [], None)}
