"""The command that reads letters: which findings a text states, each with the words it rests on."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.commands.text import AddCommand, print_json, table
from model.errors import InputError
from model.inference.net import Net

if TYPE_CHECKING:
    from model.cases.letters import Letter

LARGEST_LETTER = 200_000  # bytes; a letter of ten pages has 30,000
FIELDS = ("id", "text")


def add_commands(command: AddCommand) -> None:
    """read-letter."""
    read = command("read-letter", _read_letter, "The findings that a letter in English states, read by rules.")
    read.add_argument("letter", type=Path, metavar="FILE", help='a text (.txt), or letters {"id", "text"} (.jsonl)')
    read.add_argument("--json", action="store_true", help="print JSON")
    read.add_argument("--out", type=Path, metavar="FILE.jsonl", help="where the findings of several letters go")


def _read_letter(net: Net, options: argparse.Namespace) -> None:
    from model.cases.letters import read_letter

    if options.letter.suffix == ".jsonl":
        _read_letters(net, options)
        return
    if options.out:
        raise InputError("field --out: it is for letters in a file .jsonl")
    letter = read_letter(_text(options.letter), net)
    if options.json:
        print_json(_record("", letter))
        return
    rows = [(finding, _shown(value), _words(letter, finding)) for finding, value in letter.findings.items()]
    print(table(["finding", "value", "words"], rows))
    open_ones = [(span.finding, _shown(span.value), letter.text[span.start : span.end])
                 for span in letter.spans if not span.certain and span.finding not in letter.findings]  # fmt: skip
    if open_ones:
        print("\nLeft open by the letter, so not taken over\n")
        print(table(["finding", "value", "words"], open_ones))


def _read_letters(net: Net, options: argparse.Namespace) -> None:
    """One record for each letter, in order; the file appears whole or not at all."""
    import json

    from model.cases.letters import read_letter
    from model.io.files import whole_file
    from model.io.plain import plain

    if options.out is None:
        raise InputError("field --out: several letters need a file FILE.jsonl for their findings")
    with whole_file(options.out) as partial, partial.open("w", encoding="utf-8") as target:
        for name, text in _letters(options.letter):
            target.write(json.dumps(plain(_record(name, read_letter(text, net)))) + "\n")


def _letters(path: Path) -> Iterator[tuple[str, str]]:
    """Id and text of each letter; raises InputError naming file, row and field."""
    from model.io.files import readable
    from model.io.json_text import parse_json

    with readable(path), path.open("rb") as file:
        for number, line in enumerate(file, 1):
            where = f"{path.name}, row {number}"
            if not line.strip():
                continue
            content = parse_json(line, where)
            if not isinstance(content, dict) or not isinstance(content.get("text"), str):
                raise InputError(f"{where}, field text: a letter is an object with the fields {' and '.join(FIELDS)}")
            yield str(content.get("id", "")), content["text"]


def _text(path: Path) -> str:
    """The text of a file in UTF-8 or Windows-1252."""
    from model.io.files import readable

    with readable(path):
        if path.stat().st_size > LARGEST_LETTER:
            raise InputError(f"{path.name}: larger than {LARGEST_LETTER // 1000} kB; not one letter")
        raw = path.read_bytes()
    if b"\0" in raw:
        raise InputError(f"{path.name}: not a text; save the letter as plain text (.txt)")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _record(name: str, letter: "Letter") -> dict[str, Any]:
    spans = [{"finding": span.finding, "state": span.value, "from": span.start, "to": span.end}
             for span in letter.spans if span.certain and span.finding in letter.findings]  # fmt: skip
    return {"id": name, "findings": dict(letter.findings), "spans": spans}


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")


def _words(letter: "Letter", finding: str) -> str:
    first = next(span for span in letter.spans if span.finding == finding and span.certain)
    return " ".join(letter.text[first.start : first.end].split())
