"""HTML in which every value is escaped unless it is HTML already."""

from collections.abc import Iterable
from numbers import Number

from markupsafe import Markup, escape


def html(template: str, *values: object) -> Markup:
    """A template with its fields filled in order; texts are escaped, numbers and `Markup` are not.

    >>> print(html("<td title='{}'>{:.1f} {}</td>", "it's <b>", 2.25, html("<b>{}</b>", "a & b")))
    <td title='it&#39;s &lt;b&gt;'>2.2 <b>a &amp; b</b></td>
    """
    return Markup(template.format(*(value if isinstance(value, Number) else escape(value) for value in values)))


def joined(parts: Iterable[str], separator: str = "") -> Markup:
    """Pieces of HTML one after the other; a piece that is not `Markup` is escaped.

    >>> print(joined([html("<i>{}</i>", "a"), "<b>"], ", "))
    <i>a</i>, &lt;b&gt;
    """
    return Markup(separator).join(parts)
