"""Tables with a header: columns by name, rows that belong together as one group."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from watchlists.core.importers.drafts import FileRefused, RowIssue
from watchlists.core.importers.text import END_OF_TEXT, column_indices, column_key, read_rows

# lines such as "Report Date: 23-Sep-2026" that some lists put above the header
LINES_ABOVE_HEADER = 5
GROUP_ROWS_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Record:
    """One row. line: where it ends in the file."""

    line: int
    cells: Sequence[str]
    columns: Mapping[str, int]

    def text(self, *names: str) -> str:
        """Return the cell of the first of these columns that there is and is not blank."""
        for name in names:
            index = self.columns.get(column_key(name))
            if index is not None and index < len(self.cells):
                text = self.cells[index].strip()
                if text:
                    return text
        return ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table after its header. above: what stood over the header. header: of as many columns as each row has."""

    rows: Iterator[tuple[int, list[str]] | RowIssue]
    columns: Mapping[str, int]
    width: int
    above: tuple[str, ...]

    def records(self) -> Iterator[Record | RowIssue]:
        """Yield each row; one with another number of cells is an issue."""
        for found in self.rows:
            if isinstance(found, RowIssue):
                yield found
                continue
            line, row = found
            if len(row) == 1 and row[0].strip() == END_OF_TEXT:
                continue
            # spreadsheets leave out or add empty cells at the end
            if (len(row) != self.width and any(cell.strip() for cell in row[self.width :])) or len(
                row
            ) < self.width - 1:
                yield RowIssue(line, "row", "wrong_columns")
            elif any(cell.strip() for cell in row):
                yield Record(line, row, self.columns)

    def groups(self, key: str) -> Iterator[list[Record] | RowIssue]:
        """Yield the neighbouring rows of one key together. A row without the key is an issue."""
        group: list[Record] = []
        current = ""
        for record in self.records():
            if isinstance(record, RowIssue):
                yield record
                continue
            found = record.text(key)
            if not found:
                yield RowIssue(record.line, key, "required")
                continue
            if group and found != current:
                yield group
                group = []
            current = found
            if len(group) >= GROUP_ROWS_MOST:
                raise FileRefused("group_too_long", record.line)
            group.append(record)
        if group:
            yield group


def open_table(lines: Iterator[str], *, delimiters: str, required: Sequence[str]) -> Table:
    """Return the table below its header, which is the first row that has all the required columns.

    delimiters: to try, in this order, on the first lines. Raises FileRefused: empty_file, wrong_columns (with the first
    column that is missing).
    """
    above: list[str] = []
    missing = required[0]
    for number, line in enumerate(lines, start=1):
        for delimiter in delimiters:
            rows = list(read_rows(iter([line]), delimiter=delimiter)) if line.count('"') % 2 == 0 else []
            if not rows or isinstance(rows[0], RowIssue):
                continue
            columns = column_indices(rows[0][1])
            absent = [name for name in required if column_key(name) not in columns]
            if not absent:
                width = len(rows[0][1])
                return Table(_below(lines, delimiter, number), columns, width, tuple(above))
            if len(absent) < len(required):
                missing = absent[0]
        above.append(line.strip())
        if number > LINES_ABOVE_HEADER:
            break
    if not any(above):
        raise FileRefused("empty_file")
    raise FileRefused("wrong_columns", 1, missing)


def _below(
    lines: Iterator[str], delimiter: str, header_line: int
) -> Iterator[tuple[int, list[str]] | RowIssue]:
    """Yield the rows below a header, with their lines in the file."""
    for found in read_rows(lines, delimiter=delimiter):
        if isinstance(found, RowIssue):
            yield RowIssue(found.line + header_line, found.field, found.code)
        else:
            yield found[0] + header_line, found[1]
