import audit.clock
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_clock")]
    operations = [
        migrations.CreateModel(
            name="SweepRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("task", models.CharField(max_length=100, unique=True, verbose_name="task")),
                (
                    "known_since",
                    models.DateTimeField(
                        db_default=audit.clock.DatabaseNow(), editable=False, verbose_name="known since"
                    ),
                ),
                ("began_at", models.DateTimeField(null=True, verbose_name="began")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("through_at", models.DateTimeField(null=True, verbose_name="went through")),
                ("rows", models.PositiveIntegerField(default=0, verbose_name="rows")),
                ("failed", models.PositiveIntegerField(default=0, verbose_name="failed")),
                ("held", models.PositiveIntegerField(default=0, verbose_name="passed over")),
                ("fault", models.CharField(blank=True, default="", max_length=100, verbose_name="fault")),
                ("at_part", models.CharField(blank=True, default="", max_length=40)),
                ("at_row", models.BigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "run of a sweep",
                "verbose_name_plural": "runs of sweeps",
                "permissions": [("see_operations", "May see how the workers are doing")],
                "default_permissions": (),
            },
        ),
    ]
