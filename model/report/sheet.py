"""Sheets of A4 paper: texts, rows that stay whole across pages, and bars that can be distinguished without colour."""

import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue, XPos, YPos

FONTS = Path(__file__).parent / "fonts"
MARGIN = 15.0
WIDTH = 180.0
LINE_HEIGHT = 4.0
BAR_HEIGHT = 2.6
BETWEEN_HATCHES = 1.1
NOT_IN_THE_FONT = "□"
INK, MUTED, RAIL, WHITE = (23, 36, 45), (77, 95, 107), (237, 241, 244), (255, 255, 255)
Colour = tuple[int, int, int]
Row = tuple[float, Callable[[float], None]]
"""The height of a row in mm, and what draws it below a given place."""


class Sheet:
    """A document under construction. Places are in mm: from the left margin, and from the top of the page."""

    def __init__(self, title: str, foot: str, made: datetime):
        self.pdf = _Document(foot)
        self.pdf.set_margin(MARGIN)
        self.pdf.set_auto_page_break(True, MARGIN + 3)
        for style, file in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            self.pdf.add_font("text", style, FONTS / file)
        self.pdf.set_title(title)
        self.pdf.set_lang("en")
        self.pdf.set_creation_date(made)
        self.pdf.add_page()
        self._font()

    @cached_property
    def _letters(self) -> frozenset[int]:
        return frozenset(getattr(self.pdf.fonts["text"], "cmap"))  # noqa: B009

    def shown(self, text: str) -> str:
        """The text in letters that the font has, on one line."""
        composed = " ".join(unicodedata.normalize("NFC", text).split())
        return "".join(letter if ord(letter) in self._letters else NOT_IN_THE_FONT for letter in composed)

    def _font(self, size: float = 8.5, bold: bool = False, colour: Colour = INK) -> None:
        self.pdf.set_font("text", "B" if bold else "", size)
        self.pdf.set_text_color(*colour)

    def title(self, text: str) -> None:
        self._font(16, bold=True)
        self.pdf.multi_cell(0, 8, self.shown(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def heading(self, text: str) -> None:
        """A heading, never alone at the foot of a page; it is an entry of the outline too."""
        self.pdf.ln(3)
        if self.pdf.will_page_break(30):
            self.pdf.add_page()
        self._font(11.5, bold=True)
        self.pdf.start_section(self.shown(text))
        self._hairline()
        self.pdf.cell(0, 6, self.shown(text), border="B", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.pdf.ln(1)
        self._font()

    def paragraph(self, text: str, size: float = 9, bold: bool = False, colour: Colour = INK) -> None:
        self._font(size, bold, colour)
        self.pdf.multi_cell(0, LINE_HEIGHT * size / 8, self.shown(text), align=Align.L, new_x=XPos.LMARGIN,
                            new_y=YPos.NEXT)  # fmt: skip
        self.gap()

    def item(self, head: str, text: str, small: str) -> None:
        """A line of a list: the head in bold, the text beside it, small print below."""
        head = f"{self.shown(head)}. " if head else ""
        height = LINE_HEIGHT * len(self.lines(head + text, WIDTH, bold=True)) + 3.3 * len(self.lines(small, WIDTH))
        if self.pdf.will_page_break(height):
            self.pdf.add_page()
        if head:
            self._font(8.5, bold=True)
            self.pdf.write(LINE_HEIGHT, head)
        if text:
            self._font()
            self.pdf.write(LINE_HEIGHT, self.shown(text))
        if head or text:
            self.pdf.ln(LINE_HEIGHT)
        if small:
            self._font(7, colour=MUTED)
            self.pdf.multi_cell(0, 3.3, self.shown(small), align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.gap()

    def _hairline(self) -> None:
        self.pdf.set_draw_color(*INK)
        self.pdf.set_line_width(0.2)

    def caption(self, text: str) -> None:
        self._hairline()
        self._font(7.5, colour=MUTED)
        self.pdf.multi_cell(0, LINE_HEIGHT, self.shown(text), align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._font()

    def gap(self) -> None:
        self.pdf.ln(1.2)
        self._font()

    def lines(self, text: str, width: float, bold: bool = False) -> list[str]:
        """The text broken to a width."""
        self._font(bold=bold)
        broken = self.pdf.multi_cell(width, LINE_HEIGHT, self.shown(text), align=Align.L, dry_run=True,
                                     output=MethodReturnValue.LINES)  # fmt: skip
        return [str(line) for line in broken]  # type: ignore[union-attr]

    def stack(self, left: float, top: float, width: float, lines: Sequence[str], bold: bool = False) -> None:
        """Lines one below the other."""
        for i, line in enumerate(lines):
            self.cell(left, top + i * LINE_HEIGHT, width, line, bold=bold)

    def cell(
        self,
        left: float,
        top: float,
        width: float,
        text: str,
        right: bool = False,
        centre: bool = False,
        bold: bool = False,
        size: float = 8.5,
        colour: Colour = INK,
    ) -> None:
        """One line of text in a box."""
        self._font(7.5 if colour == MUTED and size == 8.5 else size, bold, colour)
        self.pdf.set_xy(MARGIN + left, top)
        align = Align.C if centre else Align.R if right else Align.L
        self.pdf.cell(width, LINE_HEIGHT, self.shown(text), align=align)

    def rows(self, head: Callable[[float], None], rows: Sequence[Row]) -> None:
        """Rows below a head, which is drawn again on every new page."""
        self._head(head)
        for height, draw in rows:
            if self.pdf.will_page_break(height):
                self.pdf.add_page()
                self._head(head)
            top = self.pdf.get_y()
            draw(top)
            self.pdf.set_xy(MARGIN, top + height)
        self.pdf.set_fill_color(255)
        self.gap()

    def _head(self, head: Callable[[float], None]) -> None:
        if self.pdf.will_page_break(4 * LINE_HEIGHT):
            self.pdf.add_page()
        top = self.pdf.get_y()
        head(top)
        self.pdf.set_xy(MARGIN, top + LINE_HEIGHT)

    def track(self, left: float, middle: float, width: float) -> None:
        """The ground on which a bar lies."""
        self.pdf.set_fill_color(*RAIL)
        self.pdf.rect(MARGIN + left, middle - BAR_HEIGHT / 2, width, BAR_HEIGHT, style="F")

    def bar(self, left: float, middle: float, width: float, colour: Colour, hatched: bool) -> None:
        """A bar, plain or hatched with an outline."""
        if width <= 0:
            return
        x, y = MARGIN + left, middle - BAR_HEIGHT / 2
        self.pdf.set_fill_color(*colour)
        self.pdf.set_draw_color(*colour)
        self.pdf.set_line_width(0.25)
        if not hatched:
            self.pdf.rect(x, y, width, BAR_HEIGHT, style="F")
            return
        self.pdf.rect(x, y, width, BAR_HEIGHT, style="D")
        start = BETWEEN_HATCHES - BAR_HEIGHT
        while start < width:
            low, high = max(start, 0.0), min(start + BAR_HEIGHT, width)
            if low < high:  # from the lower edge to the upper, cut at both ends of the bar
                self.pdf.line(x + low, y + BAR_HEIGHT - (low - start), x + high, y + BAR_HEIGHT - (high - start))
            start += BETWEEN_HATCHES

    def line(self, left: float, top: float, right: float, bottom: float, width: float, colour: Colour = INK) -> None:
        """A straight line."""
        self.pdf.set_draw_color(*colour)
        self.pdf.set_line_width(width)
        self.pdf.line(MARGIN + left, top, MARGIN + right, bottom)


class _Document(FPDF):
    """A4 with a line at the foot of each page."""

    def __init__(self, foot: str):
        super().__init__(format="A4")
        self.foot = foot

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font("text", "", 6.5)
        self.set_text_color(*MUTED)
        self.cell(150, 4, self.foot)
        self.cell(0, 4, f"Page {self.page_no()} of {{nb}}", align=Align.R)
