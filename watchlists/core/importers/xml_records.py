"""Records of an XML list, one at a time, with the line where each begins.

Refused before a byte of them is expanded: document types, entities, processing instructions. Source: the attacks listed
for XML in OWASP's XXE prevention sheet.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NoReturn
from xml.parsers import expat

from watchlists.core.importers.drafts import FileRefused

CHUNK_BYTES = 1 << 16
DEPTH_MAX = 40
RECORD_MAX_CHARACTERS = 1 << 20
RECORD_MAX_ELEMENTS = 20_000
ATTRIBUTES_MAX = 50


@dataclass(slots=True)
class Element:
    """An element without its namespace. text: of the element itself, before, between and after its children."""

    tag: str
    line: int
    attributes: dict[str, str]
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def find(self, tag: str) -> "Element | None":
        """Return the first child of this tag."""
        return next((child for child in self.children if child.tag == tag), None)

    def find_all(self, tag: str) -> Iterator["Element"]:
        """Yield the children of this tag."""
        return (child for child in self.children if child.tag == tag)

    def walk(self, tag: str) -> Iterator["Element"]:
        """Yield the descendants of this tag, in document order."""
        for child in self.children:
            if child.tag == tag:
                yield child
            yield from child.walk(tag)

    def text_of(self, tag: str) -> str:
        """Return the text of the first child of this tag, "" without one."""
        child = self.find(tag)
        return child.text.strip() if child else ""


class _Reader:
    """Builds records; what stands outside of one is only counted."""

    def __init__(self, record_tags: Collection[str]) -> None:
        self.record_tags = frozenset(record_tags)
        self.ready: list[Element] = []
        self.root: Element | None = None
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._depth = 0
        self._characters = 0
        self._elements = 0
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.EntityDeclHandler = self._refuse_entity
        self.parser.ExternalEntityRefHandler = self._refuse_entity
        self.parser.ProcessingInstructionHandler = self._refuse_instruction

    def refuse(self, code: str) -> FileRefused:
        return FileRefused(code, self.parser.CurrentLineNumber)

    def _refuse_doctype(self, *_: object) -> None:
        raise self.refuse("doctype_refused")

    def _refuse_entity(self, *_: object) -> NoReturn:
        raise self.refuse("entity_refused")

    def _refuse_instruction(self, target: str, _: str) -> None:
        # a style sheet changes nothing that is read here
        if target != "xml-stylesheet":
            raise self.refuse("instruction_refused")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition("}")[2]
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise self.refuse("too_deep")
        if len(attributes) > ATTRIBUTES_MAX:
            raise self.refuse("too_many_attributes")
        element = Element(tag, self.parser.CurrentLineNumber, attributes)
        if self.root is None:
            self.root = element
        elif self._open or tag in self.record_tags:
            self._elements += 1
            if self._elements > RECORD_MAX_ELEMENTS:
                raise self.refuse("record_too_long")
            if self._open:
                self._open[-1].children.append(element)
            self._open.append(element)
            self._texts.append([])

    def _text(self, text: str) -> None:
        if self._open:
            self._characters += len(text)
            if self._characters > RECORD_MAX_CHARACTERS:
                raise self.refuse("record_too_long")
            self._texts[-1].append(text)

    def _end(self, _: str) -> None:
        self._depth -= 1
        if self._open:
            element = self._open.pop()
            element.text = "".join(self._texts.pop())
            if not self._open:
                self.ready.append(element)
                self._characters = self._elements = 0


def read_records(stream: BinaryIO, *, root: Collection[str], records: Collection[str]) -> Iterator[Element]:
    """Yield the root element (bare, first), then each record whole.

    root: tags that the root may have. records: tags of records, at any depth under the root. Raises FileRefused:
    doctype_refused, entity_refused, instruction_refused, not_well_formed, bad_encoding, wrong_root, too_deep,
    too_many_attributes, record_too_long, empty_file.
    """
    reader = _Reader(records)
    root_seen = False
    while True:
        chunk = stream.read(CHUNK_BYTES)
        try:
            reader.parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            raise _refusal(error, empty=reader.root is None) from None
        except (LookupError, ValueError) as error:
            # an encoding that Python does not know, or a multi-byte one that expat cannot take
            raise error if isinstance(error, FileRefused) else FileRefused("bad_encoding", 1) from None
        if reader.root is not None and not root_seen:
            if reader.root.tag not in root:
                raise FileRefused("wrong_root", reader.root.line)
            root_seen = True
            yield reader.root
        yield from reader.ready
        reader.ready.clear()
        if not chunk:
            return


def _refusal(error: expat.ExpatError, *, empty: bool) -> FileRefused:
    codes = expat.errors.codes
    if empty and error.code == codes[expat.errors.XML_ERROR_NO_ELEMENTS]:
        return FileRefused("empty_file", error.lineno)
    if error.code in (
        codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING],
        codes[expat.errors.XML_ERROR_INCORRECT_ENCODING],
    ):
        return FileRefused("bad_encoding", error.lineno)
    if error.code == codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]:
        return FileRefused("entity_refused", error.lineno)
    return FileRefused("not_well_formed", error.lineno)
