"""PDFs whose text is known, made with reportlab: columns, tables, heads and footers, formulas, notes, scripts, rotated pages."""

from __future__ import annotations

import io
import random
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

WORDS = (
    "river stone market window harbour letter garden evening winter morning signal engine teacher village mountain paper silver bridge forest island "
    "captain kitchen journey weather mirror machine station musician library picture shoulder question answer measure history candle feather hollow "
    "meadow thunder whisper ladder copper basket needle marble orchard pepper quarry ribbon saddle timber valley walnut yellow anchor border"
).split()
PAGE = (595.0, 842.0)
DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")

Known = tuple[bytes, str]
"""The file, and its text in reading order."""


def sentences(seed: int, count: int) -> list[str]:
    """Sentences of known words; the same for the same seed."""
    draw = random.Random(seed)
    made = []
    for number in range(count):
        words = [draw.choice(WORDS) for _ in range(draw.randint(7, 16))]
        words[draw.randrange(1, len(words))] = f"{draw.choice(WORDS)}{seed}x{number}"
        made.append(" ".join(words).capitalize() + ".")
    return made


def paragraphs(seed: int, count: int) -> list[str]:
    return [" ".join(sentences(100 * seed + number, 5)) for number in range(count)]


def _story(
    build: Callable[[Any, Any], tuple[list[Any], str]], columns: int = 1, head: str = "", rotation: int = 0, size: tuple[float, float] = PAGE
) -> Known:
    from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    buffer = io.BytesIO()
    width, height = size
    usable, gap = width - 120, 18
    each = (usable - gap * (columns - 1)) / columns
    frames = [Frame(60 + number * (each + gap), 70, each, height - 140, 0, 0, 0, 0) for number in range(columns)]

    def decorate(canvas: Any, document: Any) -> None:
        if head:
            canvas.setFont("Helvetica", 8)
            canvas.drawString(60, height - 40, head)
            canvas.drawRightString(width - 60, height - 40, f"Volume {document.page}")
            canvas.drawCentredString(width / 2, 36, f"Page {document.page}")

    styles = getSampleStyleSheet()
    body = ParagraphStyle("body", parent=styles["Normal"], fontName="Times-Roman", fontSize=10, leading=12, alignment=4, spaceAfter=7)
    document = BaseDocTemplate(buffer, pagesize=size, pageTemplates=[PageTemplate("page", frames, onPage=decorate)], invariant=1)
    flowables, known = build(styles, body)
    document.build(flowables)
    return (turned(buffer.getvalue(), rotation) if rotation else buffer.getvalue()), known


def turned(content: bytes, rotation: int) -> bytes:
    """The file with all pages shown turned clockwise by so many degrees."""
    import pypdfium2

    buffer = io.BytesIO()
    file = pypdfium2.PdfDocument(content)
    for page in file:
        page.set_rotation(rotation)
    file.save(buffer)
    file.close()
    return buffer.getvalue()


def prose(columns: int, pages: int = 1, head: str = "", rotation: int = 0, seed: int = 1) -> Known:
    """Headings and justified paragraphs in columns."""

    def build(styles: Any, body: Any) -> tuple[list[Any], str]:
        from reportlab.platypus import Paragraph

        flow, known = [], []
        for number, text in enumerate(paragraphs(seed, 9 * pages)):
            if number % 4 == 0:
                flow.append(Paragraph(f"{number // 4 + 1} About {WORDS[number % len(WORDS)]}", styles["Heading2"]))
                known.append(f"{number // 4 + 1} About {WORDS[number % len(WORDS)]}")
            flow.append(Paragraph(text, body))
            known.append(text)
        return flow, "\n".join(known)

    return _story(build, columns, head, rotation)


def table(ruled: bool) -> Known:
    """A table between two paragraphs, with or without lines."""

    def build(styles: Any, body: Any) -> tuple[list[Any], str]:
        from reportlab.lib import colors
        from reportlab.platypus import Paragraph, Table

        before, after = paragraphs(31, 2)
        rows = [["Town", "People", "Ships", "Founded"]]
        rows += [[WORDS[number].capitalize(), f"{number * 1371 + 204}", f"{number * 3 + 1}", f"{1700 + number * 11}"] for number in range(8)]
        style = [("GRID", (0, 0), (-1, -1), 0.5, colors.black)] if ruled else []
        grid = Table(rows, colWidths=[110, 80, 80, 90], style=style)
        cells = "\n".join(" ".join(row) for row in rows)
        return [Paragraph(before, body), grid, Paragraph(after, body)], f"{before}\n{cells}\n{after}"

    return _story(build)


