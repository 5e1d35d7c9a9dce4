"""The visual inspection zone: printed fields out of boxes of text, compared with the machine readable zone.

Source: ICAO Doc 9303-3, section 3, and 9303-4 to 9303-7.
"""

from biometrics.core.viz.fields import (
    COMPARED_FIELDS,
    FieldStatus,
    PrintedField,
    PrintedFields,
    TextBox,
    confirm,
    read_printed_fields,
)
from biometrics.core.viz.labels import PrintedName
from biometrics.core.viz.page import PrintedZone, cut_printed_zone

__all__ = [
    "COMPARED_FIELDS",
    "FieldStatus",
    "PrintedField",
    "PrintedFields",
    "PrintedName",
    "PrintedZone",
    "TextBox",
    "confirm",
    "cut_printed_zone",
    "read_printed_fields",
]
