"""A chip at the booth: its files are stored once, verified by the worker, and answered mechanism by mechanism."""

import pytest

from biometrics.core.outcomes import Outcome
from borders.admin.chip import chip_facts, chip_table
from borders.core.requests import RequestRefused
from borders.demo.pki.keys import make_ec_key
from borders.models import Inspection
from borders.record_queries import known_traveler_id
from borders.services.decisions import decide
from borders.services.inspections import open_inspection
from tests.documents.pki.forgeries import KINDS
from tests.documents.pki.seals import make_seal, make_vds_nc, seal_signer
from tests.documents.pki.state import TestState, master_list, revocation_list, utopia
from travelers.core.chip import ChipFiles
from travelers.models import ChipFile, ChipVerification, TrustStoreVersion
from travelers.services.trust_store import (
    TrustImportRefused,
    TrustStoreRefused,
    activate_trust_store,
    get_trust_store,
    propose_trust_import,
    reject_trust_store,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("operating_points")]


@pytest.fixture
def state() -> TestState:
    return utopia()


@pytest.fixture
def trusted(alice_here, bob_here, at, state) -> TrustStoreVersion:
    """The country signer of Utopia, proposed by Alice and put in force by Bob."""
    version = propose_trust_import(actor=alice_here, at=at, content=state.csca.der, source="handed over")
    return activate_trust_store(actor=bob_here, at=at, version_id=version.id)


def found(inspection: Inspection) -> dict[str, tuple[str, str]]:
    rows = inspection.findings.filter(code__startswith="CHIP.", superseded_at=None)
    return {row.code.removeprefix("CHIP."): (row.outcome, row.reason) for row in rows}


def mechanisms(inspection: Inspection) -> dict[str, str]:
    return {name: said["code"] for name, said in inspection.chip_verification.mechanisms.items()}


def test_a_genuine_chip_passes(ready, state, trusted) -> None:
    inspection = ready(chip=state.files())
    assert not inspection.steps.filter(state="FAILED").exists()
    assert mechanisms(inspection)["chain"] == mechanisms(inspection)["hashes"] == "OK"
    assert inspection.chip_verification.trust_store == trusted
    outcomes = found(inspection)
    assert outcomes["SIGNATURE"][0] == outcomes["HASHES"][0] == outcomes["CHAIN"][0] == Outcome.PASS


def test_without_a_trust_anchor_nothing_is_called_a_forgery(ready, state) -> None:
    inspection = ready(chip=state.files())
    assert mechanisms(inspection)["chain"] == "NO_CSCA_FOR_STATE"
    assert found(inspection)["CHAIN"][0] == Outcome.UNDETERMINED


@pytest.mark.parametrize("name", ["DG1 altered", "signed with another key", "unlisted group injected"])
def test_a_forged_chip_is_referred(ready, trusted, name) -> None:
    kind = next(k for k in KINDS if k.name == name)
    inspection = ready(chip=kind.make().files)
    assert inspection.advice == "REFER"
    assert inspection.chip_verification.mechanisms[kind.mechanism]["code"] == kind.code
    assert Outcome.FAIL in {outcome for outcome, _ in found(inspection).values()}


def test_the_same_chip_sent_twice_is_stored_once(opened, make_request, alice_here, at, state) -> None:
    request = make_request(chip=state.files())
    first, _ = open_inspection(actor=alice_here, at=at, request=request)
    second, created = open_inspection(actor=alice_here, at=at, request=request)
    assert (first.id, created) == (second.id, False)
    assert ChipFile.objects.count() == len(state.groups) + 2


def test_a_chip_that_could_not_be_read_is_not_one_that_was_not_tried(ready) -> None:
    assert found(ready(chip_attempted=True)) != found(ready())


