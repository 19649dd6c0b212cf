from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("jotpass", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="session",
            name="created_at",
            field=models.DateTimeField(db_default=Now()),
        ),
        migrations.AddField(
            model_name="tokenfamily",
            name="access_lifetime",
            field=models.DurationField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="tokenfamily",
            name="refresh_lifetime",
            field=models.DurationField(blank=True, null=True),
        ),
    ]
