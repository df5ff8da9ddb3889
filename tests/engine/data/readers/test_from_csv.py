"""CSV files, compared with the numbers that Python reads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import FieldError
from engine.data import read_columns, read_csv
from tests.engine.data.own_files import FLOWERS, check_table, flowers, refusal_message


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_table_is_read_as_it_was_written(separator: str, mark: bytes, end: bytes) -> None:
    content = flowers(30, separator)
    table = read_csv(mark + content.replace(b"\n", end), title="Flowers")
    check_table(table)
    rows = [line.split(separator) for line in content.decode().splitlines()[1:]]
    assert table.x.tolist() == [[float(np.float32(cell)) for cell in row[:3]] for row in rows]
    assert [table.class_names[k] for k in table.labels] == [row[3] for row in rows]
    assert table.class_names == FLOWERS
    assert table.feature_names == ("sepal length", "sepal width", "petal")
    assert table.title == "Flowers"


def test_any_column_can_be_the_label() -> None:
    body = "\n".join(f"{i % 4},{i * 0.5},{i}" for i in range(40))
    table = read_csv(f"kind,a,b\n{body}".encode(), label="kind")
    assert table.class_names == ("0", "1", "2", "3")
    assert table.x[7].tolist() == [3.5, 7.0]
    with pytest.raises(FieldError, match=r"^label must be one of kind, a, b, got 'c'"):
        read_csv(f"kind,a,b\n{body}".encode(), label="c")


@pytest.mark.parametrize(
    ("header", "row", "label"),
    [
        ("a,Class,b", "1,2,3", "Class"),
        ("target,a,colour", "1,2,red", "target"),
        ("a,colour,b", "1,red,2", "colour"),
        ("name,a,colour", "x,2,red", "colour"),
        ("x,y,colour", "1,2,red", "colour"),
        ("x1,y,x2", "1,2,3", "y"),
        ("a,b,c", "1,2,3", "c"),
    ],
)
def test_the_label_column_is_guessed(header: str, row: str, label: str) -> None:
    assert read_columns(f"{header}\n{row}\n{row}".encode()).label == label


def test_read_columns_returns_names_and_the_first_rows() -> None:
    found = read_columns(b"a;\xc3\xbcber;label\n1;2;x\n\n3;4;y\n5;6\n7;8;z;9\n10;11;u\n12;13;v\n")
    assert found.names == ("a", "über", "label")
    assert found.separator == ";"
    assert found.preview == (
        ("1", "2", "x"),
        ("3", "4", "y"),
        ("5", "6", ""),
        ("7", "8", "z"),
        ("10", "11", "u"),
    )


def test_quotes_spaces_and_empty_lines_are_read() -> None:
    body = "\n\n".join(f' {i} , "{i + 0.25}","a, ""b""{i % 2}"' for i in range(20))
    table = read_csv(f'"one, two", two ,label\n{body}\n,,\n'.encode())
    assert table.feature_names == ("one, two", "two")
    assert table.x[3].tolist() == [3, 3.25]
    assert table.class_names == ('a, "b"0', 'a, "b"1')


def test_a_column_without_a_name_is_named_by_its_number() -> None:
    body = "\n".join(f"{i},{i},{i % 2}" for i in range(20))
    assert read_csv(f",b,label\n{body}".encode()).feature_names == ("column 1", "b")


def test_column_numbers_are_a_header_and_other_numbers_are_not() -> None:
    body = "\n".join(f"{i},{i},{i % 2}" for i in range(20))
    for header in ("0,1,2", "1,2,3"):
        assert read_csv(f"{header}\n{body}".encode()).feature_names == tuple(header.split(",")[:2])
    with pytest.raises(FieldError, match=r"must have names in its first row, got numbers \(0.5, 1, 2\): add a header"):
        read_csv(f"0.5,1,2\n{body}".encode())


def test_every_bad_cell_is_reported_with_row_and_column() -> None:
    rows = [f"{i},{i},{'xy'[i % 2]}" for i in range(20)]
    rows[0], rows[3], rows[4], rows[6] = "1,,x", "many,nan,y", "1,1", "1e39,2,"
    with pytest.raises(FieldError) as caught:
        read_csv("\n".join(["a,b,label", *rows]).encode())
    message = refusal_message(caught.value)
    for problem in (
        "row 2, column 'b': missing",
        "row 5, column 'a': 'many' is not a finite number",
        "row 5, column 'b': 'nan' is not a finite number",
        "row 6 has 2 cells and the header 3",
        "row 8, column 'label': no label",
        "row 8, column 'a': 1e39 is too large for float32",
    ):
        assert problem in message
    assert "and more" not in message


def test_at_most_ten_bad_cells_are_reported() -> None:
    body = "\n".join(f"bad{i},{i % 2}" for i in range(30))
    with pytest.raises(FieldError) as caught:
        read_csv(f"a,label\n{body}".encode())
    message = refusal_message(caught.value)
    assert message.count("is not a finite number") == 10
    assert "; and more: " in message
    assert "row 2," in message


@pytest.mark.parametrize(
    ("cell", "is_number"), [("1e3", True), ("-0", True), (".5", True), ("1_000", False), ("0x1", False)]
)
def test_notations_of_python_source_are_not_numbers(cell: str, is_number: bool) -> None:
    content = ("a,label\n" + "\n".join(f"{cell if i == 7 else i},{i % 2}" for i in range(20))).encode()
    if is_number:
        assert read_csv(content).x[7, 0] == np.float32(cell)
    else:
        with pytest.raises(FieldError, match=r"row 9, column 'a': '.*' is not a finite number"):
            read_csv(content)


def test_a_decimal_comma_is_explained() -> None:
    content = ("a;label\n" + "\n".join(f"{i},5;{i % 2}" for i in range(20))).encode()
    with pytest.raises(
        FieldError, match=r"row 2, column 'a': '0,5' is not a finite number, write a decimal point for the comma"
    ):
        read_csv(content)


def rows(n: int, classes: int = 2) -> str:
    return "".join(f"{i},{i % classes}\n" for i in range(n))


BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "must have content, got an empty file"),
    "empty lines": (b"\n\n \n", "must have a header"),
    "one column": (b"a\n1\n2\n", "must have a column for the label and one for a feature, got one ('a')"),
    "no rows": (b"a,label\n", "must have at least 20 examples, got 0"),
    "too few rows": (f"a,label\n{rows(19)}".encode(), "must have at least 20 examples, got 19"),
    "one class": (f"a,label\n{rows(30, 1)}".encode(), "must have at least 2 classes, got 1 (0)"),
    "too many classes": (
        f"a,label\n{rows(101, 101)}".encode(),
        "at most 100 different values, got 101 in column 'label'",
    ),
    "too many features": (b",".join(b"f%d" % i for i in range(5_002)) + b"\n", "at most 5,000 features, got 5,001"),
    "too many rows": (b"a,label\n" + b"1,0\n1,1\n" * 100_001, "at most 200,000 rows, got more"),
    "too large": (b"a,label\n" + b"1,0\n" * 5_000_000, "must be at most 20.00000 MB, got 20.00001 MB"),
    "a name twice": (b"a,a,label\n1,2,3\n", "got 'a' twice"),
    "a name too long": (b"a," + b"b" * 101 + b"\n1,2\n", "names of at most 100 characters, got 101 in column 2"),
    "a label too long": (f"a,label\n{rows(30)}1,{'x' * 101}".encode(), "must have at most 100 characters, got 101"),
    "another alphabet": (b"a,label\n1,\xfc\n", "must be UTF-8, got the byte 0xfc in line 2"),
    "UTF-16": ("a,label\n1,2\n".encode("utf-16"), "must be UTF-8, got UTF-16"),
    "zeros": (b"a,label\n1,\0\n", "got a zero byte"),
    "gzip": (b"\x1f\x8b\x08\0", "got a compressed one"),
    "an open quote": (b'a,label\n1,"x\n2,3\n', "close every quote"),
    "an endless cell": (b"a,label\n1," + b"x" * 200_000, "shorten very long cells"),
}


@pytest.mark.parametrize("name", BAD)
def test_invalid_tables_are_refused_with_the_limit_and_advice(name: str) -> None:
    content, problem = BAD[name]
    with pytest.raises(FieldError) as caught:
        read_csv(content)
    assert problem in refusal_message(caught.value)


def test_tables_exactly_at_the_limits_are_read() -> None:
    check_table(read_csv(f"a,label\n{rows(200, 100)}".encode()))
    check_table(read_csv(b"a,label\n" + b"1,0\n1,1\n" * 100_000))
    wide = ",".join(f"f{i}" for i in range(5_000)) + ",label\n"
    check_table(read_csv((wide + "".join("1," * 5_000 + f"{i % 2}\n" for i in range(20))).encode()))


def test_content_that_is_not_bytes_is_refused() -> None:
    with pytest.raises(FieldError, match="must be the bytes of a file, got str"):
        read_csv("a,label\n1,2")  # type: ignore[arg-type]


@given(
    x=st.lists(
        st.tuples(st.floats(width=32, allow_nan=False, allow_infinity=False), st.floats(-1, 1, width=32)),
        min_size=20,
        max_size=40,
    ),
    names=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8), min_size=2),
)
def test_any_numbers_and_names_are_read_back(x: list[tuple[float, float]], names: list[str]) -> None:
    names = sorted({" ".join(name.split()) for name in names} - {""})[:5]
    if len(names) < 2:
        return

    def quoted(name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    lines = [f"{a!r},{quoted(names[i % len(names)])},{b!r}" for i, (a, b) in enumerate(x)]
    table = read_csv("\n".join(["a,label,b", *lines]).encode())
    check_table(table)
    assert table.x.tolist() == [list(row) for row in x]
    assert [table.class_names[k] for k in table.labels] == [names[i % len(names)] for i in range(len(x))]