@pytest.mark.parametrize(
    ("files", "code", "field"),
    [
        (ChipFiles(sod=b""), "chip_file_empty", "ef_sod"),
        (ChipFiles(com=bytes(300)), "chip_file_too_large", "ef_com"),
        (ChipFiles(groups={2: bytes(1024 * 1024 + 1)}), "chip_file_too_large", "dg2"),
        (ChipFiles(groups={17: b"x"}), "unknown_field", "dg17"),
    ],
)
def test_files_out_of_bounds_are_refused(opened, files, code, field) -> None:
    with pytest.raises(RequestRefused) as refusal:
        opened(chip=files)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert not ChipFile.objects.exists()


def test_a_verification_is_kept_as_it_was_made(ready, state) -> None:
    inspection = ready(chip=state.files())
    row = ChipVerification.objects.get(id=inspection.chip_verification_id)
    row.dg1_lines = []
    with pytest.raises(Exception, match=r"(?i)cannot"):
        row.save()


# the trust store


def test_who_proposes_does_not_activate(alice_here, at, state) -> None:
    version = propose_trust_import(actor=alice_here, at=at, content=state.csca.der, source="handed over")
    with pytest.raises(TrustStoreRefused) as refusal:
        activate_trust_store(actor=alice_here, at=at, version_id=version.id)
    assert refusal.value.code == "second_person_required"
    assert get_trust_store()[0].anchors == ()


def test_a_master_list_needs_its_pinned_root(alice_here, at, state) -> None:
    content = master_list(state, state.csca.der)
    with pytest.raises(TrustImportRefused) as refusal:
        propose_trust_import(actor=alice_here, at=at, content=content, source="list")
    assert refusal.value.code == "NO_PINNED_ROOT"
    version = propose_trust_import(
        actor=alice_here, at=at, content=content, source="list", roots=[state.csca.der]
    )
    assert (version.kind, version.diff["added"], version.diff["added_by_country"]) == (
        "master_list",
        1,
        {"UT": 1},
    )


def test_a_changed_master_list_is_refused(alice_here, at, state) -> None:
    content = bytearray(master_list(state, state.csca.der))
    content[content.find(state.csca.der) + 100] ^= 1
    with pytest.raises(TrustImportRefused):
        propose_trust_import(
            actor=alice_here, at=at, content=bytes(content), source="list", roots=[state.csca.der]
        )
    assert not TrustStoreVersion.objects.exists()


def test_a_revocation_list_revokes_from_its_activation(
    ready, alice_here, bob_here, at, state, trusted
) -> None:
    crl = revocation_list(state, state.signer.serial_number)
    version = propose_trust_import(actor=alice_here, at=at, content=crl, source="PKD")
    assert mechanisms(ready(chip=state.files()))["revocation"] == "CRL_NOT_PRESENT"
    activate_trust_store(actor=bob_here, at=at, version_id=version.id)
    assert mechanisms(ready(chip=state.files()))["revocation"] == "DSC_REVOKED"


def test_an_older_version_can_be_put_in_force_again(alice_here, bob_here, at, state, trusted) -> None:
    crl = revocation_list(state, state.signer.serial_number)
    version = propose_trust_import(actor=alice_here, at=at, content=crl, source="PKD")
    activate_trust_store(actor=bob_here, at=at, version_id=version.id)
    activate_trust_store(actor=bob_here, at=at, version_id=trusted.id)
    assert get_trust_store()[1] == trusted.id
    assert get_trust_store()[0].crls == ()


def test_a_rejected_version_stays_out(alice_here, bob_here, at, state) -> None:
    version = propose_trust_import(actor=alice_here, at=at, content=state.csca.der, source="handed over")
    reject_trust_store(actor=bob_here, at=at, version_id=version.id)
    with pytest.raises(TrustStoreRefused) as refusal:
        activate_trust_store(actor=bob_here, at=at, version_id=version.id)
    assert refusal.value.code == "wrong_state"


# seals


