import audit.models.entries
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('size', models.BigIntegerField(primary_key=True, serialize=False)),
                ('root', models.BinaryField(max_length=32)),
                ('note', models.TextField()),
                ('key_id', models.CharField(max_length=8)),
                ('signed_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'audit_checkpoint',
                'ordering': ['-size'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Pending',
            fields=[
                ('entry_id', models.BigIntegerField(primary_key=True, serialize=False)),
            ],
            options={
                'db_table': 'audit_pending',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Tile',
            fields=[
                ('pk', models.CompositePrimaryKey('level', 'tile_index', blank=True, editable=False, primary_key=True, serialize=False)),
                ('level', models.SmallIntegerField()),
                ('tile_index', models.BigIntegerField()),
                ('hashes', models.BinaryField(max_length=8192)),
                ('root', models.BinaryField(max_length=32)),
            ],
            options={
                'db_table': 'audit_tile',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=80, verbose_name='kind')),
                ('stream', models.CharField(max_length=120, verbose_name='stream')),
                ('actor', models.CharField(max_length=80, verbose_name='actor')),
                ('body', audit.models.entries.CanonicalJSONField(default=dict, verbose_name='facts')),
                ('head_salt', models.BinaryField(default=audit.models.entries.new_salt, max_length=16)),
                ('body_salt', models.BinaryField(default=audit.models.entries.new_salt, max_length=16)),
                ('leaf', models.BinaryField(max_length=64)),
                ('recorded_at', models.DateTimeField(verbose_name='recorded')),
            ],
            options={
                'verbose_name': 'audit entry',
                'verbose_name_plural': 'audit entries',
                'ordering': ['-pk'],
                'permissions': [('read_log', 'May read the whole audit log')],
                'indexes': [models.Index(fields=['stream', '-id'], name='audit_entry_stream_38a0bd_idx'), models.Index(fields=['kind', '-id'], name='audit_entry_kind_07aaf6_idx'), models.Index(fields=['actor', '-id'], name='audit_entry_actor_b17d6f_idx'), models.Index(fields=['recorded_at'], name='audit_entry_recorde_33296c_idx')],
            },
        ),
        migrations.CreateModel(
            name='Leaf',
            fields=[
                ('leaf_index', models.BigIntegerField(primary_key=True, serialize=False)),
                ('leaf_hash', models.BinaryField(max_length=32)),
                ('entry', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='place', to='audit.entry')),
            ],
            options={
                'db_table': 'audit_leaf',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Cosignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('witness', models.CharField(max_length=200)),
                ('key_hash', models.CharField(max_length=8)),
                ('line', models.TextField()),
                ('cosigned_at', models.DateTimeField()),
                ('checkpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cosignatures', to='audit.checkpoint')),
            ],
            options={
                'db_table': 'audit_cosignature',
                'ordering': ['checkpoint', 'witness', 'pk'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('checkpoint', 'witness', 'key_hash'), name='one_cosignature_a_witness')],
            },
        ),
    ]
