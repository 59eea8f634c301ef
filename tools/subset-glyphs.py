"""Writes web/verify/glyphs.css: the Chinese characters that the words of verify.html need, and no others, in the file
itself, for machines without a Chinese font. Needs fonttools and brotli; run again after the words changed:

    python3 tools/subset-glyphs.py
"""

import base64
import io
import re
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

root = Path(__file__).parent.parent
fonts = root / "node_modules/@fontsource-variable/noto-sans-sc"
words = "".join(path.read_text("utf8") for path in sorted((root / "web/verify/words").glob("*.json")))
needed = {ord(letter) for letter in words if ord(letter) > 0x2000}


def ranges(text):
    for part in text.split(","):
        first, _, last = part.strip().removeprefix("U+").partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


def subset_of(path, codes):
    options = subset.Options(flavor="woff2", layout_features=[], hinting=False, notdef_outline=True)
    font = TTFont(path)
    maker = subset.Subsetter(options)
    maker.populate(unicodes=codes)
    maker.subset(font)
    out = io.BytesIO()
    font.flavor = "woff2"
    font.save(out)
    return base64.b64encode(out.getvalue()).decode()


rules = []
for block in re.findall(r"@font-face \{(.*?)\}", (fonts / "index.css").read_text("utf8"), re.S):
    file = re.search(r"url\((\./files/[^)]+)\)", block).group(1)
    codes = sorted(needed & set(ranges(re.search(r"unicode-range: ([^;]+);", block).group(1))))
    if not codes or "noto-sans-sc-latin" in file:
        continue
    needed -= set(codes)
    rules.append(
        "@font-face {\n"
        '  font-family: "Noto Sans SC Variable";\n'
        "  font-weight: 100 900;\n"
        f"  src: url(data:font/woff2;base64,{subset_of(fonts / file, codes)}) format(\"woff2\");\n"
        f"  unicode-range: {', '.join(f'U+{code:x}' for code in codes)};\n"
        "}\n"
    )
note = "/* Made by tools/subset-glyphs.py from Noto Sans SC (SIL Open Font License 1.1). */\n"
(root / "web/verify/glyphs.css").write_text(note + "".join(rules), "utf8")
print(len(rules), "parts;", sum(map(len, rules)) // 1024, "KiB; without a glyph:", "".join(map(chr, sorted(needed))))
