"""Sources as text: keys of book/references.bib as a reader outside the book can read them."""

from functools import lru_cache

from markdown_it import MarkdownIt
from pybtex.database import parse_file
from pybtex.richtext import Text

from ..paths import project_root
from ..wording import markdown_safe


@lru_cache(maxsize=1)
def _entries():
    path = project_root() / "book" / "references.bib"
    return dict(parse_file(str(path)).entries) if path.is_file() else {}


def _plain(text):
    return str(Text.from_latex(text)).strip()


def citation(source):
    """Markdown for a placement's source: 'Gal and Ghahramani (2016), *A title*', joined by semicolons.

    Parameter: ``source``, keys separated by commas. A key that the bibliography lacks stands as it is; ''
    gives ''.
    """
    texts = []
    for key in filter(None, (part.strip() for part in source.split(","))):
        entry = _entries().get(key)
        if entry is None:
            texts.append(markdown_safe(key))
            continue
        names = [_plain(" ".join(person.last_names)) for person in entry.persons.get("author", ())]
        who = names[0] + " and others" if len(names) > 2 else " and ".join(names)
        year = f" ({entry.fields['year']})" if "year" in entry.fields else ""
        title = f", *{markdown_safe(_plain(entry.fields['title']))}*" if "title" in entry.fields else ""
        texts.append(f"{markdown_safe(who or key)}{year}{title}")
    return "; ".join(texts)


def plain_citation(source):
    """The same as plain text, for where no Markdown is read."""
    return "".join(token.content for token in MarkdownIt().parseInline(citation(source))[0].children)
