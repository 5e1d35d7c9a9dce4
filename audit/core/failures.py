"""What is logged of a failure: a word that is always the same, never its text, which may name a person."""


def code_of(failure: Exception) -> str:
    """Return a failure's stable code, at most 40 characters; else the name of its class."""
    code = getattr(failure, "code", None)
    return code if isinstance(code, str) and 0 < len(code) <= 40 else type(failure).__name__
