"""The trust store: what a version changes, who answers for it, and which certificates run out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import django_filters
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display

from audit.admin import Fact, ReadOnlyModelAdmin, Section, Table, Tone, badge, show, show_time
from audit.admin.filters import CodeFilter, UntilDayFilter
from audit.core.actor import Role
from travelers.models import TrustedCertificate, TrustStoreVersion
from travelers.queries import expiring_certificates, outdated_revocation_lists
from travelers.services.trust_store import TrustStoreRefused, activate_trust_store, reject_trust_store

WARNED_BEFORE = timedelta(days=180)
ROWS_SHOWN = 100
STATE_TONES = {
    "ACTIVE": Tone.GOOD,
    "PROPOSED": Tone.WARN,
    "SUPERSEDED": Tone.QUIET,
    "REJECTED": Tone.BAD,
}
REFUSALS = {
    "wrong_state": "This version is not waiting any more.",
    "second_person_required": "Another person has to answer for what you proposed.",
    "not_found": "There is no such version.",
}


def expiry_mark(row: TrustedCertificate) -> SafeString:
    """Return whether a certificate has run out or soon does. Old ones still verify old documents."""
    left = row.not_after - timezone.now()
    if left < timedelta(0):
        return badge("Expired", Tone.QUIET, "history")
    if left < WARNED_BEFORE:
        return badge(f"Expires in {left.days} days", Tone.WARN, "schedule")
    return badge("In force", Tone.GOOD)


@admin.register(TrustStoreVersion)
class TrustStoreVersionAdmin(ReadOnlyModelAdmin):
    read_roles = frozenset({Role.SUPERVISOR, Role.LIST_OWNER})
    page_ordering = ("-number", "id")
    list_display = ("named", "state_mark", "kind", "source", "added", "proposed")
    list_select_related = ("proposed_by",)
    detail_template = "admin/travelers/trust_store_version.html"

    @display(description="Version")
    def named(self, row: TrustStoreVersion) -> str:
        return str(row.number)

    @display(description="State")
    def state_mark(self, row: TrustStoreVersion) -> SafeString:
        return badge(row.get_state_display(), STATE_TONES[row.state])

    @display(description="Added")
    def added(self, row: TrustStoreVersion) -> str:
        return (
            f"{row.diff.get('added', 0)} certificates, {row.diff.get('revocation_lists', 0)} revocation lists"
        )

    @display(description="Proposed")
    def proposed(self, row: TrustStoreVersion) -> str:
        return show_time(row.proposed_at)

    def detail_context(self, request: HttpRequest, row: TrustStoreVersion) -> dict[str, Any]:
        label = "admin:travelers_truststoreversion"
        waiting = row.state == TrustStoreVersion.State.PROPOSED
        return {
            **super().detail_context(request, row),
            "can_activate": waiting or row.state == TrustStoreVersion.State.SUPERSEDED,
            "can_reject": waiting,
            "is_mine": row.proposed_by_id is not None and row.proposed_by_id == request.actor.user_id,
            "activate_url": reverse(f"{label}_activate", args=(row.id,)),
            "reject_url": reverse(f"{label}_reject", args=(row.id,)),
        }

    def sections(self, request: HttpRequest, row: TrustStoreVersion) -> list[Section]:
        diff = row.diff
        against = diff.get("against")
        return [
            Section(
                str(row),
                [
                    Fact("State", self.state_mark(row)),
                    Fact("Kind", row.kind.replace("_", " ")),
                    Fact("Source", show(row.source)),
                    Fact("SHA-256 of the file", row.sha256),
                    Fact("Signed by", show(row.signer)),
                    Fact("Pinned root, SHA-256", show(row.root_sha256)),
                    Fact("Proposed", f"{row.proposed_by or 'command line'} {show_time(row.proposed_at)}"),
                    Fact(
                        "Answered by",
                        f"{row.approved_by} {show_time(row.approved_at)}" if row.approved_at else "Not yet",
                    ),
                ],
            ),
            Section(
                f"Against version {against}" if against else "Against an empty trust store",
                [
                    Fact("Added", str(diff.get("added", 0))),
                    Fact("Held before", str(diff.get("already_held", 0))),
                    Fact("Held, and not in the file", f"{diff.get('held_and_not_in_the_file', 0)} (kept)"),
                    Fact("Revocation lists", str(diff.get("revocation_lists", 0))),
                    Fact("Seal signers", str(diff.get("seal_signers", 0))),
                    *[
                        Fact(f"Left out: {code}", str(count))
                        for code, count in diff.get("refused", {}).items()
                    ],
                ],
                table=Table(("State", "Certificates added"), list(diff.get("added_by_country", {}).items())),
            ),
            self._fingerprints(diff),
            self._expiring(request, row),
            self._outdated(row),
        ]

    def _fingerprints(self, diff: dict[str, Any]) -> Section:
        rows = [(sha,) for sha in diff.get("fingerprints", ())]
        return Section(
            "Fingerprints to compare with what the State published", table=Table(("SHA-256",), rows)
        )

    def _expiring(self, request: HttpRequest, row: TrustStoreVersion) -> Section:
        rows = expiring_certificates(version=row, at=timezone.now(), within=WARNED_BEFORE)[:ROWS_SHOWN]
        return Section(
            f"Run out within {WARNED_BEFORE.days} days",
            table=Table(
                ("State", "Subject", "Expires"),
                [
                    (
                        c.country,
                        Fact("", c.subject, self.link_to(request, TrustedCertificate, c.id)),
                        show_time(c.not_after),
                    )
                    for c in rows
                ],
            ),
        )

    def _outdated(self, row: TrustStoreVersion) -> Section:
        rows = outdated_revocation_lists(version=row, at=timezone.now())[:ROWS_SHOWN]
        return Section(
            "Revocation lists past their date",
            table=Table(
                ("Issuer", "Next update was due"), [(c.issuer, show_time(c.next_update)) for c in rows]
            ),
        )

    # the answers of a second person

    def activate_view(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        return self._act(request, version_id, activate_trust_store, "is in force from now on.")

    def reject_view(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        return self._act(request, version_id, reject_trust_store, "is rejected.")

    def _act(
        self, request: HttpRequest, version_id: UUID, verb: Callable[..., TrustStoreVersion], said: str
    ) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(("POST",))
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            version = verb(actor=request.actor, at=timezone.now(), version_id=version_id)
        except TrustStoreRefused as refusal:
            messages.error(request, REFUSALS[refusal.code])
            return HttpResponseRedirect(self.list_url())
        messages.success(request, f"Version {version.number} {said}")
        return HttpResponseRedirect(reverse("admin:travelers_truststoreversion_change", args=(version.id,)))

    def get_urls(self) -> list[URLPattern]:
        label = "travelers_truststoreversion"
        return [
            path("<uuid:version_id>/activate/", self.guard(self.activate_view), name=f"{label}_activate"),
            path("<uuid:version_id>/reject/", self.guard(self.reject_view), name=f"{label}_reject"),
            *super().get_urls(),
        ]


class TrustedCertificateFilter(django_filters.FilterSet):
    country = CodeFilter("country", label="State", max_length=2, lookup_expr="iexact")
    until = UntilDayFilter("not_after", label="Expires until")


@admin.register(TrustedCertificate)
class TrustedCertificateAdmin(ReadOnlyModelAdmin):
    read_roles = frozenset({Role.SUPERVISOR, Role.LIST_OWNER})
    page_ordering = ("not_after", "id")
    filterset_class = TrustedCertificateFilter
    list_display = ("country", "subject", "key_name", "kind_mark", "expires", "expiry")

    @display(description="Kind")
    def kind_mark(self, row: TrustedCertificate) -> str:
        if row.is_seal_signer:
            return "Seal signer"
        return "Link certificate" if row.is_link else "CSCA"

    @display(description="Expires")
    def expires(self, row: TrustedCertificate) -> str:
        return show_time(row.not_after)

    @display(description="")
    def expiry(self, row: TrustedCertificate) -> SafeString:
        return expiry_mark(row)

    def sections(self, request: HttpRequest, row: TrustedCertificate) -> list[Section]:
        return [
            Section(
                row.subject,
                [
                    Fact("State", show(row.country)),
                    Fact("Kind", self.kind_mark(row)),
                    Fact("Issuer", row.issuer),
                    Fact("Key", row.key_name or badge(row.refusal, Tone.BAD)),
                    Fact("SHA-256", row.sha256),
                    Fact("Valid from", show_time(row.not_before)),
                    Fact("Valid until", show_time(row.not_after)),
                    Fact("", expiry_mark(row)),
                    Fact("Added", show_time(row.added_at)),
                ],
            ),
            Section(
                "Versions that hold it",
                table=Table(
                    ("Version", "State"),
                    [
                        (
                            Fact("", str(v.number), self.link_to(request, TrustStoreVersion, v.id)),
                            v.get_state_display(),
                        )
                        for v in row.versions.order_by("-number")[:ROWS_SHOWN]
                    ],
                ),
            ),
        ]
