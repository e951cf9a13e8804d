from django.db import migrations

from audit.clock_functions import FIXED


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_guards")]
    operations = [migrations.RunSQL(FIXED, "DROP FUNCTION assize_now();")]
