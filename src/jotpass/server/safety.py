"""Reasons not to serve: settings under which tokens could be forged or requests misled.

`refusals` is pure: it looks at a configuration and says in sentences what is wrong and what to do.
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jotpass.keys.weak_secret import MIN_LENGTH, Weakness, weakness_of

if TYPE_CHECKING:
    from jotpass.server.environment import Environment

_HOW_TO_MAKE_ONE = "make one with: python -c 'import secrets; print(secrets.token_urlsafe(64))'"
_WEAKNESSES = {
    Weakness.MISSING: "is not set, and has no default: who knows it can forge every token",
    Weakness.PLACEHOLDER: "is a placeholder that anybody could guess",
    Weakness.GUESSABLE: f"can be guessed: {MIN_LENGTH} random characters at least",
}


def refusals(environment: Environment) -> list[str]:
    """Say why this configuration must not face a network; empty when nothing speaks against it."""
    found = [
        _secret_refusal("JOTPASS_SECRET_KEY", environment.secret_key),
        *(_secret_refusal("JOTPASS_SECRET_KEY_FALLBACKS", key) for key in environment.secret_key_fallbacks),
        _hosts_refusal(environment.allowed_hosts),
        _issuer_refusal(environment.tokens.get("ISSUER", "")),
        *(_proxy_refusal(proxy) for proxy in environment.trusted_proxies),
        _debug_refusal(debug=environment.debug),
    ]
    return [reason for reason in found if reason]


def _secret_refusal(name: str, key: str) -> str:
    weakness = weakness_of(key)
    return f"{name} {_WEAKNESSES[weakness]}; {_HOW_TO_MAKE_ONE}" if weakness else ""


def _debug_refusal(*, debug: bool) -> str:
    return "JOTPASS_DEBUG is on: its error pages show settings and source to everybody." if debug else ""


def _hosts_refusal(hosts: tuple[str, ...]) -> str:
    if not hosts:
        return "JOTPASS_ALLOWED_HOSTS is not set: name the hosts this server answers to, separated by commas."
    if "*" in hosts:
        return "JOTPASS_ALLOWED_HOSTS is '*', which lets any site pose as this one: name the hosts instead."
    return ""


def _issuer_refusal(issuer: str) -> str:
    parts = urlsplit(issuer)
    if not issuer or parts.scheme == "urn" or (parts.scheme in {"https", "http"} and parts.netloc):
        return ""
    return "JOTPASS_ISSUER is not a URL: use the https address under which others know this server."


def _proxy_refusal(proxy: str) -> str:
    try:
        network = ip_network(proxy)
    except ValueError:
        return f"JOTPASS_TRUSTED_PROXIES: {proxy!r} is neither an address nor a network such as 10.0.0.0/8."
    if network.prefixlen == 0:
        return f"JOTPASS_TRUSTED_PROXIES: {proxy!r} is everybody, who could then pose as any address."
    return ""
