"""`manage.py jotpass-digest-outstanding`: replace tokens that the table holds in clear by digests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from rest_framework_simplejwt.stored_digest import DIGEST_PREFIX, digest
from rest_framework_simplejwt.token_blacklist.management.progress import show_progress
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

if TYPE_CHECKING:
    from argparse import ArgumentParser

BATCH = 1000


class Command(BaseCommand):
    """In batches; what is done is done, and a second run goes on where the first was interrupted."""

    help = "Replace tokens that the table of outstanding tokens holds in clear by their digests."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a database and the size of a batch."""
        parser.add_argument("--database", default="default", help="the alias (default)")
        parser.add_argument("--batch-size", type=int, default=BATCH, help="entries written at once (1000)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Replace them, and say how many."""
        tokens = OutstandingToken.objects.using(options["database"]).order_by("pk")
        in_clear = tokens.exclude(token__startswith=DIGEST_PREFIX)
        total, done, last = in_clear.count(), 0, 0
        while batch := list(in_clear.filter(pk__gt=last).only("pk", "token")[: options["batch_size"]]):
            last = batch[-1].pk
            for entry in batch:
                entry.token = digest(entry.token)
            tokens.bulk_update(batch, ["token"])
            done += len(batch)
            if options["verbosity"]:
                show_progress(self.stdout, done, total)
        if options["verbosity"]:
            self.stdout.write(f"{done} tokens replaced by their digests")
