"""A built site of two pages, a chapter and a page that is not taken along: everything that a page can hold, small."""

from __future__ import annotations

import shutil
from pathlib import Path

from bilstm_dropout.paths import project_root

CONTENTS = "format: jb-book\nroot: index\nparts:\n- caption: Part A & B\n  chapters:\n  - file: generated/study/one\n"
HOME = """<section id="home"><h1>Home &lt;b&gt;<a class="headerlink" href="#home">#</a></h1>
<p>To <a class="term reference" href="generated/study/one.html#figure-x" aria-describedby="tip-a">a figure</a>,
to <a href="generated/study/one.html#gone">what is gone</a>, <a href="generated/study/one.html">a page</a>,
<a href="generated/numbers/mr.html#t">numbers</a>, <a href="https://example.org/a?b=1&amp;c=2">out</a>,
<a href="javascript:alert(1)">bad</a>, <a href="../outside.html">outside</a>.</p>
<div class="tips"><div class="tip" hidden id="tip-a">A TIP</div></div></section>"""
ONE = """<section id="one"><h1>One</h1><script>alert(1)</script>
<details class="admonition hide above-input"><summary>Show the code</summary><pre>HIDDEN CODE</pre></details>
<div class="explorer" hidden id="x-explorer"><form><select id="s"><option>A</option></select></form></div>
<p class="static" onclick="alert(2)">STATIC PART <img src="../../_static/site-map.png" alt="A MAP" onerror="x">
<img src="https://example.org/spy.png" alt="ELSEWHERE"><img src="../../../../../_toc.yml" alt="A FILE"></p>
<figure class="study-figure" id="figure-x"><p class="figure-title">
<span class="figure-number">Figure 2.</span> Seen.</p>
<div role="region" tabindex="0" aria-label="A dot"><svg role="img" aria-label="A dot" viewBox="0 0 9 9" width="900">
<defs><clipPath id="c"><rect width="9" height="9"/></clipPath><path id="d" d="M0 0h3"/></defs><path/>
<use href="#d" clip-path="url(#c)"/><text>WORDS</text></svg></div><figcaption>How to read it.</figcaption>
<div class="strip"><a download="x.csv" href="data:text/csv,a">data as CSV</a> · drawn by <code>n.ipynb</code> ·
<details><summary>one kind of machine</summary>MACHINE</details> ·
<a href="#figure-x">link to this figure</a></div></figure>
<details><summary>A fold</summary><p>OPENED</p></details>
<details><summary>Twice</summary><table>
<caption>Twice</caption><tr><th scope="row">a</th><td>1</td></tr></table></details>
<p><math><msub displaystyle="false" scriptlevel="1"><mi>x</mi><mi>y</mi></msub></math></p>
<p>Back <a href="../../index.html">home</a>, to <a href="#figure-x">the figure</a>.</p>
<section id="download"><h2>Download</h2>
<p><a class="download" href="../../_downloads/1/a.ipynb">DOWNLOAD</a></p></section>
</section>"""
CHAPTER = '<section id="c"><h1>none</h1><p>CHAPTER <a href="study/one.html#figure-x">there</a></p></section>'


def small_book(folder: Path) -> Path:
    """Write it below a folder; return the book's sources, with the site in _build/html and the real styles."""
    book, real = folder / "book", project_root() / "book"
    shutil.copytree(real / "assets", book / "assets")
    shutil.copytree(real / "_static", book / "_static")
    site = book / "_build" / "html"
    shutil.copytree(book / "_static", site / "_static")
    (site / "_static" / "pygments.css").write_text(".k {color: #008000}\n", "utf-8")
    (book / "_toc.yml").write_text(CONTENTS, "utf-8")
    pages = {"index": HOME, "generated/study/one": ONE, "generated/placement-00-none": CHAPTER,
             "generated/numbers/mr": "<h1>Numbers</h1>"}  # fmt: skip
    for name, article in pages.items():
        file = site / f"{name}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"<!DOCTYPE html><html><body><article>{article}</article></body></html>", "utf-8")
    return book
