"""Let the index of search keys hold the birth dates too: a look-up reads the index alone, and half of the pages."""

from django.db import migrations

COVERING = (
    'ALTER TABLE "watchlists_entrykey" DROP CONSTRAINT "watchlists_entrykey_pkey",'
    ' ADD CONSTRAINT "watchlists_entrykey_pkey" PRIMARY KEY ("key", "entry_id") INCLUDE ("born")'
)
PLAIN = (
    'ALTER TABLE "watchlists_entrykey" DROP CONSTRAINT "watchlists_entrykey_pkey",'
    ' ADD CONSTRAINT "watchlists_entrykey_pkey" PRIMARY KEY ("key", "entry_id")'
)


class Migration(migrations.Migration):
    dependencies = [("watchlists", "0004_withhold_silent_hits")]

    operations = [migrations.RunSQL(COVERING, PLAIN)]
