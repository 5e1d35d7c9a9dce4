"""Which tables are watched for writes that no audit row announces: all of ours, save what is named here, and of the libraries'
those that say who may do what.
"""

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
        "audit_writenote",
        "audit_headseen",
        "audit_heartbeat",
        "audit_waitingentry",
        "biometrics_deduplicationrun",
        "biometrics_gallery",
        "biometrics_galleryindex",
        "borders_partnerminute",
        "watchlists_entrysearchform",
        "watchlists_namefrequencies",
        "watchlists_retroscreeningrun",
        "watchlists_travelerkey",
        "watchlists_travelersearchform",
        "watchlists_versionentry",
    }
)
# made from other rows all day long, so that only what is taken away is told; with the column that names the row
DELETES_WATCHED: Mapping[str, str] = MappingProxyType(
    {
        "biometrics_gallerymember": "id",
        "borders_outboxmessage": "id",
        "watchlists_entrykey": "entry_id",
    }
)
# accounts, their rights, second factors, and the clients of national systems
WATCHED_OF_LIBRARIES = frozenset(
    {
        "auth_group",
        "auth_group_permissions",
        "auth_user",
        "auth_user_groups",
        "auth_user_user_permissions",
        "oauth2_provider_application",
        "otp_static_staticdevice",
        "otp_static_statictoken",
        "otp_totp_totpdevice",
    }
)
# what a library keeps for itself: sessions, tokens of minutes, counters of wrong passwords, names of models
UNWATCHED_OF_LIBRARIES = frozenset(
    {
        "auth_permission",
        "axes_accessattempt",
        "axes_accessattemptexpiration",
        "axes_accessfailurelog",
        "axes_accesslog",
        "django_admin_log",
        "django_content_type",
        "django_session",
        "oauth2_provider_accesstoken",
        "oauth2_provider_devicegrant",
        "oauth2_provider_grant",
        "oauth2_provider_idtoken",
        "oauth2_provider_refreshtoken",
    }
)
# what each code that is given leaves: that it was given is a row of its own
_OF_CODES = ("last_used_at", "throttling_failure_count", "throttling_failure_timestamp")
# columns whose change is nobody's act
BOOKKEEPING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "auth_user": ("last_login",),
        "borders_boothsession": ("active_at",),
        "borders_inspection": ("attempts", "leased_until"),
        "otp_static_staticdevice": _OF_CODES,
        "otp_totp_totpdevice": (*_OF_CODES, "drift", "last_t"),
    }
)
OURS = frozenset({"audit", "biometrics", "travelers", "watchlists", "borders"})


def watched_models() -> Iterable[type[Model]]:
    """Return the models whose tables are watched. A new one is, without being named anywhere."""
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        is_ours = model._meta.app_label in OURS and table not in UNWATCHED and table not in DELETES_WATCHED
        if table in WATCHED_OF_LIBRARIES or (is_ours and model._meta.managed):
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
        cursor.execute("SELECT to_regprocedure('audit_watch_deletes(regclass, text)')")
        if cursor.fetchone()[0] is not None:
            for table, key in DELETES_WATCHED.items():
                if table in present:
                    cursor.execute("SELECT audit_watch_deletes(%s::regclass, %s)", [table, key])


def watch_after_migration(sender: AppConfig, using: str, **_: object) -> None:
    """Run by `migrate`, once for each app."""
    if sender.label in OURS or any(name.startswith(f"{sender.label}_") for name in WATCHED_OF_LIBRARIES):
        watch_tables(using=using, app_label=sender.label)
