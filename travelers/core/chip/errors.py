"""The two ways in which bytes from a chip fail."""


class Malformed(ValueError):
    """The bytes are not what the standard prescribes, or name what is not known here.

    code: stable, upper case. The bytes are not in the message.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Invalid(ValueError):
    """The bytes are whole, and what they claim is not true. code: stable, upper case."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
