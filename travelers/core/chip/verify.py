"""Verify a chip: every mechanism for itself, none stopped by another.

Sources: Doc 9303-11 sections 5 and 6, Doc 9303-12 section 7. docs/chip.md has the table of codes.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from travelers.core.chip.active_authentication import ActiveAuthenticationEvidence, verify_response
from travelers.core.chip.certificate import Certificate, is_signed_by, key_of
from travelers.core.chip.chip_authentication import ChipAuthenticationEvidence, verify_agreement
from travelers.core.chip.cms import verify_signed_data
from travelers.core.chip.data_groups import (
    LDS_VERSIONS,
    MAX_GROUP_OCTETS,
    PARSERS,
    TAGS,
    UNICODE_VERSION,
    Common,
    DocumentDetails,
    SecurityInfos,
    check_tag,
    parse_common,
)
from travelers.core.chip.errors import Invalid, Malformed
from travelers.core.chip.keys import PublicKey
from travelers.core.chip.portrait import Portrait
from travelers.core.chip.result import ChipResult, Mechanism, MechanismResult, Verdict
from travelers.core.chip.security_object import SecurityObject, parse_security_object
from travelers.core.chip.signer_rules import (
    Judgement,
    authority_deviations,
    judge_country,
    judge_key_usage,
    judge_revocation,
    judge_validity,
)
from travelers.core.chip.trust import Anchor, TrustStore, Unanchored, find_issuer, find_link_issuer

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class ChipFiles:
    """The files of one chip as they were read, any subset. groups: data group number (1 to 16) to the whole file."""

    sod: bytes | None = None
    com: bytes | None = None
    groups: Mapping[int, bytes] = field(default_factory=dict)
    active_authentication: ActiveAuthenticationEvidence | None = None
    chip_authentication: ChipAuthenticationEvidence | None = None


def verify_chip(files: ChipFiles, store: TrustStore, *, at: datetime, clock: Clock) -> ChipResult:
    """Return one result for each mechanism. at: aware time of the inspection. clock: seconds, monotonic.

    Never raises for what the files hold.
    """
    return _Verification(files, store, at, clock).run()


class _Verification:
    """One chip on its way through the mechanisms; each method fills in its own result."""

    def __init__(self, files: ChipFiles, store: TrustStore, at: datetime, clock: Clock) -> None:
        self.files = files
        self.store = store
        self.at = at
        self.clock = clock
        self.results: dict[Mechanism, MechanismResult] = {}
        self.security_object: SecurityObject | None = None
        self.sod_failure = "SOD_NOT_PRESENT"
        self.contents: dict[int, Any] = {}
        self.hash_results: dict[int, str] = {}
        self.anchor: Anchor | None = None
        self.common: Common | None = None

    def run(self) -> ChipResult:
        begun = self.clock()
        for mechanism, judge in (
            (Mechanism.SIGNATURE, self.signature),
            (Mechanism.HASHES, self.hashes),
            (Mechanism.CONTENT, self.content),
            (Mechanism.COMMON, self.common_file),
            (Mechanism.CHAIN, self.chain),
            (Mechanism.VALIDITY, self.validity),
            (Mechanism.COUNTRY, self.country),
            (Mechanism.KEY_USAGE, self.key_usage),
            (Mechanism.REVOCATION, self.revocation),
            (Mechanism.ACTIVE_AUTHENTICATION, self.active_authentication),
            (Mechanism.CHIP_AUTHENTICATION, self.chip_authentication),
        ):
            self._judge(mechanism, judge)
        found = self.security_object
        details = self.contents.get(12)
        portrait = self.contents.get(2)
        return ChipResult(
            mechanisms=MappingProxyType({m: self.results[m] for m in Mechanism}),
            groups_presented=tuple(sorted(self.files.groups)),
            groups_in_sod=tuple(found.hashes) if found else None,
            groups_in_com=self.common.groups if self.common else None,
            dg1_lines=self.contents.get(1, ()),
            issue_date=details.issue_date if isinstance(details, DocumentDetails) else None,
            portrait=portrait if isinstance(portrait, Portrait) else None,
            elapsed_ms=(self.clock() - begun) * 1e3,
        )

    def _judge(self, mechanism: Mechanism, judge: Callable[[], MechanismResult]) -> None:
        begun = self.clock()
        try:
            result = judge()
        except Malformed as error:
            result = self.say(mechanism, (Verdict.MALFORMED, error.code))
        except Invalid as error:
            result = self.say(mechanism, (Verdict.INVALID, error.code))
        self.results[mechanism] = replace(result, elapsed_ms=(self.clock() - begun) * 1e3)

    def say(
        self,
        mechanism: Mechanism,
        judgement: Judgement,
        *,
        signer: str = "",
        algorithm: str = "",
        **detail: object,
    ) -> MechanismResult:
        """Return a result; with EF.SOD read, its signer and algorithm are named unless others are given."""
        found = self.security_object
        if found is not None and mechanism not in (
            Mechanism.COMMON,
            Mechanism.ACTIVE_AUTHENTICATION,
            Mechanism.CHIP_AUTHENTICATION,
        ):
            signer = signer or str(found.signed.signer.subject)
            algorithm = algorithm or found.signed.algorithm.name
        verdict, code = judgement
        return MechanismResult(mechanism, verdict, code, signer, algorithm, 0.0, detail)

    def without_sod(self, mechanism: Mechanism) -> MechanismResult:
        return self.say(mechanism, (Verdict.NOT_PRESENT, self.sod_failure))

    # EF.SOD and the groups ---------------------------------------------------------------------------------

    def signature(self) -> MechanismResult:
        """Judge structure, signed attributes and signature of EF.SOD by the certificate inside it."""
        if self.files.sod is None:
            return self.without_sod(Mechanism.SIGNATURE)
        self.sod_failure = "SOD_MALFORMED"
        found = parse_security_object(self.files.sod)
        self.security_object = found
        key = key_of(found.signed.signer)
        for other in found.signed.others:
            self._check_other(other)
        verify_signed_data(found.signed, key)
        weaknesses = _weaknesses(key, found.signed.digest, found.digest)
        return self.say(
            Mechanism.SIGNATURE,
            (Verdict.VALID, "OK"),
            key=key.name,
            lds_digest=found.digest,
            lds_version=found.lds_version or "0107",
            signed_at=found.signed.signing_time.isoformat() if found.signed.signing_time else None,
            weaknesses=weaknesses,
            tolerances=sorted(found.signed.signer.quirks),
        )

    def _check_other(self, certificate: Certificate) -> None:
        """Refuse a further certificate that nobody answers for: it is not covered by the signature."""
        keys = [a.key for a in self.store.candidates(certificate) if a.key is not None]
        if certificate.is_self_issued:
            keys.append(key_of(certificate))
        if not any(is_signed_by(certificate, key) for key in keys):
            raise Malformed("FURTHER_CERTIFICATE")

    def hashes(self) -> MechanismResult:
        """Compare each group with its hash in EF.SOD. A group that EF.SOD does not list was put there by another."""
        groups = self.files.groups
        if not groups:
            return self.say(Mechanism.HASHES, (Verdict.NOT_PRESENT, "GROUPS_NOT_PRESENT"))
        found = self.security_object
        if found is None:
            return self.without_sod(Mechanism.HASHES)
        for number, data in sorted(groups.items()):
            stated = found.hashes.get(number)
            if stated is None:
                self.hash_results[number] = "GROUP_NOT_LISTED"
            elif hashlib.new(found.digest, data).digest() != stated:
                self.hash_results[number] = "HASH_MISMATCH"
            else:
                self.hash_results[number] = "OK"
        codes = set(self.hash_results.values())
        code = next((c for c in ("HASH_MISMATCH", "GROUP_NOT_LISTED") if c in codes), "OK")
        return self.say(
            Mechanism.HASHES,
            (Verdict.VALID if code == "OK" else Verdict.INVALID, code),
            groups={f"DG{n}": c for n, c in self.hash_results.items()},
            not_read=[f"DG{n}" for n in found.hashes if n not in groups],
        )

    def content(self) -> MechanismResult:
        """Parse the groups. A group with the wrong tag is another group in its place."""
        if not self.files.groups:
            return self.say(Mechanism.CONTENT, (Verdict.NOT_PRESENT, "GROUPS_NOT_PRESENT"))
        faults: dict[str, str] = {}
        for number, data in sorted(self.files.groups.items()):
            try:
                self.contents[number] = _parse_group(number, data)
            except (Malformed, Invalid) as error:
                faults[f"DG{number}"] = error.code
        code = next(iter(faults.values()), "OK")
        return self.say(
            Mechanism.CONTENT, (Verdict.MALFORMED if faults else Verdict.VALID, code), faults=faults
        )

    def common_file(self) -> MechanismResult:
        """Compare EF.COM, which nobody signs, with EF.SOD."""
        if self.files.com is None:
            return self.say(Mechanism.COMMON, (Verdict.NOT_PRESENT, "COM_NOT_PRESENT"))
        self.common = common = parse_common(self.files.com)
        found = self.security_object
        if found is None:
            return self.without_sod(Mechanism.COMMON)
        listed = tuple(found.hashes)
        code = "OK"
        if common.groups != listed:
            code = "GROUP_LISTS_DIFFER"
        # version 0 of the security object signs no versions, and belongs to LDS 1.7 (Doc 9303-10)
        elif (common.lds_version, common.unicode_version) != (
            found.lds_version or LDS_VERSIONS[0],
            found.unicode_version or UNICODE_VERSION,
        ):
            code = "LDS_VERSIONS_DIFFER"
        return self.say(
            Mechanism.COMMON,
            (Verdict.VALID if code == "OK" else Verdict.INVALID, code),
            only_in_com=[f"DG{n}" for n in common.groups if n not in listed],
            only_in_sod=[f"DG{n}" for n in listed if n not in common.groups],
        )

    # the signer ----------------------------------------------------------------------------------------------

    def chain(self) -> MechanismResult:
        """Find the CSCA whose key signed the document signer's certificate."""
        found = self.security_object
        if found is None:
            return self.without_sod(Mechanism.CHAIN)
        signer = found.signed.signer
        detail: dict[str, Any] = {
            "country": signer.issuer.country,
            "serial_number": f"{signer.serial_number:x}",
            "trust_store": self.store.version,
        }
        try:
            self.anchor = find_issuer(self.store, signer)
        except Unanchored as error:
            return self.say(
                Mechanism.CHAIN,
                (Verdict.NO_TRUST_ANCHOR, error.code),
                algorithm=signer.algorithm.name,
                **detail,
            )
        csca, key = self.anchor.certificate, self.anchor.key
        assert key is not None
        if not is_signed_by(csca, key):
            issuer = find_link_issuer(self.store, csca)
            detail["link_certificate_of"] = str(issuer) if issuer else None
        return self.say(
            Mechanism.CHAIN,
            (Verdict.VALID, "OK"),
            signer=str(csca.subject),
            algorithm=signer.algorithm.name,
            **detail,
            csca_sha256=csca.sha256,
            key=key.name,
            explicit_parameters=key.explicit,
            weaknesses=_weaknesses(key, signer.algorithm.digest),
            tolerances=sorted(csca.quirks) + authority_deviations(csca),
        )

    def validity(self) -> MechanismResult:
        found = self.security_object
        if found is None:
            return self.without_sod(Mechanism.VALIDITY)
        signer = found.signed.signer
        judgement = judge_validity(
            signer,
            self._csca(),
            signed_at=found.signed.signing_time,
            issue_date=self._issue_date(),
            at=self.at,
        )
        return self.say(
            Mechanism.VALIDITY,
            judgement,
            not_before=signer.not_before.isoformat(),
            not_after=signer.not_after.isoformat(),
        )

    def country(self) -> MechanismResult:
        found = self.security_object
        if found is None:
            return self.without_sod(Mechanism.COUNTRY)
        state = self._issuing_state()
        judgement = judge_country(found.signed.signer, self._csca(), state)
        return self.say(
            Mechanism.COUNTRY,
            judgement,
            signer_country=found.signed.signer.issuer.country,
            issuing_state=state,
        )

    def key_usage(self) -> MechanismResult:
        found = self.security_object
        if found is None:
            return self.without_sod(Mechanism.KEY_USAGE)
        lines = self.contents.get(1)
        code = lines[0][:2].replace("<", "") if lines else ""
        signer = found.signed.signer
        return self.say(
            Mechanism.KEY_USAGE,
            judge_key_usage(signer, self._csca(), code),
            document_types=list(signer.document_types or ()),
        )

    def revocation(self) -> MechanismResult:
        found = self.security_object
        if found is None:
            return self.without_sod(Mechanism.REVOCATION)
        signer = found.signed.signer
        crls = self.store.crls_for(signer)
        newest = crls[0] if crls else None
        return self.say(
            Mechanism.REVOCATION,
            judge_revocation(signer, crls, self.at),
            signer=str(newest.issuer) if newest else "",
            algorithm=newest.algorithm.name if newest else "",
            this_update=newest.this_update.isoformat() if newest else None,
            next_update=newest.next_update.isoformat() if newest and newest.next_update else None,
        )

    def _csca(self) -> Certificate | None:
        return self.anchor.certificate if self.anchor else None

    def _issue_date(self) -> date | None:
        details = self.contents.get(12)
        # a date that its hash does not vouch for settles nothing
        if isinstance(details, DocumentDetails) and self.hash_results.get(12) == "OK":
            return details.issue_date
        return None

    def _issuing_state(self) -> str:
        lines = self.contents.get(1)
        return lines[0][2:5] if lines else ""

    # the chip itself -----------------------------------------------------------------------------------------

    def active_authentication(self) -> MechanismResult:
        """Verify the answer to the booth's challenge with the key of data group 15."""
        mechanism = Mechanism.ACTIVE_AUTHENTICATION
        missing = self._missing(15, self.files.active_authentication is not None)
        if missing is not None:
            return self.say(mechanism, missing)
        key = self.contents.get(15)
        if not isinstance(key, PublicKey) or self.files.active_authentication is None:
            return self.say(mechanism, (Verdict.MALFORMED, "KEY_MALFORMED"))
        infos = self.contents.get(14)
        signature_oid = ""
        if isinstance(infos, SecurityInfos) and self.hash_results.get(14) == "OK":
            signature_oid = infos.signature_oid
        if key.curve is not None and not signature_oid:
            # how an elliptic curve key signs stands in data group 14 alone (Doc 9303-11 section 6.1.2.3)
            return self.say(mechanism, (Verdict.NOT_PRESENT, "ALGORITHM_NOT_READ"))
        name = verify_response(key, self.files.active_authentication, signature_oid)
        return self.say(
            mechanism, (Verdict.VALID, "OK"), signer="DG15", algorithm=name, weaknesses=_weaknesses(key)
        )

    def chip_authentication(self) -> MechanismResult:
        """Verify that the chip completed the key agreement with the key of data group 14."""
        mechanism = Mechanism.CHIP_AUTHENTICATION
        infos = self.contents.get(14)
        if isinstance(infos, SecurityInfos) and not infos.keys:
            return self.say(mechanism, (Verdict.NOT_PRESENT, "NOT_SUPPORTED"))
        missing = self._missing(14, self.files.chip_authentication is not None)
        if missing is not None:
            return self.say(mechanism, missing)
        if not isinstance(infos, SecurityInfos) or self.files.chip_authentication is None:
            return self.say(mechanism, (Verdict.MALFORMED, "KEY_MALFORMED"))
        name = verify_agreement(infos, self.files.chip_authentication)
        return self.say(mechanism, (Verdict.VALID, "OK"), signer="DG14", algorithm=name)

    def _missing(self, number: int, has_evidence: bool) -> Judgement | None:
        """Return why a clone check cannot be made, or that its key is not the State's; None if it can."""
        found = self.security_object
        if number not in self.files.groups:
            listed = found is not None and number in found.hashes
            return Verdict.NOT_PRESENT, "KEY_NOT_READ" if listed else "NOT_SUPPORTED"
        if found is None:
            return Verdict.NOT_PRESENT, self.sod_failure
        if self.hash_results.get(number) != "OK":
            # whoever puts in a key of his own can answer every challenge
            return Verdict.INVALID, "KEY_NOT_AUTHENTIC"
        if not has_evidence:
            return Verdict.NOT_PRESENT, "EVIDENCE_NOT_PRESENT"
        return None


def _parse_group(number: int, data: bytes) -> object:
    if number not in TAGS:
        raise Malformed("GROUP_NUMBER")
    if len(data) > MAX_GROUP_OCTETS:
        raise Malformed("GROUP_TOO_LARGE")
    if number in PARSERS:
        return PARSERS[number](data)
    check_tag(number, data)
    return None


def _weaknesses(key: PublicKey, *digests: str) -> list[str]:
    """Return what still holds and should not be relied on for long. Source: Doc 9303-12 section 4.1.6."""
    found = ["SHA1"] if "sha1" in digests else []
    return [*found, "SHORT_KEY"] if key.is_short else found
