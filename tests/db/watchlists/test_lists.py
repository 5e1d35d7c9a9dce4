"""Lists: proposed by one person, activated by another, rolled back by the same act."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, close_old_connections, connections, transaction

from audit.models import AuditEntry, new_id
from biometrics.models import GalleryMember
from tests.db.watchlists.conftest import entry
from watchlists.core.names import PersonName
from watchlists.core.proposals import ListedDocument, ProposalRefused
from watchlists.models import (
    EntryDocument,
    EntryName,
    VersionEntry,
    WatchlistEntry,
    WatchlistVersion,
)
from watchlists.services import (
    ListRefused,
    activate_version,
    create_watchlist,
    propose_version,
    reject_version,
)


def test_proposal_stores_entries_names_documents_and_keys(propose) -> None:
    version = propose(
        entry(
            names=(PersonName("Svensson", "Brita"), PersonName("Müller", low_quality=True)),
            documents=(ListedDocument("p12 345-678", "DEU"),),
        )
    )

    stored = WatchlistEntry.objects.get(version=version)
    assert (version.number, version.state, version.entry_count) == (1, "PROPOSED", 1)
    assert list(stored.names.order_by("id").values_list("primary_identifier", "kind", "quality")) == [
        ("Svensson", "PRIMARY", "GOOD"),
        ("Müller", "ALIAS", "LOW"),
    ]
    assert stored.documents.values_list("document_number", "issuing_state").get() == ("P12345678", "D")
    assert stored.keys.count() > 5


def test_refused_entry_leaves_nothing(propose) -> None:
    with pytest.raises(ProposalRefused) as refused:
        propose(entry(), entry(source_id="UT-2", owner_unit=""))

    assert (refused.value.index, refused.value.field) == (1, "owner_unit")
    assert not WatchlistVersion.objects.exists()


def test_source_id_stands_once_in_a_proposal(propose) -> None:
    with pytest.raises(ProposalRefused, match="duplicate"):
        propose(entry(), entry())


def test_person_who_proposed_cannot_activate(propose, owner, at) -> None:
    with pytest.raises(ListRefused, match="second_person_required"):
        activate_version(actor=owner, at=at, version_id=propose(entry()).id)


def test_officer_cannot_activate(propose, alice, actor_of, at) -> None:
    with pytest.raises(ListRefused, match="role_required"):
        activate_version(actor=actor_of(alice), at=at, version_id=propose(entry()).id)


def test_activation_swaps_the_pointer_and_supersedes_the_version_before(activate, watchlist) -> None:
    first = activate(entry())
    second = activate(entry(), entry(source_id="UT-2"))

    watchlist.refresh_from_db()
    first.refresh_from_db()
    assert watchlist.active_version_id == second.id
    assert (first.state, second.state) == ("SUPERSEDED", "ACTIVE")


def test_superseded_version_is_rolled_back_to_by_activating_it(activate, watchlist, second, at) -> None:
    first = activate(entry())
    latest = activate(entry())

    activate_version(actor=second, at=at, version_id=first.id)

    watchlist.refresh_from_db()
    latest.refresh_from_db()
    assert (watchlist.active_version_id, latest.state) == (first.id, "SUPERSEDED")


def test_rejected_version_is_never_activated(propose, second, at) -> None:
    version = reject_version(actor=second, at=at, version_id=propose(entry()).id)

    assert version.state == "REJECTED"
    with pytest.raises(ListRefused, match="not_proposed"):
        activate_version(actor=second, at=at, version_id=version.id)


def test_active_version_cannot_be_activated_again(activate, second, at) -> None:
    with pytest.raises(ListRefused, match="not_proposed"):
        activate_version(actor=second, at=at, version_id=activate(entry()).id)


def test_activation_enrols_the_faces_of_its_entries(propose, second, at, make_template) -> None:
    template = make_template()
    version = propose(entry(faces=(template.id,)))
    assert not GalleryMember.objects.exists()

    activate_version(actor=second, at=at, version_id=version.id)

    member = GalleryMember.objects.get(gallery__name="watchlist")
    assert (member.template_id, member.subject_id) == (template.id, version.entries.get().id)


@pytest.mark.parametrize("field", ["owner_unit", "legal_basis"])
def test_list_without_owner_or_legal_basis_is_refused(owner, at, field: str) -> None:
    fields = {"owner_unit": "National Police", "legal_basis": "Act"} | {field: " "}
    with pytest.raises(ListRefused, match=f"{field.split('_unit')[0]}_required"):
        create_watchlist(actor=owner, at=at, name="List", kind="PERSON", **fields)


@pytest.mark.parametrize("sha256", ["", "AB" * 32, "ab"])
def test_proposal_names_what_it_was_made_from(owner, at, watchlist, sha256: str) -> None:
    with pytest.raises(ListRefused, match="bad_sha256"):
        propose_version(actor=owner, at=at, watchlist=watchlist, entries=[entry()], sha256=sha256)


@pytest.mark.django_db(transaction=True)
def test_two_activations_at_once_leave_one_active_version(propose, second, at, watchlist) -> None:
    versions = [propose(entry()) for _ in range(4)]
    start = threading.Barrier(len(versions))
    failures = []

    def run(version_id) -> None:
        close_old_connections()
        try:
            start.wait(timeout=10)
            activate_version(actor=second, at=at, version_id=version_id)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(version.id,)) for version in versions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    watchlist.refresh_from_db()
    assert failures == []
    states = sorted(WatchlistVersion.objects.values_list("state", flat=True))
    assert states == ["ACTIVE", "SUPERSEDED", "SUPERSEDED", "SUPERSEDED"]
    assert watchlist.active_version.state == "ACTIVE"


def test_every_act_on_a_list_writes_audit(activate, propose, second, at) -> None:
    activate(entry())
    reject_version(actor=second, at=at + timedelta(hours=1), version_id=propose(entry()).id)

    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert actions >= {
        "watchlist.created",
        "watchlist_version.proposed",
        "watchlist_version.activated",
        "watchlist_version.rejected",
    }


def test_stored_entries_cannot_be_changed(activate) -> None:
    activate(entry(documents=(ListedDocument("P1"),)))

    for rows, change in (
        (EntryName.objects, {"kind": "ALIAS"}),
        (WatchlistEntry.objects, {"priority": 1}),
        (EntryDocument.objects, {"status": "LOST"}),
        (VersionEntry.objects, {"entry_id": new_id()}),
    ):
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            rows.update(**change)
