"""Objects of a JSON document one at a time, however they are wrapped: a large array is never held as a whole."""

from collections.abc import Iterator

from watchlists.core.importers.drafts import FileRefused

DEPTH_MAX = 60
OBJECT_MAX_CHARACTERS = 1 << 20


def read_objects(lines: Iterator[str], *, mark: str) -> Iterator[tuple[int, str]]:
    """Yield (line where it begins, text) of each object of an array, or at the top, or one a line.

    mark: a name that an object at the top has where it is a record itself, and not the wrapping of an array of records.
    Raises FileRefused: not_json, too_deep, record_too_long.
    """
    scanner = _Scanner(f'"{mark}"')
    for number, line in enumerate(lines, start=1):
        yield from scanner.feed(number, line)
    scanner.finish()


class _Scanner:
    """Keeps the brackets that are open, and the text of the outermost object in an array, or at the top."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.line = 0
        self.open: list[str] = []
        self.in_string = self.escaped = False
        self.held: list[str] = []
        self.held_length = 0
        self.held_from = 0
        # how many brackets are open around the held object; -1: none is held
        self.held_depth = -1

    def feed(self, number: int, line: str) -> Iterator[tuple[int, str]]:
        """Yield the objects that end on this line."""
        self.line = number
        start = 0
        for index, character in enumerate(line):
            if self.in_string:
                if self.escaped:
                    self.escaped = False
                elif character == "\\":
                    self.escaped = True
                elif character == '"':
                    self.in_string = False
            elif character == '"':
                self.in_string = True
            elif character in "[{":
                if self._begins_record(character):
                    self.held, self.held_length = [], 0
                    self.held_from, self.held_depth, start = number, len(self.open), index
                self.open.append(character)
                if len(self.open) > DEPTH_MAX:
                    raise FileRefused("too_deep", number)
            elif character in "]}":
                if not self.open or self.open.pop() + character not in ("[]", "{}"):
                    raise FileRefused("not_json", number)
                if len(self.open) == self.held_depth:
                    self._hold(line[start : index + 1])
                    yield from self._release()
            elif not self.open and not (character.isspace() or character == ","):
                raise FileRefused("not_json", number)
        if self.held_depth >= 0:
            self._hold(line[start:])

    def _begins_record(self, bracket: str) -> bool:
        """Tell whether what opens here is to be held: an object in an array replaces the wrapping that was held so far."""
        if bracket != "{":
            return False
        if self.held_depth < 0:
            return True
        # the wrapping at the top, with an array of objects in it, that is no record itself
        return self.held_depth == 0 and self.open[-1] == "[" and not self._has_mark()

    def _has_mark(self) -> bool:
        return any(self.mark in part for part in self.held)

    def _hold(self, text: str) -> None:
        self.held.append(text)
        self.held_length += len(text)
        if self.held_length > OBJECT_MAX_CHARACTERS:
            raise FileRefused("record_too_long", self.line)

    def _release(self) -> Iterator[tuple[int, str]]:
        text = "".join(self.held)
        self.held_depth = -1
        self.held = []
        yield self.held_from, text

    def finish(self) -> None:
        """Raise where a bracket or a text is still open."""
        if self.open or self.in_string:
            raise FileRefused("not_json", self.line)
