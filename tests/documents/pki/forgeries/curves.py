"""Explicit curve parameters that are not those of the named curve."""

from collections.abc import Callable
from dataclasses import replace

from borders.demo.pki import der
from borders.demo.pki.certificates import issue_signer
from borders.demo.pki.keys import explicit_parameters, make_ec_key
from tests.documents.pki.forgeries.kinds import Forgery, Kind, forged
from tests.documents.pki.state import (
    SIGNER_AT,
    utopia,
)


def parameters(**changed: int | None) -> Callable[[], Forgery]:
    """Write the signer's curve parameters out, one of them changed."""

    def make() -> Forgery:
        state = utopia()
        honest = make_ec_key("P-256", seed=b"signer")
        info = der.sequence(
            der.sequence(der.oid("1.2.840.10045.2.1"), explicit_parameters(honest.curve, **changed)),
            der.bits(honest.point),
        )
        key = replace(honest)
        key.__dict__["public_info"] = info
        signer = issue_signer(state.csca, key, SIGNER_AT)
        return forged(replace(state, signer=signer).files())

    return make


def own_generator() -> dict[str, int]:
    """Return base point and order kept, the point doubled: the trick of CVE-2020-0601."""
    curve = make_ec_key("P-256", seed=b"signer").curve
    point = curve.slow.generator * 2
    return {"gx": int(point.x()), "gy": int(point.y())}


CURVES_KINDS: tuple[Kind, ...] = (
    Kind("own base point", "signature", "INVALID", "EC_PARAMETERS_MISMATCH", parameters(**own_generator())),
    Kind("other coefficient a", "signature", "INVALID", "EC_PARAMETERS_MISMATCH", parameters(a=5)),
    Kind("other coefficient b", "signature", "INVALID", "EC_PARAMETERS_MISMATCH", parameters(b=7)),
    Kind("other order", "signature", "INVALID", "EC_PARAMETERS_MISMATCH", parameters(n=2**255 + 95)),
    Kind("other cofactor", "signature", "INVALID", "EC_PARAMETERS_MISMATCH", parameters(h=2)),
    Kind("other field", "signature", "INVALID", "EC_PARAMETERS_MISMATCH", parameters(p=2**255 - 19)),
    Kind(
        "curve that is not known",
        "signature",
        "MALFORMED",
        "EC_PARAMETERS_UNKNOWN",
        parameters(p=2**255 - 19, n=2**252 + 27742317777372353535851937790883648493),
    ),
)
