"""Machine readable zones: read them from pictures, parse them, build them.

Source: ICAO Doc 9303-3 to 9303-7.
"""

from biometrics.core.mrz.advice import ADVICE_TEXTS, CaptureAdvice, capture_advice
from biometrics.core.mrz.alphabet import check_digit
from biometrics.core.mrz.build import (
    MrzBuildError,
    build_mrva,
    build_mrvb,
    build_td1,
    build_td2,
    build_td3,
)
from biometrics.core.mrz.checks import CheckDigit
from biometrics.core.mrz.combine import combine_readings
from biometrics.core.mrz.dates import DateRule, MrzDate
from biometrics.core.mrz.doubt import (
    CheckDigitFinding,
    CheckDigitVerdict,
    MrzReading,
    ReadingStatus,
    UnreadableReason,
    check_digit_findings,
)
from biometrics.core.mrz.layouts import FieldName, LayoutName
from biometrics.core.mrz.names import (
    TransliterationError,
    is_mrz_name_of,
    mrz_name_forms,
    transliterate,
)
from biometrics.core.mrz.parse import Mrz, MrzFormatError, MrzFormatErrorCode, parse_mrz, split_mrz
from biometrics.core.mrz.reader import read_page
from biometrics.core.mrz.recognise import Recogniser
from biometrics.core.mrz.repair import Repair

__all__ = [
    "ADVICE_TEXTS",
    "CaptureAdvice",
    "CheckDigit",
    "CheckDigitFinding",
    "CheckDigitVerdict",
    "DateRule",
    "FieldName",
    "LayoutName",
    "Mrz",
    "MrzBuildError",
    "MrzDate",
    "MrzFormatError",
    "MrzFormatErrorCode",
    "MrzReading",
    "ReadingStatus",
    "Recogniser",
    "Repair",
    "TransliterationError",
    "UnreadableReason",
    "build_mrva",
    "build_mrvb",
    "build_td1",
    "build_td2",
    "build_td3",
    "capture_advice",
    "check_digit",
    "check_digit_findings",
    "combine_readings",
    "is_mrz_name_of",
    "mrz_name_forms",
    "parse_mrz",
    "read_page",
    "split_mrz",
    "transliterate",
]
