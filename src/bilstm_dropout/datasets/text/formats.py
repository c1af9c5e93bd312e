"""The formats in which the text sets are handed out: a label before or after each sentence, and an archive of reviews.

Whatever is in a file is text and nothing else. Each reader refuses what is not in its format, with one UserError line
that names the place and never shows the text.
"""

from __future__ import annotations

import hashlib
import re
import tarfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...errors import UserError
from .tokens import Texts

REVIEW = re.compile(r"aclImdb/(train|test)/(neg|pos)/([0-9]{1,6})_([0-9]{1,2})\.txt")
# The longest review has some 14,000 bytes; the published archive unpacks to far less than a gigabyte.
LARGEST_REVIEW = 100_000
LARGEST_ARCHIVE = 2**30


def labelled_lines(
    file: Path, encoding: str, labels: Sequence[str], prefix: str, *, separator: str = " ", label_first: bool = True
) -> Texts:
    """The sentences of a file with one example a line, in its order; ids are prefix-00000 and on.

    encoding: of the file, strict. labels: the words that stand for class 0, 1 and so on. The label comes before the
    first `separator` of a line, or after its last one. Lines end at a line feed alone: some sentences hold other
    characters that Python counts as line ends. UserError for a line without a known label or without text.
    """
    try:
        lines = file.read_bytes().decode(encoding).split("\n")
    except UnicodeDecodeError as error:
        raise _unread(file, f"byte {error.start} is not {encoding}") from None
    if not lines[-1].strip():
        lines.pop()
    numbers = {label: number for number, label in enumerate(labels)}
    texts, classes = [], []
    for number, line in enumerate(lines, start=1):
        before, _, after = line.partition(separator) if label_first else line.rpartition(separator)
        label, text = (before, after.strip()) if label_first else (after.strip(), before.strip())
        if label not in numbers or not text:
            raise _unread(file, f"line {number} has no text with one of the labels {', '.join(labels)}")
        texts.append(text)
        classes.append(numbers[label])
    ids = tuple(f"{prefix}-{row:05d}" for row in range(len(texts)))
    return Texts(tuple(texts), np.array(classes, dtype=np.int32), ids)


def reviews(archive: Path, content: str) -> dict[str, Texts]:
    """The labelled IMDB reviews, {'train': Texts, 'test': Texts}; class 0 is negative, class 1 positive.

    archive: a gzipped tar file, read as a stream; nothing is unpacked. Members whose names are not those of labelled
    reviews are passed over. content: the expected SHA-256 over the reviews' names and bytes, which an archive with
    other members beside them shares (see `content_digest`). Ids are imdb-train-neg-123 with the review's own number;
    line breaks of HTML become spaces. UserError for an archive that is damaged, too large, or of another content.
    """
    found = _members(archive)
    digest = content_digest(found)
    if digest != content:
        raise _unread(archive, f"its {len(found):,} labelled reviews have the content {digest}, expected {content}")
    parts = {}
    for part in ("train", "test"):
        # By class and by number, whatever the order in the archive.
        keys = sorted(
            (match[2], int(match[3]), name) for name in found if (match := REVIEW.fullmatch(name)) and match[1] == part
        )
        parts[part] = Texts(
            tuple(_plain(archive, name, found[name]) for _, _, name in keys),
            np.array([("neg", "pos").index(label) for label, _, _ in keys], dtype=np.int32),
            tuple(f"imdb-{part}-{label}-{number}" for label, number, _ in keys),
        )
    return parts


def content_digest(members: dict[str, bytes]) -> str:
    """SHA-256 over the members in the order of their names: a line of name and number of bytes, then the bytes."""
    digest = hashlib.sha256()
    for name in sorted(members):
        digest.update(f"{name} {len(members[name])}\n".encode())
        digest.update(members[name])
    return digest.hexdigest()


def _members(archive: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    total = 0
    try:
        with tarfile.open(archive, "r|gz") as stream:
            for member in stream:
                total += member.size
                if total > LARGEST_ARCHIVE:
                    raise _unread(archive, f"it unpacks to more than {LARGEST_ARCHIVE:,} bytes")
                if not member.isreg() or not REVIEW.fullmatch(member.name):
                    continue
                if member.size > LARGEST_REVIEW:
                    raise _unread(archive, f"a review has {member.size:,} bytes, allowed are {LARGEST_REVIEW:,}")
                if member.name in found:
                    raise _unread(archive, "a review is there twice")
                found[member.name] = stream.extractfile(member).read()
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise _unread(archive, f"it is damaged: {' '.join(str(error).split())[:100]}") from None
    return found


def _plain(archive: Path, name: str, content: bytes) -> str:
    try:
        return without_breaks(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise _unread(archive, f"{name} is not UTF-8") from None


def without_breaks(text: str) -> str:
    """A text with a blank in place of each line break of HTML, as IMDB's reviews have them."""
    return re.sub(r"<br\s*/?>", " ", text).strip()


def _unread(file: Path, what: str) -> UserError:
    return UserError(f"{file} cannot be read: {what}. Remove it to have it downloaded, or put the right one there.")
