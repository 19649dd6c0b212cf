"""`manage.py flushexpiredtokens`: delete the entries of tokens that have expired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from rest_framework_simplejwt.token_blacklist.flushing import BATCH, flush_expired

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """In batches, so that memory does not grow with the table."""

    help = "Delete the entries of tokens that have expired. May be interrupted, and run beside the server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a database and the size of a batch."""
        parser.add_argument("--database", help="the alias; the router's choice unless it is given")
        parser.add_argument("--batch-size", type=int, default=BATCH, help="entries deleted at once (1000)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, and say how many."""
        deleted = 0
        for count in flush_expired(options["database"], options["batch_size"]):
            deleted += count
            if options["verbosity"] > 1:
                self.stdout.write(f"{deleted} deleted")
        if options["verbosity"]:
            self.stdout.write(f"{deleted} expired tokens deleted")