def test_a_visa_seal_is_verified_offline(ready, alice_here, bob_here, at, state, trusted) -> None:
    signer = seal_signer(state)
    assert _seal_finding(ready, make_seal(signer)) == ("UNDETERMINED", "signer_not_held")
    version = propose_trust_import(actor=alice_here, at=at, content=signer.der, source="Utopia")
    assert (version.kind, version.diff["seal_signers"], version.diff["added"]) == ("seal_signer", 1, 0)
    activate_trust_store(actor=bob_here, at=at, version_id=version.id)
    assert _seal_finding(ready, make_seal(signer)) == ("PASS", "")
    changed = bytearray(make_seal(signer))
    changed[40] ^= 1
    assert _seal_finding(ready, bytes(changed))[0] == "FAIL"
    assert (
        _seal_finding(ready, make_vds_nc(seal_signer(state, make_ec_key("P-256", plain=True, seed=b"n"))))[0]
        == "PASS"
    )


def test_a_seal_signer_is_no_trust_anchor(alice_here, bob_here, at, state, trusted) -> None:
    version = propose_trust_import(actor=alice_here, at=at, content=seal_signer(state).der, source="Utopia")
    activate_trust_store(actor=bob_here, at=at, version_id=version.id)
    store, _ = get_trust_store()
    assert (len(store.anchors), len(store.seal_signers)) == (1, 1)


def test_a_document_signer_is_taken_for_nothing(alice_here, at, state, trusted) -> None:
    with pytest.raises(TrustImportRefused) as refusal:
        propose_trust_import(actor=alice_here, at=at, content=state.signer.der, source="chip")
    assert refusal.value.code == "NOT_A_CSCA"


def _seal_finding(ready, seal: bytes) -> tuple[str, str]:
    row = ready(seal=seal).findings.get(code="VISA.SEAL", superseded_at=None)
    return row.outcome, row.reason


# the chip alone


def test_without_a_page_the_chip_is_the_reading(ready, state, trusted, alice_here, at) -> None:
    inspection = ready(keyed=None, chip=state.files())
    reading = inspection.reading
    assert (reading.source, reading.status, reading.reason) == ("CHIP", "ACCEPTED", "")
    assert (reading.primary_identifier, reading.document_number) == ("ERIKSSON", "L898902C3")
    said = {f.code: (f.outcome, f.reason) for f in inspection.findings.filter(superseded_at=None)}
    assert said["MRZ.READ"] == (Outcome.NOT_APPLICABLE, "no_page")
    assert said["MRZ.COMPOSITE"][0] == said["CHIP.HASHES"][0] == Outcome.PASS
    decide(actor=alice_here, at=at, inspection_id=inspection.id, outcome="CLEARED", reason="seen")
    inspection.refresh_from_db()
    assert inspection.document.document_number == "L898902C3"
    # the next crossing on the page finds the same document and traveller
    assert known_traveler_id(reading=reading) == inspection.traveler_id


def test_what_an_officer_keyed_stands_before_the_chip(ready, state) -> None:
    inspection = ready(chip=state.files())
    assert inspection.reading.source == "KEYED"


def test_an_unreadable_page_with_a_chip_is_a_question_still(ready, state, png) -> None:
    inspection = ready(keyed=None, page_image=png(), chip=state.files())
    assert (inspection.reading.source, inspection.reading.reason) == ("CHIP", "page_not_read")
    said = {f.code: (f.outcome, f.reason) for f in inspection.findings.filter(superseded_at=None)}
    assert said["MRZ.READ"] == said["CHIP.ZONE"] == (Outcome.UNDETERMINED, "page_not_read")
    assert inspection.advice == "REFER"


def test_the_evidence_page_says_each_mechanism_in_words(ready, state, trusted) -> None:
    inspection = ready(chip=state.files())
    shown = chip_table(inspection)
    assert [row[2] for row in shown.rows] == list(mechanisms(inspection).values())
    assert "Is every data group the one that was signed?" in {row[0] for row in shown.rows}
    assert any("CN=CSCA Utopia" in row[3] for row in shown.rows)
    assert chip_facts(inspection)[1].value == "DG1, DG2, DG11, DG12, DG14, DG15"
    assert chip_table(ready(chip_attempted=True)).empty == "The booth could not read the chip."
