// Definitions that show on a link, and boxes that scroll. A link that `aria-describedby` joins to a hidden .tip shows it
// while the pointer or the focus is on it, or after a first tap; a second tap follows the link, Escape closes.
(() => {
  "use strict";
  const WAIT = 150; // milliseconds that a pointer rests on a link, or may be on its way to the tip
  const GAP = 6;
  let shown = null; // {link, tip}
  let timer = 0;

  const tipOf = link => document.getElementById(link.getAttribute("aria-describedby"));

  function place(link, tip) {
    const at = link.getClientRects()[0] ?? link.getBoundingClientRect();
    const room = document.documentElement.clientWidth;
    tip.style.left = `${Math.max(GAP, Math.min(at.left, room - tip.offsetWidth - GAP))}px`;
    const below = at.bottom + GAP;
    const above = at.top - tip.offsetHeight - GAP;
    tip.style.top = `${below + tip.offsetHeight > window.innerHeight && above > 0 ? above : below}px`;
  }

  function show(link) {
    clearTimeout(timer);
    if (shown?.link === link) return;
    hide();
    const tip = tipOf(link);
    if (!tip) return;
    tip.hidden = false;
    place(link, tip);
    shown = { link, tip };
  }

  function hide() {
    clearTimeout(timer);
    if (shown) shown.tip.hidden = true;
    shown = null;
  }

  function later(action) {
    clearTimeout(timer);
    timer = setTimeout(action, WAIT);
  }

  function explain(link) {
    let touched = false;
    link.addEventListener("pointerenter", event => event.pointerType === "mouse" && later(() => show(link)));
    link.addEventListener("pointerleave", event => event.pointerType === "mouse" && later(hide));
    link.addEventListener("pointerdown", event => { touched = event.pointerType !== "mouse"; });
    link.addEventListener("focus", () => touched || show(link));
    link.addEventListener("blur", hide);
    link.addEventListener("click", event => {
      if (touched && shown?.link !== link) {
        event.preventDefault();
        show(link);
      }
      touched = false;
    });
  }

  // A box that is wider than the screen says so, and keys reach it; one that is not is no stop on the way.
  function mark(box) {
    const scrolls = box.scrollWidth > box.clientWidth + 1;
    box.classList.toggle("scrolls", scrolls);
    if (scrolls) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }

  function start() {
    document.querySelectorAll("a[aria-describedby^='tip-']").forEach(explain);
    document.querySelectorAll(".tip").forEach(tip => {
      tip.addEventListener("pointerenter", () => clearTimeout(timer));
      tip.addEventListener("pointerleave", () => later(hide));
    });
    document.addEventListener("keydown", event => event.key === "Escape" && hide());
    document.addEventListener("pointerdown", event => {
      if (shown && !event.target.closest("a[aria-describedby], .tip")) hide();
    });
    document.addEventListener("scroll", () => shown && place(shown.link, shown.tip), { passive: true });
    const boxes = document.querySelectorAll(
      ".bd-article :is(.pst-scrollable-table-container, .table-scroll, figure > div, div.math, pre)");
    const seen = new ResizeObserver(entries => entries.forEach(entry => mark(entry.target)));
    boxes.forEach(box => { mark(box); seen.observe(box); });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
