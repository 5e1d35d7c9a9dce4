"""C40: three characters in two octets. Source: ISO/IEC 16022; BSI TR-03137-1, annex B."""

from travelers.core.chip.errors import Malformed

_SET = "\x00\x00\x00 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHIFT = 0
UNLATCH = 0xFE


def decode_c40(data: bytes) -> str:
    """Return the text, with fillers for spaces as in the MRZ. data: whole words of two octets.

    One character left over is written as FE and its ASCII value plus one. Raises Malformed(C40).
    """
    if len(data) % 2:
        raise Malformed("C40")
    text = ""
    for at in range(0, len(data), 2):
        if data[at] == UNLATCH:
            if at + 2 != len(data) or not 1 <= data[at + 1] <= 128:
                raise Malformed("C40")
            text += chr(data[at + 1] - 1)
            break
        word = int.from_bytes(data[at : at + 2], "big") - 1
        values = (word // 1600, word // 40 % 40, word % 40)
        if word < 0 or values[0] > 39:
            raise Malformed("C40")
        for index, value in enumerate(values):
            if value == _SHIFT and index == 2 and at + 2 == len(data):
                break  # two characters left over are filled up with a shift
            if value < 3:
                raise Malformed("C40")
            text += _SET[value]
    return text.replace(" ", "<")


def encode_c40(text: str) -> bytes:
    """Return the octets of a text of capitals, digits, spaces and fillers. Raises Malformed(C40)."""
    plain = text.replace("<", " ")
    if any(c not in _SET[3:] for c in plain):
        raise Malformed("C40")
    out = b""
    for at in range(0, len(plain) - len(plain) % 3, 3):
        a, b, c = (_SET.index(x, 3) for x in plain[at : at + 3])
        out += (1600 * a + 40 * b + c + 1).to_bytes(2, "big")
    rest = plain[len(plain) - len(plain) % 3 :]
    if len(rest) == 2:
        a, b = (_SET.index(x, 3) for x in rest)
        out += (1600 * a + 40 * b + _SHIFT + 1).to_bytes(2, "big")
    elif rest:
        out += bytes([UNLATCH, ord(rest) + 1])
    return out
