"""JSON read strictly: text that two readers could understand differently is refused."""

import json
import re
from typing import Any

from model.errors import InputError

SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
BYTE_ORDER_MARK = "\ufeff"


def parse_json(content: str | bytes, where: str) -> Any:
    """The content of a JSON text, or of its bytes in UTF-8. `where`: the file and row, for messages.

    Raises InputError for text that is not JSON, for a field that occurs twice in one object, and for half of a
    surrogate pair, which no file can hold.
    """
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        if text.startswith(BYTE_ORDER_MARK):
            raise json.JSONDecodeError("Unexpected UTF-8 BOM (decode using utf-8-sig)", text, 0)
        result = DECODER.decode(text)
        if "\\u" in text and SURROGATE.search(text):
            json.dumps(result, ensure_ascii=False).encode()
        return result
    except UnicodeEncodeError:
        raise InputError(f"{where}: half of a surrogate pair (\\ud800 to \\udfff) is not text") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: not UTF-8 text ({error.reason})") from None
    except json.JSONDecodeError as error:
        raise InputError(f"{where}: not JSON ({error.msg} at character {error.pos})") from None
    except RecursionError:
        raise InputError(f"{where}: nested too deep") from None
    except InputError as error:
        raise InputError(f"{where}, {error}") from None
    except ValueError:  # a number of thousands of digits
        raise InputError(f"{where}: not JSON (a number is too long)") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"field {twice}: occurs twice in one object")
    return result


DECODER = json.JSONDecoder(object_pairs_hook=_object)
"""Shared: making a decoder takes half as long as parsing a case."""
