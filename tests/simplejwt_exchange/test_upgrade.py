"""The package is swapped over a database that the other one wrote: nobody is signed out."""

from __future__ import annotations

from typing import Any

from tests.simplejwt_exchange.peers import Peer, peer

ROTATING = {"ROTATE_REFRESH_TOKENS": True, "BLACKLIST_AFTER_ROTATION": True}
BLACKLISTED = {"detail": "Token is blacklisted", "code": "token_not_valid"}
ADMIN_PAGES = [
    "/admin/token_blacklist/outstandingtoken/",
    "/admin/token_blacklist/outstandingtoken/?q=made",
    "/admin/token_blacklist/outstandingtoken/1/change/",
    "/admin/token_blacklist/blacklistedtoken/",
    "/admin/token_blacklist/blacklistedtoken/1/change/",
    "/admin/auth/user/1/delete/",
]
DIGEST = "jotpass-digest-outstanding"


def signed_in(issuer: Peer) -> dict[str, str]:
    """Tokens of every kind that one package has issued: live ones, and ones that it has taken back."""
    live, rotated, ended = (issuer.sign_in("vitor") for _ in range(3))
    successor = issuer.post("/token/refresh/", refresh=rotated["refresh"]).body["refresh"]
    assert issuer.post("/token/blacklist/", refresh=ended["refresh"]).status == 200
    return {
        "access": live["access"],
        "refresh": live["refresh"],
        "successor": successor,
        "rotated": rotated["refresh"],
        "ended": ended["refresh"],
        "sliding": issuer.post("/sliding/", username="vitor", password="vitor").body["token"],
        "ended sliding": issuer.ask("blacklisted_sliding", "vitor"),
    }


def check_tokens(reader: Peer, tokens: dict[str, str]) -> None:
    """The live ones work, the others do not; what was live is used up."""
    assert reader.get("/whoami/", tokens["access"]).body == {"pk": "1"}
    assert reader.get("/whoami/", tokens["sliding"]).body == {"pk": "1"}
    assert reader.post("/sliding/refresh/", token=tokens["sliding"]).status == 200
    for name in ("refresh", "successor"):
        answer = reader.post("/token/refresh/", refresh=tokens[name])
        assert answer.status == 200, name
        assert reader.get("/whoami/", answer.body["access"]).status == 200
        assert reader.post("/token/refresh/", refresh=tokens[name]).body == BLACKLISTED
        assert reader.post("/token/refresh/", refresh=answer.body["refresh"]).status == 200
    check_ended(reader, tokens)


def check_ended(reader: Peer, tokens: dict[str, str]) -> None:
    """What was taken back is refused."""
    for name in ("rotated", "ended"):
        answer = reader.post("/token/refresh/", refresh=tokens[name])
        assert (answer.status, answer.body) == (401, BLACKLISTED), name
    assert reader.get("/whoami/", tokens["ended sliding"]).status == 401
    answer = reader.post("/sliding/refresh/", token=tokens["ended sliding"])
    assert (answer.status, answer.body) == (401, BLACKLISTED)


def check_project(reader: Peer) -> None:
    """There is nothing to migrate, nothing to add to the migrations, and the admin opens."""
    assert "No migrations to apply" in reader.manage("migrate")
    assert "No changes detected" in reader.manage("makemigrations", "--check", "--dry-run")
    reader.manage("check")
    reader.ask("sign_in_to_admin", "vitor")
    for page in ADMIN_PAGES:
        assert reader.get(page).status == 200, page


def test_a_database_of_the_incumbent_needs_nothing(database: dict[str, Any]) -> None:
    """Old tokens work and blacklisted ones do not, before and after the digests have replaced the texts."""
    with peer("incumbent", database, ROTATING) as incumbent:
        first, second = signed_in(incumbent), signed_in(incumbent)
        incumbent.ask("enter_outstanding", 20, 3600, "header.payload.")
    with peer("drop-in", database, ROTATING) as drop_in:
        check_project(drop_in)
        check_tokens(drop_in, first)
        before = drop_in.ask("counts")
        drop_in.manage(DIGEST)
        assert drop_in.ask("counts") == before
        assert [text for text in drop_in.ask("texts") if not text.startswith("sha256:")] == []
        check_ended(drop_in, first)
        check_tokens(drop_in, second)
        check_project(drop_in)


def test_a_database_of_the_drop_in_goes_back(database: dict[str, Any]) -> None:
    """Whoever changes back loses nothing: the incumbent goes by the id of a token, not by its text."""
    with peer("drop-in", database, ROTATING) as drop_in:
        tokens = signed_in(drop_in)
        drop_in.ask("enter_outstanding", 20, 3600, "header.payload.")
    with peer("incumbent", database, ROTATING) as incumbent:
        check_project(incumbent)
        check_tokens(incumbent, tokens)
        assert incumbent.manage("flushexpiredtokens") == ""
        check_ended(incumbent, tokens)


def test_expired_tokens_of_the_incumbent_are_flushed(database: dict[str, Any]) -> None:
    """What has expired goes, in batches and with what was taken back of it; what lives stays taken back."""
    with peer("incumbent", database, ROTATING) as incumbent:
        tokens = signed_in(incumbent)
        living = incumbent.ask("counts")
        incumbent.ask("enter_outstanding", 2500, -3600, "header.payload.")
    with peer("drop-in", database, ROTATING) as drop_in:
        assert drop_in.ask("counts") == [living[0] + 2500, living[1] + 1250]
        assert "2500 expired tokens deleted" in drop_in.manage("flushexpiredtokens")
        assert drop_in.ask("counts") == living
        check_tokens(drop_in, tokens)


def test_the_digests_come_in_batches_and_may_be_interrupted(database: dict[str, Any]) -> None:
    """What is done is done: the second run goes on where the first was interrupted."""
    with peer("incumbent", database) as incumbent:
        incumbent.ask("enter_outstanding", 3000, 3600, "header.payload.")
    with peer("drop-in", database) as drop_in:
        drop_in.ask("interrupt", 3, DIGEST, "--batch-size=500")
        done = [text.startswith("sha256:") for text in drop_in.ask("texts")]
        assert done == [True] * 1500 + [False] * 1500
        assert "1500 tokens replaced by their digests" in drop_in.manage(DIGEST, "--batch-size=500")
        assert all(text.startswith("sha256:") for text in drop_in.ask("texts"))
        assert "0 tokens replaced by their digests" in drop_in.manage(DIGEST)


def test_memory_does_not_grow_with_the_table(vitors: dict[str, Any]) -> None:
    """Four times as many rows, and texts as long as tokens, take no more memory."""
    with peer("incumbent", vitors) as incumbent:
        incumbent.ask("enter_outstanding", 500, -3600, "x" * 500)
    with peer("drop-in", vitors) as drop_in:
        few = drop_in.ask("peak_of", DIGEST, "--batch-size=100")
        few_flushed = drop_in.ask("peak_of", "flushexpiredtokens", "--batch-size=100")
        drop_in.ask("enter_outstanding", 2000, -3600, "x" * 500)
        many = drop_in.ask("peak_of", DIGEST, "--batch-size=100")
        many_flushed = drop_in.ask("peak_of", "flushexpiredtokens", "--batch-size=100")
        assert drop_in.ask("counts") == [0, 0]
    assert many < 1.5 * few
    assert many_flushed < 1.5 * few_flushed
