"""What mechanisms, results and codes of a chip mean, in words for whoever has to judge a document."""

from collections.abc import Mapping
from types import MappingProxyType

from travelers.core.chip.result import Mechanism, MechanismResult, Verdict

QUESTIONS: Mapping[Mechanism, str] = MappingProxyType(
    {
        Mechanism.SIGNATURE: "Is the security object whole, and signed by the certificate inside it?",
        Mechanism.HASHES: "Is every data group the one that was signed?",
        Mechanism.CHAIN: "Did a trusted authority of the State certify the signer?",
        Mechanism.VALIDITY: "Was the signer in force when it signed?",
        Mechanism.COUNTRY: "Are authority, signer and document of one State?",
        Mechanism.KEY_USAGE: "Are the keys made for signing documents?",
        Mechanism.REVOCATION: "Is the signer on no revocation list?",
        Mechanism.COMMON: "Do the chip's two lists of data groups agree?",
        Mechanism.CONTENT: "Can every data group be read?",
        Mechanism.ACTIVE_AUTHENTICATION: "Could the chip sign a challenge with its own key?",
        Mechanism.CHIP_AUTHENTICATION: "Could the chip agree on a key with its own key?",
    }
)
RESULTS: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.VALID: "Holds",
        Verdict.INVALID: "Does not hold",
        Verdict.NO_TRUST_ANCHOR: "Nobody trusted answers for it",
        Verdict.REVOKED: "Revoked",
        Verdict.EXPIRED: "Not in force then",
        Verdict.NOT_PRESENT: "Not there",
        Verdict.MALFORMED: "Not as prescribed",
    }
)
CODES: Mapping[str, str] = MappingProxyType(
    {
        "ALGORITHM_NOT_READ": "the group that names the algorithm was not read",
        "ALGORITHM_UNKNOWN": "it names an algorithm that is not known",
        "CERTIFICATE_MISSING": "no certificate is in it",
        "CERTIFICATE_VERSION": "the certificate is not of version 3",
        "CLONE": "the chip cannot prove itself: it may be a copy",
        "CMS_VERSION": "the version of the message is not the prescribed one",
        "COM_NOT_PRESENT": "EF.COM was not read",
        "COM_VERSION": "EF.COM names a version that does not exist",
        "CONTENT_DIGEST_MISMATCH": "what was signed has been changed",
        "CONTENT_TYPE": "it says that it is something else than a security object",
        "CONTENT_TYPE_ATTRIBUTE": "the signer signed that it is something else",
        "COUNTRY_MISSING": "the signer's certificate names no country",
        "CRITICAL_EXTENSION": "the certificate demands something that is not known",
        "CRL_NOT_CURRENT": "the newest revocation list of the State is out of date",
        "CRL_NOT_PRESENT": "no revocation list of the State is held",
        "CSCA_COUNTRY_MISMATCH": "the authority is of another State than the signer",
        "CSCA_KEY_USAGE": "the authority's key may not sign certificates",
        "CSCA_NOT_AUTHORITY": "the certificate above is not that of an authority",
        "CSCA_NOT_VALID_AT_ISSUE": "the authority was not in force when it certified the signer",
        "CSCA_UNKNOWN": "the State is known, and this authority of it is not",
        "DOCUMENT_COUNTRY_MISMATCH": "the document is of another State than its signer",
        "DOCUMENT_TYPE": "the signer signs documents of other types",
        "DSC_EXPIRED": "the signer has run out, and when it signed is not known",
        "DSC_KEY_PERIOD": "the key was not to sign any more",
        "DSC_NOT_VALID_AT_SIGNING": "the signer was not in force when it signed",
        "DSC_REVOKED": "the State has withdrawn the signer",
        "DSC_SIGNATURE_INVALID": "the authority that it names did not certify the signer",
        "DUPLICATE_GROUP": "a data group is listed twice",
        "EC_PARAMETERS_MISMATCH": "the curve is not the one whose name it bears",
        "EC_PARAMETERS_UNKNOWN": "it names a curve that is not known",
        "EVIDENCE_NOT_PRESENT": "the chip could have been asked, and the booth did not",
        "EXTENDED_KEY_USAGE": "the key is for something else",
        "FURTHER_CERTIFICATE": "there is a certificate in it that nobody needs",
        "GROUPS_NOT_PRESENT": "no data group was read",
        "GROUP_LISTS_DIFFER": "one lists a data group that the other does not",
        "GROUP_NOT_LISTED": "there is a data group that was never signed",
        "GROUP_TAG": "a data group is another one than it should be",
        "HASH_MISMATCH": "a data group has been changed since it was signed",
        "KEY_NOT_AUTHENTIC": "the chip has a key that its State did not sign",
        "KEY_NOT_READ": "the group with the chip's key was not read",
        "KEY_TOO_SHORT": "the key is so short that anybody could have made it",
        "KEY_USAGE": "the signer's key is for something else",
        "KEY_USAGE_MISSING": "the certificate does not say what its key is for",
        "KEY_USAGE_NOT_CRITICAL": "what the key is for is not binding",
        "LDS_VERSION": "the version of the data structure does not exist",
        "LDS_VERSIONS_DIFFER": "the two files name different versions",
        "NO_CSCA_FOR_STATE": "no authority of this State is held",
        "NOT_SUPPORTED": "this chip has no such proof",
        "SIGNATURE_INVALID": "the signature was not made with the signer's key, or not over this",
        "SIGNED_ATTRIBUTES_NOT_DER": "what was signed is not encoded as prescribed",
        "SIGNER_COUNT": "it does not have exactly one signer",
        "SIGNER_COUNTRY_MISMATCH": "the signer's certificate names two States",
        "SIGNER_IS_AUTHORITY": "the signer is an authority itself",
        "SIGNER_NOT_FOUND": "the signer's certificate is not in it",
        "SOD_MALFORMED": "the security object cannot be read",
        "SOD_NOT_PRESENT": "the security object was not read",
        "TRAILING_BYTES": "something was put behind it",
        "TRUNCATED": "something is missing at its end",
        "UNSIGNED_ATTRIBUTES": "something was added that nobody signed",
    }
)


def say_result(result: MechanismResult) -> str:
    """Return a result in words, with its reason where there are words for it."""
    reason = CODES.get(result.code, "")
    return f"{RESULTS[result.result]}: {reason}" if reason else RESULTS[result.result]
