from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    # A place in history: there was once a 0009 that some projects had and others had not.
    dependencies = [("token_blacklist", "0010_fix_migrate_to_bigautofield")]
    operations = []
