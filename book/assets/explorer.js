/* The mask explorer: reads the form, draws every mask of the placement, and says what it is.
 *
 * Progressive: the page holds a drawn picture, which goes once this runs. Texts of the table enter as text, never
 * as HTML. Shapes and draws are explorer-masks.js.
 */
"use strict";

(() => {
  const masks = window.maskExplorer;
  const table = JSON.parse(document.getElementById("mask-explorer-table").textContent);
  const root = document.getElementById("mask-explorer");
  const form = root.querySelector("form");
  const SIZES = ["batch", "steps", "features", "units", "vocabulary"];
  const PLURAL = { sample: "samples", step: "steps", row: "rows", type: "word types", feature: "features" };
  const DIRECTIONS = ["forward", "backward"];
  const GATES = { 3: "ifo", 4: "ifgo" };
  // Pixels. Four gates of five steps, side by side, fit on a phone of 360.
  const CELL = 15, HALF = 7.5, GAP = 8, LINE = 16;

  const number = (value) => String(Number(value.toPrecision(3)));
  const place = (name) => table.placements.find((each) => each.name === name);

  const { make } = window.pageElements;

  // ---- what a value looks like: each kind has a colour and a form of its own ----
  const square = (x, y, inset) => {
    const side = CELL - 2 * inset;
    return `M${x + inset} ${y + inset}h${side}v${side}h${-side}z`;
  };
  const SIGNS = {
    scaled: (x, y) => square(x, y, 2),
    plain: (x, y) => `M${x + HALF - 5} ${y + HALF}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z`,
    dropped: (x, y) => `M${x + HALF - 4} ${y + HALF - 4}l8 8m0 -8l-8 8`,
    last: (x, y) => `M${x + HALF + 5} ${y + HALF}h-10m4 -4l-4 4l4 4`,
  };
  const kind = (term, value) => {
    if (value === 0) return term.operation === "keep" ? "last" : "dropped";
    return value === 1 ? "plain" : "scaled";
  };
  const meanings = (term, rate) => ({
    scaled: `kept, times ${number(1 / (1 - rate))}`,
    plain: term.operation === "keep" ? "takes the new value" : "kept as it is",
    dropped: `dropped, with probability ${number(rate)}`,
    last: `keeps the last value, with probability ${number(rate)}`,
  });

  // ---- the picture ----
  /** Which axes lie inside a panel, and which axis counts the columns and rows of panels. */
  const arrange = (names) => {
    let [down, across] = ["sample", names[names.length - 1]];
    if (names.includes("step")) [down, across] = ["feature", "step"];
    else if (names.includes("row")) [down, across] = ["row", "feature"];
    const outer = ["gate", "sample"].filter((name) => names.includes(name) && name !== down);
    return { down, across, columns: outer[0], rows: outer[1] };
  };

  const heading = (axis, index, count) => {
    if (axis === "gate") return `gate ${GATES[count][index]}`;
    return axis === "direction" ? DIRECTIONS[index] : `${axis} ${index + 1}`;
  };

  /** One direction of a mask as a drawing: a panel for each gate and sample, one outline in it for each draw. */
  const drawing = (term, site, sizes, mask, direction) => {
    const names = site.axes.map((axis) => axis.name);
    const count = Object.fromEntries(site.axes.map((axis) => [axis.name, masks.length(axis, sizes)]));
    const { down, across, columns, rows } = arrange(names);
    const own = (axis) => term.axes.includes(axis);
    const [width, height] = [count[across] * CELL, count[down] * CELL];
    const paths = {};
    const add = (name, text) => (paths[name] = (paths[name] || "") + text);
    const labels = [];
    const label = (x, y, text) =>
      labels.push(make("svg:text", { x, y, class: "explorer-label" }, text));
    let top = direction === null ? 0 : LINE;
    if (direction !== null) label(0, 12, DIRECTIONS[direction]);
    const panelColumns = columns ? count[columns] : 1;
    for (let column = 0; columns && column < panelColumns; column += 1) {
      label(column * (width + GAP), top + 12, heading(columns, column, panelColumns));
    }
    top += columns ? LINE : 0;
    for (let row = 0; row < (rows ? count[rows] : 1); row += 1) {
      if (rows) label(0, top + 12, heading(rows, row, count[rows]));
      top += rows ? LINE : 0;
      for (let column = 0; column < panelColumns; column += 1) {
        const at = { direction: direction || 0 };
        if (columns) at[columns] = column;
        if (rows) at[rows] = row;
        const again = Object.keys(at).some((axis) => !own(axis) && at[axis] > 0) ? " again" : "";
        const left = column * (width + GAP);
        for (at[down] = 0; at[down] < count[down]; at[down] += 1) {
          for (at[across] = 0; at[across] < count[across]; at[across] += 1) {
            const value = masks.at(mask, names.map((name) => at[name]));
            add(kind(term, value) + again, SIGNS[kind(term, value)](left + at[across] * CELL, top + at[down] * CELL));
          }
        }
        const [wide, high] = [own(across) ? CELL : width, own(down) ? CELL : height];
        for (let y = 0; y < height; y += high) {
          for (let x = 0; x < width; x += wide) {
            add(`draw${again}`, `M${left + x} ${top + y}h${wide}v${high}h${-wide}z`);
          }
        }
      }
      top += height + GAP;
    }
    const total = panelColumns * (width + GAP) - GAP + 2;
    const described = `The mask at the site ${term.site}${direction === null ? "" : ", " + DIRECTIONS[direction]}: ` +
      `across are ${PLURAL[across]}, down are ${PLURAL[down]}. ${term.sharing}`;
    return make(
      "svg:svg",
      { role: "img", "aria-label": described, width: total, height: top, viewBox: `-1 -1 ${total} ${top}` },
      ...Object.entries(paths).map(([name, d]) => make("svg:path", { class: `explorer-${name}`, d })),
      ...labels,
    );
  };

  const legend = (term, rate, mask) => {
    const present = new Set(mask.values.map((value) => kind(term, value)));
    return make("ul", { class: "explorer-legend" }, ...Object.entries(meanings(term, rate))
      .filter(([name]) => present.has(name))
      .map(([name, text]) => make("li", {}, make(
        "svg:svg", { width: CELL, height: CELL, "aria-hidden": "true" },
        make("svg:path", { class: `explorer-${name}`, d: SIGNS[name](0, 0) }),
      ), ` ${text}`)));
  };

  /** The mask's numbers in nested brackets, a line for each row. */
  const numbers = (mask, axis = 0, start = 0) => {
    const [size, ...rest] = mask.shape.slice(axis);
    const stride = rest.reduce((total, each) => total * each, 1);
    const items = Array.from({ length: size }, (_, index) =>
      rest.length ? numbers(mask, axis + 1, start + index * stride) : number(mask.values[start + index]));
    return `[${items.join(rest.length ? ",\n" + " ".repeat(axis + 1) : ", ")}]`;
  };

  // ---- the texts ----
  const share = (term, rate) => {
    const own = number(rate * term.factor);
    return term.factor === 1 ? `Rate p = ${own}.` : `Rate ${number(term.factor)} × p = ${own}.`;
  };

  const scaling = (term, rate) => {
    const mean = number(1 - rate);
    if (term.operation === "keep") {
      return `Nothing is set to zero. In inference the new value counts ${mean} and the last one ${number(rate)}.`;
    }
    if (term.scaling === "inverted") return "Inverted scaling: what is kept is divided by 1 − p in training; " +
      "inference uses no mask.";
    const where = term.scaling === "expectation" ? "what is masked" : "the hidden output";
    return `Unscaled in training; in inference ${where} is multiplied by ${mean}.`;
  };

  const exception = (term) => ({
    gates: "One number decides on i and f together, so that they are never both closed.",
    embedding: "The first word type is the padding, which is never dropped. " +
      "A word that is off is off wherever it occurs in the sample.",
  }[term.site] || "");

  const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

  const section = (term, index, state) => {
    const site = table.sites[term.site];
    const { placement, sizes, rate, seed } = state;
    const mask = masks.draw(term, site, sizes, rate, `${seed}/${index}/${term.text}`);
    const names = site.axes.map((axis) => axis.name);
    const { down, across } = arrange(names);
    const draws = masks.draws(term, site, sizes);
    const total = masks.entries(site, sizes);
    const which = placement.terms.length > 1 ? `Mask ${index + 1} of ${placement.terms.length} at` : "The mask at";
    const directions = names.includes("direction") ? [0, 1] : [null];
    const repeats = names.some((axis) => ![down, across, ...term.axes].includes(axis)
      && masks.length(site.axes[names.indexOf(axis)], sizes) > 1);
    const described = `The picture of the mask at the site ${term.site}`;
    return make(
      "section", { class: "explorer-term", "data-key": term.key },
      make("h3", {}, `${which} the site ${term.site}`),
      make("p", {}, `It masks ${site.meaning}${term.optional ? ", where there is one" : ""}. ` +
        `${share(term, rate)} ${scaling(term, rate * term.factor)} ${exception(term)}`),
      make("p", {}, "Shape ", make("strong", {}, `(${masks.symbols(term, site).join(", ")})`),
        ` = (${mask.shape.join(", ")}), along ${names.join(", ")}. ${term.sharing} ` +
        `${plural(draws, "draw")} for ${total} ${total === 1 ? "entry" : "entries"}.`),
      make("div", { class: "explorer-picture", tabindex: "0", role: "region", "aria-label": described },
        ...directions.map((direction) => drawing(term, site, sizes, mask, direction))),
      make("p", { class: "explorer-note" }, `Across: ${PLURAL[across]}; down: ${PLURAL[down]}. ` +
        `Each outline holds one draw${repeats ? "; a pale panel repeats the draws of a full one" : ""}.`),
      legend(term, rate * term.factor, mask),
      make("details", {}, make("summary", {}, "The mask as numbers"),
        make("pre", { tabindex: "0", role: "region", "aria-label": `${described}, as numbers` }, numbers(mask))),
    );
  };

  /** What is said of masks that meet at one site. */
  const together = ({ placement, sizes }) =>
    Object.entries(masks.shapes(placement, table.sites, sizes))
      .filter(([key]) => placement.terms.filter((term) => term.key === key).length > 1)
      .map(([key, shape]) => make("p", {}, `The masks at ${key} are multiplied: the product has the shape ` +
        `(${shape.join(", ")}), and only what each of them keeps gets through.`));

  const about = ({ placement }) => [
    make("h3", {}, "In Keras"),
    placement.keras
      ? make("pre", { tabindex: "0", role: "region", "aria-label": `Keras code of ${placement.name}` },
        make("code", {}, placement.keras))
      : make("p", {}, `No Keras code: ${placement.why_not_keras}`),
    make("p", {},
      placement.needs.length ? `Needs: ${placement.needs.join(", ")}. ` : "",
      `Source: ${placement.source}. `,
      ...(placement.chapter ? ["Chapter: ", make("a", { href: placement.chapter }, placement.name), "."] : [])),
  ];

  // ---- the form ----
  /** Read a whole number; what is not allowed is brought to the nearest allowed one, and said. */
  const whole = (name, messages) => {
    const field = form.elements[name];
    const [least, most] = [Number(field.min), Number(field.max)];
    const given = field.valueAsNumber;
    const used = Number.isNaN(given) ? table.start[name] : Math.min(most, Math.max(least, Math.round(given)));
    field.removeAttribute("aria-invalid");
    if (used !== given && !field.disabled) {
      field.setAttribute("aria-invalid", "true");
      messages.push(`${field.labels[0].textContent}: give a whole number from ${least} to ${most}; ${used} is used.`);
    }
    return used;
  };

  // The rate that the reader chose; a placement that does not allow it lowers it for as long as it is shown.
  let wanted = table.start.rate;
  const readRate = (placement, messages) => {
    const field = form.elements.rate;
    const most = Math.min(0.95, placement.fixed_rate === null ? placement.maximum_rate : placement.fixed_rate);
    const rate = Math.min(wanted, most);
    field.max = most;
    field.value = rate;
    field.disabled = placement.fixed_rate !== null;
    if (placement.maximum_rate < 1) {
      messages.push(`The largest rate of ${placement.name} is ${number(placement.maximum_rate)}.`);
    }
    if (wanted > most && !field.disabled) {
      messages.push(`The rate was lowered from ${number(wanted)} to ${number(most)}.`);
    }
    form.querySelector(".explorer-value").textContent = `= ${number(rate)}`;
    return rate;
  };

  const read = (messages) => {
    const placement = place(form.elements.placement.value);
    const used = new Set(placement.terms.flatMap((term) => table.sites[term.site].axes)
      .flatMap((axis) => Object.keys(axis.size)));
    const sizes = {};
    for (const name of SIZES) {
      form.elements[name].disabled = !used.has(name);
      sizes[name] = whole(name, messages);
    }
    return { placement, sizes, rate: readRate(placement, messages), seed: whole("seed", messages) };
  };

  const summary = ({ placement, rate, seed, sizes }) => {
    if (!placement.terms.length) return `${placement.name}: no mask.`;
    const counts = placement.terms.map((term) =>
      `${plural(masks.draws(term, table.sites[term.site], sizes), "draw")} at ${term.site}`);
    return `${placement.name}, rate ${number(rate)}, seed ${seed}: ${counts.join("; ")}.`;
  };

  let saying = 0;
  const render = () => {
    const messages = [];
    const state = read(messages);
    document.getElementById("explorer-result").replaceChildren(
      make("p", {}, state.placement.sentence),
      ...state.placement.terms.map((term, index) => section(term, index, state)),
      ...together(state),
      ...about(state),
    );
    // A slider on its way announces nothing: what is read aloud is where it comes to rest.
    clearTimeout(saying);
    saying = setTimeout(() => {
      document.getElementById("explorer-status").textContent = [...messages, summary(state)].join(" ");
    }, 200);
  };

  form.elements.placement.append(...table.placements.map(({ name }) => make("option", { value: name }, name)));
  for (const [name, value] of Object.entries(table.start)) form.elements[name].value = value;
  form.addEventListener("input", (event) => {
    if (event.target.name === "rate") wanted = Number(event.target.value);
    render();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const seed = form.elements.seed;
    seed.value = seed.valueAsNumber < Number(seed.max) ? seed.valueAsNumber + 1 : seed.min;
    render();
  });
  document.getElementById("mask-explorer-static").remove();
  root.hidden = false;
  render();
})();
