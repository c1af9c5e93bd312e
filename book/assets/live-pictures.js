/* Pictures of a network at work, as SVG: probabilities of classes, a line over steps, grids of numbers, a histogram.
 *
 * Each takes plain numbers and gives an element with a text that says what it shows. Colours are the style sheet's.
 */
"use strict";

(() => {
  const { make } = window.pageElements;
  const WIDTH = 340, LEFT = 96, LINE = 18, CELL = 10;
  const svg = (width, height, described, ...children) => make(
    "svg:svg", { role: "img", "aria-label": described, width, height, viewBox: `0 0 ${width} ${height}` }, ...children);
  const path = (name, d) => make("svg:path", { class: name, d });
  const text = (x, y, content, attributes = {}) =>
    make("svg:text", { x, y, class: "explorer-label", ...attributes }, content);
  const percent = (value) => value.toFixed(2);

  /** A bar for each class under the mask, and a line where it ends without. right: the number of the true class. */
  const bars = (classes, masked, plain, right) => {
    const long = WIDTH - LEFT - 40, children = [];
    classes.forEach((name, place) => {
      const y = place * LINE, own = place === right ? " live-right" : "";
      children.push(
        text(LEFT - 6, y + 13, `${name}${place === right ? " ✓" : ""}`, { "text-anchor": "end" }),
        path(`live-bar${own}`, `M${LEFT} ${y + 3}h${Math.max(0.5, masked[place] * long)}v12h${-Math.max(0.5, masked[place] * long)}z`),
        path("live-mark", `M${LEFT + plain[place] * long} ${y + 1}v16`),
        text(LEFT + long + 6, y + 13, percent(masked[place])));
    });
    const said = classes.map((name, place) => `${name} ${percent(masked[place])}, without ${percent(plain[place])}`);
    return svg(WIDTH, classes.length * LINE, `Probabilities with the mask and without: ${said.join("; ")}.`, ...children);
  };

  /** Probability against steps read: a line with the mask, a dashed one without, a dot at the step that is shown. */
  const lines = (masked, plain, step, name) => {
    const wide = WIDTH - 60, high = 96, top = 8, left = 34;
    const x = (place) => left + (masked.length === 1 ? wide / 2 : (place * wide) / (masked.length - 1));
    const y = (value) => top + high * (1 - value);
    const line = (values) => values.map((value, place) => `${place ? "L" : "M"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`).join("");
    const ends = [0, 1].flatMap((value) => [path("runs-grid", `M${left} ${y(value)}h${wide}`),
      text(left - 6, y(value) + 4, String(value), { "text-anchor": "end" })]);
    const count = masked.length;
    return svg(WIDTH, top + high + 40,
      `Probability of ${name} by steps read. With the mask: ${masked.map(percent).join(", ")}. ` +
      `Without: ${plain.map(percent).join(", ")}.`,
      ...ends, path("live-plain", line(plain)), path("live-line", line(masked)),
      make("svg:circle", { class: "live-dot", cx: x(step), cy: y(masked[step]), r: 5 }),
      text(left, top + high + 18, "1"), text(x(count - 1), top + high + 18, String(count), { "text-anchor": "end" }),
      text(left + wide / 2, top + high + 34, "steps read", { "text-anchor": "middle" }));
  };

  /** A grid of numbers from -most to most (or 0 to most), a column a step; null leaves a cell empty, 'off' crosses it.
   * values: rows from top to bottom. step: the column that is framed, -1 for none. */
  const grid = (values, most, step, described, labels = []) => {
    const columns = values[0].length, left = labels.length ? LEFT - 20 : 0, paths = {};
    values.forEach((row, y) => row.forEach((value, x) => {
      const at = `M${left + x * CELL} ${y * CELL}`;
      if (value === "off") {
        paths["live-off"] = (paths["live-off"] || "") + `M${left + x * CELL + 2} ${y * CELL + 2}l6 6m0 -6l-6 6`;
      } else if (value !== null) {
        const level = Math.round(5 * Math.max(-1, Math.min(1, value / most)));
        const name = level < 0 ? `live-below live-${-level}` : `live-above live-${level}`;
        paths[name] = (paths[name] || "") + `${at}h${CELL}v${CELL}h${-CELL}z`;
      }
    }));
    const [wide, high] = [left + columns * CELL, values.length * CELL];
    return svg(wide + 2, high + 2, described,
      ...Object.entries(paths).map(([name, d]) => path(name, d)),
      path("explorer-draw live-frame", `M${left} 0h${columns * CELL}v${high}h${-columns * CELL}z`),
      ...(step < 0 ? [] : [path("live-now", `M${left + step * CELL} 0h${CELL}v${high}h${-CELL}z`)]),
      ...labels.map((label, y) => text(left - 4, y * CELL + 9, label, { "text-anchor": "end", "font-size": 9 })));
  };

  /** How many of the draws give the true class which probability: twenty bins, and a line without a mask. */
  const histogram = (draws, plain, name) => {
    const bins = new Array(20).fill(0), wide = WIDTH - 60, high = 90, left = 34, top = 8;
    for (const value of draws) bins[Math.min(19, Math.floor(20 * value))] += 1;
    const most = Math.max(...bins), step = wide / 20;
    const d = bins.map((count, bin) => {
      const tall = (high * count) / most;
      return count ? `M${left + bin * step + 1} ${top + high - tall}h${step - 2}v${tall}h${2 - step}z` : "";
    }).join("");
    const filled = bins.flatMap((count, bin) => (count ? [`${count} from ${percent(bin / 20)} to ${percent((bin + 1) / 20)}`] : []));
    return svg(WIDTH, top + high + 40, `Probability of ${name} in ${draws.length} draws: ${filled.join("; ")}.`,
      path("runs-grid", `M${left} ${top + high}h${wide}`), path("live-bar live-right", d),
      path("live-mark", `M${left + plain * wide} ${top}v${high + 4}`),
      text(left, top - 1 + 10, `${most} draws`),
      text(left, top + high + 18, "0"), text(left + wide, top + high + 18, "1", { "text-anchor": "end" }),
      text(left + wide / 2, top + high + 34, `probability of ${name}`, { "text-anchor": "middle" }));
  };

  window.livePictures = { bars, lines, grid, histogram };
})();
