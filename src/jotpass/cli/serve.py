"""`jotpass serve`: the ready-made project in production, or a refusal with its reasons."""

from __future__ import annotations

import click
from rich.console import Console

from jotpass.cli.failure import plain_failures
from jotpass.server import startup
from jotpass.server.data_folder import prepare_data_folder
from jotpass.server.environment import Environment, read_environment
from jotpass.server.safety import refusals
from jotpass.server.supervision import Listener, reserved_address, run


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on."
)
@click.option(
    "--workers", type=click.IntRange(1, 1024), help="Processes that answer (JOTPASS_WORKERS, else 1)."
)
@click.option("--migrate", is_flag=True, help="Bring the database up to date before the workers start.")
def command(host: str, port: int, workers: int | None, *, migrate: bool) -> None:
    """Serve the ready-made project, configured by environment variables.

    JOTPASS_SECRET_KEY and JOTPASS_ALLOWED_HOSTS have no default. JOTPASS_DATABASE_URL, JOTPASS_REDIS_URL,
    JOTPASS_ISSUER and JOTPASS_DATA say where things are. TLS ends at a proxy in front, named in
    JOTPASS_TRUSTED_PROXIES.
    """
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    with plain_failures():
        environment = read_environment()
        _refuse_if(refusals(environment))
        with reserved_address(host, port) as address:
            listener = Listener(address, port, workers or environment.workers, environment.threads)
            _prepare(environment, listener, console, migrate=migrate)
            several = "s" if listener.workers > 1 else ""
            ready = f"Jotpass serves {listener.origin} with {listener.workers} worker{several}."
            run(listener, announce=lambda: console.print(ready))


def _prepare(environment: Environment, listener: Listener, console: Console, *, migrate: bool) -> None:
    """Load the project, check it, and look at its database; refuse what cannot be served."""
    if not environment.database_url:
        prepare_data_folder(environment.data)
    startup.set_up()
    _refuse_if(_failed_checks(console))
    if listener.workers > 1 and not environment.redis_url:
        console.print(
            "jotpass.W020: each worker counts failed sign-ins for itself; JOTPASS_REDIS_URL lets them share.",
            markup=False,
        )
    if migrate:
        startup.migrate()
    _refuse_if(_database_refusals(environment, listener))
    startup.close_connections()


def _refuse_if(reasons: list[str]) -> None:
    """End with exit code 1 and every reason there is."""
    if reasons:
        lines = "\n".join(f"  - {reason}" for reason in reasons)
        raise click.ClickException(f"jotpass serve refuses to start:\n{lines}")


def _failed_checks(console: Console) -> list[str]:
    """Run the system checks: errors are reasons to refuse, warnings are printed."""
    messages = startup.check_messages()
    for message in messages:
        if not message.is_serious():
            console.print(f"{message.id}: {message.msg}", markup=False)
    return [f"{message.id}: {message.msg}" for message in messages if message.is_serious()]


def _database_refusals(environment: Environment, listener: Listener) -> list[str]:
    """Look at the database: its tables must be there, and it must bear the connections of all workers."""
    reasons = []
    if pending := startup.pending_migrations():
        reasons.append(
            f"the database lacks {len(pending)} migrations (the first is {pending[0]}):"
            " run `jotpass manage migrate`, or start with --migrate."
        )
    limit = startup.connection_limit()
    if limit is not None and (wanted := listener.workers * environment.pool_size) > limit:
        reasons.append(
            f"{listener.workers} workers of {environment.pool_size} connections want {wanted},"
            f" the database gives {limit}: lower JOTPASS_DATABASE_POOL_SIZE, JOTPASS_THREADS or --workers."
        )
    return reasons
