from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import migrations


def write_digits(apps: Any, schema_editor: Any) -> None:
    tokens = apps.get_model("token_blacklist", "OutstandingToken").objects.using(
        schema_editor.connection.alias
    )
    for key, jti in tokens.values_list("pk", "jti").iterator():
        tokens.filter(pk=key).update(jti_hex=jti.hex)


def write_uuids(apps: Any, schema_editor: Any) -> None:
    tokens = apps.get_model("token_blacklist", "OutstandingToken").objects.using(
        schema_editor.connection.alias
    )
    for key, digits in tokens.values_list("pk", "jti_hex").iterator():
        tokens.filter(pk=key).update(jti=UUID(hex=digits))


class Migration(migrations.Migration):
    dependencies = [("token_blacklist", "0002_outstandingtoken_jti_hex")]
    operations = [migrations.RunPython(write_digits, write_uuids, hints={"model_name": "outstandingtoken"})]
