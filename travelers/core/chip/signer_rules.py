"""What a document signer and its country signer must be: valid in time, of one State, made for signing.

Sources: Doc 9303-12 section 7.1 (profiles), Doc 9303-11 section 5.1 (passive authentication).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType

from travelers.core.chip.certificate import (
    AUTHORITY_KEY_IDENTIFIER,
    BASIC_CONSTRAINTS,
    DOCUMENT_TYPE_LIST,
    EXTENDED_KEY_USAGE,
    KEY_USAGE,
    PRIVATE_KEY_USAGE_PERIOD,
    SUBJECT_KEY_IDENTIFIER,
    Certificate,
)
from travelers.core.chip.countries import alpha_2_of
from travelers.core.chip.crl import Crl
from travelers.core.chip.result import Verdict

Judgement = tuple[Verdict, str]
OK: Judgement = (Verdict.VALID, "OK")
_UNDERSTOOD = frozenset(
    (
        AUTHORITY_KEY_IDENTIFIER,
        BASIC_CONSTRAINTS,
        DOCUMENT_TYPE_LIST,
        EXTENDED_KEY_USAGE,
        KEY_USAGE,
        PRIVATE_KEY_USAGE_PERIOD,
        SUBJECT_KEY_IDENTIFIER,
        "2.5.29.17",  # alternative names, which decide nothing here
        "2.5.29.18",
        "2.5.29.31",
        "2.5.29.32",
    )
)

# where certificates of these States, trusted by others too, depart from the profile (seen in a public master list
# of May 2026); a CSCA of any other State that does so is refused
TOLERATED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "CSCA_NOT_AUTHORITY": frozenset(("CM", "IT", "LU", "PT", "TR")),
        "CSCA_BASIC_CONSTRAINTS_MISSING": frozenset(("BE",)),
        "CSCA_KEY_USAGE_MISSING": frozenset(("CN",)),
    }
)
# departures that weaken nothing, only recorded
HARMLESS = frozenset(("CSCA_PATH_LENGTH", "CSCA_FURTHER_KEY_USAGE"))


def judge_validity(
    signer: Certificate,
    anchor: Certificate | None,
    *,
    signed_at: datetime | None,
    issue_date: date | None,
    at: datetime,
) -> Judgement:
    """Judge the signer's validity when it signed.

    signed_at: the signing time of EF.SOD. issue_date: of data group 12, which may lie a day beside UTC. Where
    neither is known the signer must be valid at, because its validity covers the documents that it signs
    (Doc 9303-12 section 5). Returns EXPIRED: DSC_NOT_VALID_AT_SIGNING, DSC_KEY_PERIOD, DSC_EXPIRED,
    DSC_NOT_YET_VALID, CSCA_NOT_VALID_AT_ISSUE; INVALID: VALIDITY_REVERSED.
    """
    if signer.not_after < signer.not_before:
        return Verdict.INVALID, "VALIDITY_REVERSED"
    if signer.not_before > at:
        return Verdict.EXPIRED, "DSC_NOT_YET_VALID"
    if signed_at is not None:
        if not signer.not_before <= signed_at <= signer.not_after:
            return Verdict.EXPIRED, "DSC_NOT_VALID_AT_SIGNING"
        begin, end = signer.private_key_usage_period
        if (begin and signed_at < begin) or (end and signed_at > end):
            return Verdict.EXPIRED, "DSC_KEY_PERIOD"
    elif issue_date is not None:
        # by differences: certificates for ever end on the calendar's last day, to which nothing can be added
        early, late = signer.not_before.date() - issue_date, issue_date - signer.not_after.date()
        if max(early, late) > timedelta(days=1):
            return Verdict.EXPIRED, "DSC_NOT_VALID_AT_SIGNING"
    elif at > signer.not_after:
        return Verdict.EXPIRED, "DSC_EXPIRED"
    if anchor is not None and not anchor.not_before <= signer.not_before <= anchor.not_after:
        return Verdict.EXPIRED, "CSCA_NOT_VALID_AT_ISSUE"
    return OK


def judge_country(signer: Certificate, anchor: Certificate | None, issuing_state: str) -> Judgement:
    """Judge that document, signer and country signer are of one State.

    issuing_state: of data group 1, "" if it was not read. Returns MALFORMED(COUNTRY_MISSING), INVALID:
    SIGNER_COUNTRY_MISMATCH, CSCA_COUNTRY_MISMATCH, DOCUMENT_COUNTRY_MISMATCH.
    """
    country = signer.issuer.country
    if not country:
        return Verdict.MALFORMED, "COUNTRY_MISSING"
    if signer.subject.country not in ("", country):
        return Verdict.INVALID, "SIGNER_COUNTRY_MISMATCH"
    if anchor is not None and anchor.subject.country != country:
        return Verdict.INVALID, "CSCA_COUNTRY_MISMATCH"
    if issuing_state and country not in alpha_2_of(issuing_state):
        return Verdict.INVALID, "DOCUMENT_COUNTRY_MISMATCH"
    return OK


def judge_key_usage(signer: Certificate, anchor: Certificate | None, document_code: str) -> Judgement:
    """Judge what the keys are made for.

    document_code: of the MRZ in data group 1, without fillers, "" if it was not read. Returns INVALID:
    CERTIFICATE_VERSION, KEY_USAGE_MISSING, KEY_USAGE, KEY_USAGE_NOT_CRITICAL, EXTENDED_KEY_USAGE,
    SIGNER_IS_AUTHORITY, CRITICAL_EXTENSION, DOCUMENT_TYPE, and the codes of authority_deviations.
    """
    if signer.version != 3:
        return Verdict.INVALID, "CERTIFICATE_VERSION"
    usage = signer.key_usage
    if usage is None:
        return Verdict.INVALID, "KEY_USAGE_MISSING"
    if usage != {"digitalSignature"}:
        return Verdict.INVALID, "KEY_USAGE"
    if not signer.extensions[KEY_USAGE].critical:
        return Verdict.INVALID, "KEY_USAGE_NOT_CRITICAL"
    if signer.extended_key_usage:
        return Verdict.INVALID, "EXTENDED_KEY_USAGE"
    constraints = signer.basic_constraints
    if constraints is not None and constraints[0]:
        return Verdict.INVALID, "SIGNER_IS_AUTHORITY"
    if any(e.critical and kind not in _UNDERSTOOD for kind, e in signer.extensions.items()):
        return Verdict.INVALID, "CRITICAL_EXTENSION"
    types = signer.document_types
    if types is not None and document_code and not _is_listed(document_code, types):
        return Verdict.INVALID, "DOCUMENT_TYPE"
    return OK if anchor is None else _judge_authority(anchor)


def _judge_authority(anchor: Certificate) -> Judgement:
    """Judge a CSCA by the profile; what a named State is known to do otherwise is tolerated."""
    for code in authority_deviations(anchor):
        if code not in HARMLESS and anchor.subject.country not in TOLERATED.get(code, ()):
            return Verdict.INVALID, code
    return OK


def authority_deviations(anchor: Certificate) -> list[str]:
    """Return where a CSCA departs from the profile, as codes."""
    found = []
    constraints, usage = anchor.basic_constraints, anchor.key_usage
    if constraints is None:
        found.append("CSCA_BASIC_CONSTRAINTS_MISSING")
    elif not constraints[0]:
        found.append("CSCA_NOT_AUTHORITY")
    elif constraints[1] != 0:
        found.append("CSCA_PATH_LENGTH")
    if usage is None:
        found.append("CSCA_KEY_USAGE_MISSING")
    elif "keyCertSign" not in usage:
        found.append("CSCA_KEY_USAGE")
    elif usage != {"keyCertSign", "cRLSign"}:
        found.append("CSCA_FURTHER_KEY_USAGE")
    return found


def judge_revocation(signer: Certificate, crls: Sequence[Crl], at: datetime) -> Judgement:
    """Judge by the verified CRLs of the signer's issuer, the newest first.

    Returns REVOKED(DSC_REVOKED), also by a list that is out of date; NOT_PRESENT: CRL_NOT_PRESENT,
    CRL_NOT_CURRENT.
    """
    if not crls:
        return Verdict.NOT_PRESENT, "CRL_NOT_PRESENT"
    if signer.serial_number in crls[0].revoked:
        return Verdict.REVOKED, "DSC_REVOKED"
    newest = crls[0]
    if newest.this_update > at or (newest.next_update is not None and newest.next_update < at):
        return Verdict.NOT_PRESENT, "CRL_NOT_CURRENT"
    return OK


def _is_listed(document_code: str, types: Sequence[str]) -> bool:
    """Tell whether a document code is in a list: a one-letter entry stands for that letter with a filler."""
    code = document_code.replace("<", "")
    return any(code == entry.replace("<", "") for entry in types)
