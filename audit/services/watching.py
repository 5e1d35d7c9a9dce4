"""Which tables are watched for writes that no audit row announces: all of ours, save what is named here."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from django.apps import AppConfig, apps
from django.db import connections
from django.db.models import Model

# made from other rows, or the system's own bookkeeping: no personal fact and no decision stands there alone
UNWATCHED = frozenset(
    {
        "audit_auditentry",
        "audit_auditblock",
        "audit_commitcheck",
        "audit_headseen",
        "audit_heartbeat",
        "audit_waitingentry",
        "biometrics_deduplicationrun",
        "biometrics_gallery",
        "biometrics_gallerymember",
        "biometrics_galleryindex",
        "borders_country",
        "borders_outboxmessage",
        "borders_partnerminute",
        "watchlists_entrykey",
        "watchlists_entrysearchform",
        "watchlists_namefrequencies",
        "watchlists_retroscreeningrun",
        "watchlists_travelerkey",
        "watchlists_travelersearchform",
        "watchlists_versionentry",
    }
)
# columns whose change is nobody's act
BOOKKEEPING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "borders_boothsession": ("active_at",),
        "borders_inspection": ("attempts", "leased_until"),
    }
)
OURS = frozenset({"audit", "biometrics", "travelers", "watchlists", "borders"})


def watched_models() -> Iterable[type[Model]]:
    """Return the models whose tables are watched. A new one is, without being named anywhere."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in OURS and model._meta.managed and model._meta.db_table not in UNWATCHED:
            yield model


def watch_tables(*, using: str = "default", app_label: str | None = None) -> None:
    """Put the triggers on every watched table that exists. Safe to repeat."""
    connection = connections[using]
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        cursor.execute("SELECT to_regprocedure('audit_watch(regclass, text, text)')")
        if cursor.fetchone()[0] is None:  # migrated back to before there were such triggers
            return
        for model in watched_models():
            table = model._meta.db_table
            if table in present and app_label in (None, model._meta.app_label):
                columns = "{" + ",".join(BOOKKEEPING.get(table, ())) + "}"
                cursor.execute(
                    "SELECT audit_watch(%s::regclass, %s, %s)", [table, model._meta.pk.column, columns]
                )


def watch_after_migration(sender: AppConfig, using: str, **_: object) -> None:
    """Run by `migrate`, once for each app."""
    if sender.label in OURS:
        watch_tables(using=using, app_label=sender.label)