def notes_and_formulas() -> Known:
    """Superscripts that refer to notes at the foot of the page, and formulas on lines of their own."""
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=PAGE, invariant=1)
    known = []
    y = 780.0
    for number, text in enumerate(sentences(41, 12), 1):
        canvas.setFont("Times-Roman", 11)
        canvas.drawString(60, y, text)
        known.append(text)
        if number in (3, 7):
            end = 60 + canvas.stringWidth(text, "Times-Roman", 11)
            canvas.setFont("Times-Roman", 7)
            canvas.drawString(end, y + 4, str(number // 3))
            known[-1] += {3: "¹", 7: "²"}[number]
        y -= 14
        if number == 6:
            canvas.setFont("Symbol", 12)
            canvas.drawCentredString(297, y - 8, "a = b + g")
            known.append("α = β + γ")
            y -= 32
    for number, text in enumerate(("Counted in the harbour by hand.", "See the letter of the captain."), 1):
        canvas.setFont("Times-Roman", 6)
        canvas.drawString(60, 92 - 12 * number, str(number))
        canvas.setFont("Times-Roman", 8.5)
        canvas.drawString(65, 90 - 12 * number, text)
        known.append(f"{number} {text}")
    canvas.save()
    return buffer.getvalue(), "\n".join(known)


CHINESE = (
    "城市在河边慢慢长大，人们每天早上去市场买菜。",
    "老师说，明天我们要去山上看雪，请带上厚衣服。",
    "图书馆的灯亮到很晚，学生们安静地读书写字。",
)
JAPANESE = (
    "港の朝は早く、船は六時に出ていきます。",
    "山の上の小さな村では、冬に雪が深く積もります。",
    "駅の時計は少し遅れているので、気をつけてください。",
)
KOREAN = ("강가의 시장은 아침 일찍 문을 엽니다.", "선생님은 내일 산에 간다고 말했습니다.", "도서관의 불은 밤늦게까지 켜져 있습니다.")


def east_asian(font: str, texts: tuple[str, ...]) -> Known:
    """Lines of a CID font that is not embedded, Chinese and Japanese divided anywhere."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont(font))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=PAGE, invariant=1)
    canvas.setFont(font, 12)
    y = 780.0
    for text in texts * 3:
        for line in textwrap.wrap(text, 18) if " " in text else [text[start : start + 18] for start in range(0, len(text), 18)]:
            canvas.drawString(60, y, line)
            y -= 18
        y -= 14
    canvas.save()
    return buffer.getvalue(), "\n".join(texts * 3)


ARABIC = ("المدينة على النهر كبيرة وجميلة", "قال المعلم إن الدرس يبدأ غدا", "المكتبة مفتوحة حتى المساء")


def arabic() -> Known:
    """Arabic lines as old programs write them: letter by letter from right to left. Raises FileNotFoundError: the font is not on the machine."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    if not DEJAVU.exists():
        raise FileNotFoundError(f"{DEJAVU} is not there: apt-get install fonts-dejavu-core")
    pdfmetrics.registerFont(TTFont("DejaVuSans", str(DEJAVU)))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=PAGE, invariant=1)
    canvas.setFont("DejaVuSans", 12)
    for number, text in enumerate(ARABIC):
        canvas.drawRightString(535, 780 - 40 * number, text[::-1])
    canvas.save()
    return buffer.getvalue(), "\n".join(ARABIC)


def sideways() -> Known:
    """Text that is written upwards along the page."""
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=PAGE, invariant=1)
    texts = sentences(71, 20)
    canvas.translate(80, 60)
    canvas.rotate(90)
    canvas.setFont("Times-Roman", 11)
    for number, text in enumerate(texts):
        canvas.drawString(0, -16 * number, text)
    canvas.save()
    return buffer.getvalue(), "\n".join(texts)


def hyphenated() -> Known:
    """A narrow column with words divided at the ends of lines."""
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=PAGE, invariant=1)
    canvas.setFont("Times-Roman", 11)
    text = " ".join(sentences(81, 14))
    y, line = 780.0, ""
    for word in text.split():
        if len(line) + len(word) + 1 <= 40:
            line = f"{line} {word}".strip()
            continue
        room = 40 - len(line) - 2
        if word.isalpha() and 3 <= room <= len(word) - 3:
            line, word = f"{line} {word[:room]}-", word[room:]
        canvas.drawString(60, y, line)
        y, line = y - 14, word
    canvas.drawString(60, y, line)
    canvas.save()
    return buffer.getvalue(), text


@cache
def made_pdfs() -> dict[str, Known]:
    """What it is -> file and text, of all that can be made on this machine."""
    made = {
        "one column": prose(1),
        "two columns": prose(2, pages=2, seed=2),
        "three columns": prose(3, seed=3),
        "heads and footers": prose(1, pages=5, head="Annual report of the harbour", seed=4),
        "heads, two columns": prose(2, pages=6, head="Journal of meadows", seed=5),
        "ruled table": table(ruled=True),
        "table without lines": table(ruled=False),
        "notes and formulas": notes_and_formulas(),
        "divided words": hyphenated(),
        "turned page": prose(1, rotation=90, seed=6),
        "sideways text": sideways(),
        "Chinese": east_asian("STSong-Light", CHINESE),
        "Japanese": east_asian("HeiseiMin-W3", JAPANESE),
        "Korean": east_asian("HYSMyeongJo-Medium", KOREAN),
    }
    if DEJAVU.exists():
        made["Arabic"] = arabic()
    return made
