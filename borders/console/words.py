"""The words of the console: every code that an officer may meet, as a sentence to translate."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from borders.core.pipeline import Step
from borders.core.protection import Answer, CaseOutcome, ServiceKind
from borders.models import CaptureFault
from travelers.core.chip import Mechanism, Verdict

Words = Mapping[str, Promise]

REFUSALS: Words = MappingProxyType(
    {
        "credentials_invalid": _("User name or password is wrong."),
        "booth_unknown": _("There is no such booth at this port of entry."),
        "not_posted": _("You are not posted to this port of entry."),
        "device_required": _(
            "This terminal is not enrolled at the booth, or was revoked. Call an administrator."
        ),
        "sign_in_throttled": _("Too many failures. Wait a quarter of an hour, or ask a supervisor."),
        "client_reference_reused": _(
            "This traveller was sent before with other data. Start the next traveller."
        ),
        "identity_required": _("Take the page, key the document, or say that there is none."),
        "required": _("Please fill in."),
        "too_long": _("Too long."),
        "bad_characters": _("A character here is not allowed."),
        "bad_code": _("A code of one to three letters, as in the machine readable zone."),
        "bad_date": _("Not a date of the calendar."),
        "invalid": _("Please look at this again."),
        "inspection_not_ready": _("The checks are still running."),
        "not_ready": _("This inspection has been decided, or is being checked."),
        "already_decided": _("This inspection was decided meanwhile."),
        "outcome_not_allowed": _("This line cannot decide so."),
        "second_person_required": _("The second line must be another person than the first."),
        "protection_blocks_refusal": _("Protection is asked for: this traveller cannot be refused."),
        "protection_needs_referral": _("Protection is asked for: please refer the traveller."),
        "reason_required": _("Please give your reason."),
        "identity_missing": _("Nobody is recorded without a name: key it first."),
        "not_open": _("Somebody has taken this over already."),
        "not_referred": _("No service is asked at the moment."),
        "not_acknowledged": _("The service has not said yet that it comes."),
        "not_handed_over": _("The traveller is not with the service yet."),
        "service_unknown": _("Choose a service."),
        "consulate_excluded": _("This traveller fears to go back: the consulate must not be told."),
        "outcome_required": _("Say what came of it."),
        "already_open": _("A case is open already."),
        "not_refused": _("Nobody was refused here."),
        "ground_required": _("Name at least one ground."),
        "ground_unknown": _("The law of this country does not know this ground."),
        "grounds_given": _("The notice was issued on other grounds, and is in the traveller's hand."),
        "notice_missing": _("The notice has not been issued yet."),
        "empty": _("The picture is empty."),
        "too_large": _("The picture is too large."),
        "too_many_pixels": _("The picture is too large."),
        "capture_gone": _("The pictures are sent once more."),
        "chip_file_empty": _("A file of the chip is empty."),
        "chip_file_too_large": _("A file of the chip is too large."),
        "type_unsupported": _("The picture is of a kind that is not read: use JPEG or PNG."),
        "truncated": _("The picture is cut off: take it again."),
        "malformed": _("The picture is damaged: take it again."),
        "animated": _("The picture is of a kind that is not read: use JPEG or PNG."),
    }
)
FIELDS: Words = MappingProxyType(
    {
        "document_code": _("Document code"),
        "issuing_state": _("Issuing State"),
        "document_number": _("Document number"),
        "primary_identifier": _("Surname"),
        "secondary_identifier": _("Given names"),
        "nationality": _("Nationality"),
        "birth_date": _("Birth date"),
        "sex": _("Sex"),
        "expiry_date": _("Expires"),
        "conveyance": _("Flight, vessel or vehicle"),
        "purpose_of_travel": _("Purpose of travel"),
        "address_of_stay": _("Address of stay"),
        "direction": _("Direction"),
        "page_image": _("Document page"),
        "face_image": _("Face"),
        "reason": _("Reason"),
        "party_reference": _("Group"),
    }
)
STEPS: Words = MappingProxyType(
    {
        Step.READ: _("Read the document"),
        Step.READ_PRINTED: _("Read the printed fields"),
        Step.CHECK_DOCUMENT: _("Check the document"),
        Step.MATCH_FACE: _("Compare the faces"),
        Step.SCREEN: _("Search the watchlists"),
        Step.CHECK_RECORD: _("Look at the record"),
        Step.RECOMMEND: _("Sum up"),
    }
)
REASONS: Words = MappingProxyType(
    {
        "adult": _("an adult"),
        "age_unknown": _("the age is not known"),
        "alone": _("travels alone"),
        "attempts_exhausted": _("the check failed three times"),
        "below_threshold": _("less alike than the threshold asks"),
        "blurred": _("the picture is blurred"),
        "born_after_capture": _("born after today"),
        "corrected_on_request": _("corrected on request"),
        "date_unknown_in_zone": _("the zone leaves the date open"),
        "different": _("different"),
        "doubtful": _("doubtful characters"),
        "entry_missing": _("no entry is recorded"),
        "equal": _("equal"),
        "exit_missing": _("an earlier entry has no exit"),
        "expired": _("expired"),
        "expired_before_birth": _("expired before the holder was born"),
        "expiry_date_unknown": _("the expiry date is not known"),
        "face_not_found": _("no face was found in the picture"),
        "glare": _("a reflection hides characters"),
        "hits": _("a person has to look at a hit"),
        "identity_unknown": _("the identity is not known"),
        "impossible_birth_date": _("the birth date does not exist"),
        "impossible_expiry_date": _("the expiry date does not exist"),
        "keyed_by_hand": _("keyed by hand"),
        "known_specimen": _("a published specimen"),
        "known_under_other_identity": _("known under another identity"),
        "low_quality": _("the picture is not good enough"),
        "no_adult": _("no adult in the group"),
        "no_candidate": _("nobody like this"),
        "no_document": _("there is no document"),
        "no_page": _("there is no page"),
        "no_page_image": _("the page was not taken"),
        "no_shared_surname": _("no adult of this surname"),
        "no_zone_found": _("no machine readable zone was found"),
        "not_checked_in_time": _("not checked in time"),
        "not_printed": _("the printed value is not known"),
        "not_reported": _("not reported"),
        "not_taken": _("the face was not taken"),
        "one_adult_unrelated_minors": _("one adult with minors of other surnames"),
        "other_birth_date": _("seen with another birth date"),
        "other_name": _("seen with another name"),
        "out_of_time": _("the picture took too long to read"),
        "overstayed": _("stayed longer than allowed"),
        "own_national": _("own national"),
        "party_incomplete": _("the group is not complete yet"),
        "portrait_not_found": _("no portrait was found on the page"),
        "repaired": _("a character was repaired"),
        "same_traveler": _("the same traveller"),
        "several_adults": _("several adults"),
        "specimen_name": _("the name of a specimen"),
        "specimen_state": _("the State of specimens"),
        "step_failed": _("the check failed"),
        "too_old": _("older than people become"),
        "too_small": _("the picture is too small"),
        "training": _("not asked in training"),
        "unknown_code": _("a code that does not exist"),
        "unreadable": _("the page could not be read"),
        "wrong_as_printed": _("wrong as printed"),
    }
)

SERVICES: Words = MappingProxyType(
    {
        ServiceKind.CHILD_PROTECTION: _("Child protection"),
        ServiceKind.COUNTER_TRAFFICKING: _("Counter-trafficking"),
        ServiceKind.ASYLUM: _("Asylum"),
        ServiceKind.HEALTH: _("Health"),
        ServiceKind.CONSULATE: _("Consulate"),
    }
)
ANSWERS: Words = MappingProxyType(
    {
        Answer.YES: _("Yes"),
        Answer.NO: _("No"),
        Answer.UNSURE: _("Not sure"),
        Answer.NOT_ANSWERED: _("Would rather not say"),
    }
)
CAPTURE_FAULTS: Words = MappingProxyType(
    {
        CaptureFault.Fault.PAGE_OF_ANOTHER: _("The page is of somebody else"),
        CaptureFault.Fault.FACE_OF_ANOTHER: _("The face is of somebody else"),
        CaptureFault.Fault.PAGE_OF_NO_USE: _("The page is of no use"),
        CaptureFault.Fault.FACE_OF_NO_USE: _("The face is of no use"),
    }
)
OUTCOMES: Words = MappingProxyType(
    {
        CaseOutcome.HELPED: _("The service has taken the traveller in"),
        CaseOutcome.DECLINED: _("The traveller declined help"),
        CaseOutcome.NO_NEED: _("No need was found"),
    }
)

MECHANISMS: Words = MappingProxyType(
    {
        Mechanism.SIGNATURE: _("Signature of the issuer"),
        Mechanism.HASHES: _("Data as signed"),
        Mechanism.CHAIN: _("Signer certified by its State"),
        Mechanism.VALIDITY: _("Certificate in force at issue"),
        Mechanism.COUNTRY: _("One State throughout"),
        Mechanism.KEY_USAGE: _("Key made for signing documents"),
        Mechanism.REVOCATION: _("Signer not revoked"),
        Mechanism.COMMON: _("Lists of data groups"),
        Mechanism.CONTENT: _("Content of the data groups"),
        Mechanism.ACTIVE_AUTHENTICATION: _("No copy (active authentication)"),
        Mechanism.CHIP_AUTHENTICATION: _("No copy (chip authentication)"),
    }
)
RESULTS: Words = MappingProxyType(
    {
        Verdict.VALID: _("valid"),
        Verdict.INVALID: _("invalid"),
        Verdict.NO_TRUST_ANCHOR: _("no authority known"),
        Verdict.REVOKED: _("revoked"),
        Verdict.EXPIRED: _("expired"),
        Verdict.NOT_PRESENT: _("not there"),
        Verdict.MALFORMED: _("malformed"),
    }
)


def say_refusal(code: str) -> str:
    """Return why something was not taken; the bare code where there are no words for it."""
    # the codes of pictures say so in front
    return str(REFUSALS.get(code) or REFUSALS.get(code.removeprefix("image_"), code))


def say_field(name: str) -> str:
    """Return the name of a field; of a part, that of the whole: "keyed.birth_date" is the birth date."""
    last = name.rpartition(".")[2]
    return str(FIELDS.get(last, _plain(last)))


def say_mechanism(name: str) -> str:
    return str(MECHANISMS[Mechanism(name)])


def say_result(result: str) -> str:
    return str(RESULTS[Verdict(result)])


def say_step(step: str) -> str:
    return str(STEPS[Step(step)])


def say_reason(code: str) -> str:
    """Return the reason of a finding; a code that has no words yet is read out as it is."""
    return str(REASONS[code]) if code in REASONS else _plain(code).lower()


def say(text: str) -> str:
    """Return a sentence that stands in another room (the statement of a check, an advice) in the officer's language."""
    return gettext(text) if text else ""


def _plain(code: Any) -> str:
    return capfirst(str(code).replace("_", " ").replace(".", " ").lower())
