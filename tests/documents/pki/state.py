"""A whole State for the tests: country signers old and new, a link certificate, a document signer, and its chips."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache

from borders.demo.pki.certificates import (
    AUTHORITY,
    LIST_SIGNER,
    SIGNER,
    Issued,
    Profile,
    issue_crl,
    issue_csca,
    issue_link,
    issue_master_list,
    issue_signer,
)
from borders.demo.pki.chips import (
    make_com,
    make_dg1,
    make_dg2,
    make_dg11,
    make_dg12,
    make_dg14,
    make_dg15,
    make_sod,
)
from borders.demo.pki.keys import PLAIN_OIDS, SigningKey, make_ec_key, make_rsa_key, rsa_algorithm
from travelers.core.chip import ChipFiles, ChipResult, TrustStore, build_trust_store, verify_chip
from travelers.core.chip.certificate import parse_certificate
from travelers.core.chip.crl import parse_crl

# a fixed clock: CSCA 2020, signer and passport 2024, looked at in 2026
CSCA_AT = datetime(2020, 1, 1, tzinfo=UTC)
SIGNER_AT = datetime(2024, 1, 1, tzinfo=UTC)
SIGNED_AT = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CRL_AT = datetime(2026, 11, 1, tzinfo=UTC)
MRZ = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F3204153ZE184226B<<<<<16")
# enough of a picture for the containers; the decoder is tested elsewhere
PICTURE = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 2 + b"\xff\xd9"


@dataclass(frozen=True)
class TestState:
    """csca signs signer, signer signs chips. chip_key: of chip authentication; active_key: of data group 15."""

    __test__ = False

    csca: Issued
    signer: Issued
    active_key: SigningKey
    chip_key: SigningKey
    digest: str = "sha256"

    @cached_property
    def groups(self) -> dict[int, bytes]:
        """Return the data groups of one genuine passport."""
        infos = make_dg14(
            chip_key=self.chip_key,
            signature_oid=PLAIN_OIDS[self.active_key.algorithm.digest] if self.active_key.curve else "",
        )
        return {
            1: make_dg1(MRZ),
            2: make_dg2(PICTURE),
            11: make_dg11("ERIKSSON<<ANNA<MARIA"),
            12: make_dg12(date(2024, 3, 1)),
            14: infos,
            15: make_dg15(self.active_key),
        }

    def files(self, **changed: object) -> ChipFiles:
        """Return a genuine chip. changed: arguments of make_sod."""
        sod = make_sod(
            self.groups, self.signer, self.csca.name, digest=self.digest, signing_time=SIGNED_AT, **changed
        )
        return ChipFiles(sod, make_com(tuple(self.groups)), self.groups)

    def store(self, *further: bytes, crls: tuple[bytes, ...] = ()) -> TrustStore:
        """Return a trust store with the country signer and further certificates."""
        certificates = [parse_certificate(der) for der in (self.csca.der, *further)]
        return build_trust_store(certificates, [parse_crl(der) for der in crls], version="test")


def steady_clock() -> float:
    """Return no time at all: results do not depend on the machine."""
    return 0.0


def verify(files: ChipFiles, store: TrustStore, at: datetime = AT) -> ChipResult:
    return verify_chip(files, store, at=at, clock=steady_clock)


def make_state(
    csca_key: SigningKey, signer_key: SigningKey, *, digest: str = "sha256", signer: Profile = SIGNER
) -> TestState:
    csca = issue_csca(csca_key, CSCA_AT)
    return TestState(
        csca,
        issue_signer(csca, signer_key, SIGNER_AT, signer),
        make_ec_key("P-256", plain=True, seed=b"active"),
        make_ec_key("brainpoolP256r1", seed=b"chip"),
        digest,
    )


@lru_cache(maxsize=1)
def utopia() -> TestState:
    """Return the State that most tests use: P-256, whose keys come from a seed."""
    return make_state(make_ec_key("P-256", seed=b"csca"), make_ec_key("P-256", seed=b"signer"))


@lru_cache(maxsize=8)
def rsa_key(bits: int, exponent: int = 65537) -> SigningKey:
    """Return one key of a size for the whole run: making it is slow."""
    return make_rsa_key(bits, exponent=exponent)


@dataclass(frozen=True)
class Algorithm:
    """One way to sign that a State may use. make: returns the key of country signer or document signer."""

    name: str
    make: Callable[[str], SigningKey]
    digest: str = "sha256"


def _ec(curve: str, digest: str, **options: bool) -> Algorithm:
    form = "".join(f" {name}" for name, on in options.items() if on)
    return Algorithm(
        f"{curve} {digest}{form}",
        lambda role: make_ec_key(curve, digest, seed=f"{role} {curve}".encode(), **options),
        digest,
    )


def _rsa(bits: int, digest: str, salt: int | None = None, mask: str = "", exponent: int = 65537) -> Algorithm:
    form = "pkcs1" if salt is None else f"pss salt {salt} mask {mask or digest}"
    return Algorithm(
        f"rsa {bits} e {exponent} {form} {digest}",
        lambda role: replace(rsa_key(bits, exponent), algorithm=rsa_algorithm(digest, salt, mask)),
        digest,
    )


NIST = ("P-192", "P-224", "P-256", "P-384", "P-521")
BRAINPOOL = tuple(
    f"brainpoolP{bits}{kind}" for bits in (160, 192, 224, 256, 320, 384, 512) for kind in ("r1", "t1")
)
DIGESTS = ("sha1", "sha224", "sha256", "sha384", "sha512")
ALGORITHMS: tuple[Algorithm, ...] = (
    *(_ec(curve, "sha256") for curve in (*NIST, *BRAINPOOL)),
    *(_ec("P-256", digest) for digest in DIGESTS),
    *(_ec("brainpoolP256r1", digest, plain=True) for digest in DIGESTS),
    _ec("P-521", "sha512", plain=True),
    *(_ec(curve, "sha384", explicit=True) for curve in ("P-224", "P-256", "P-384", "P-521", *BRAINPOOL)),
    _ec("P-384", "sha384", compressed=True),
    _ec("brainpoolP320r1", "sha384", compressed=True, explicit=True),
    *(_rsa(2048, digest) for digest in DIGESTS),
    *(
        _rsa(2048, digest, salt)
        for digest, salt in (("sha1", 20), ("sha224", 28), ("sha256", 32), ("sha384", 48), ("sha512", 64))
    ),
    *(_rsa(2048, "sha256", salt) for salt in (0, 1, 17, 20, 33, 222)),
    _rsa(2048, "sha256", 32, "sha1"),
    _rsa(2048, "sha512", 20, "sha256"),
    _rsa(2048, "sha256", exponent=3),
    _rsa(2048, "sha256", 32, exponent=3),
    _rsa(1024, "sha1"),
    _rsa(3072, "sha256", 32),
)
# keys that take seconds to make: the bench has them besides
LARGE_ALGORITHMS = (_rsa(4096, "sha256"), _rsa(4096, "sha512", 64), _rsa(6144, "sha256", 32))


def roll_over(state: TestState) -> tuple[Issued, bytes, TestState]:
    """Return the new country signer, its link certificate, and the State after the roll-over."""
    key = make_ec_key("P-384", "sha384", seed=b"csca 2")
    new = issue_csca(
        key,
        datetime(2023, 6, 1, tzinfo=UTC),
        replace(AUTHORITY, common_name="CSCA Utopia 2", serial_number=2),
    )
    link = issue_link(state.csca, new)
    signer = issue_signer(new, state.signer.key, SIGNER_AT)
    return new, link.der, replace(state, csca=new, signer=signer)


def master_list(state: TestState, *certificates: bytes) -> bytes:
    """Return a master list that the State signs."""
    signer = issue_signer(state.csca, make_ec_key("P-256", seed=b"list"), SIGNER_AT, LIST_SIGNER)
    return issue_master_list(state.csca, signer, certificates, CRL_AT)


def revocation_list(state: TestState, *serials: int, at: datetime = CRL_AT) -> bytes:
    return issue_crl(state.csca, serials, at)
