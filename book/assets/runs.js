/* The run explorer: unpacks the published runs, filters them by the form, and shows paired differences to none.
 *
 * Progressive: the page holds a table, which goes once this runs. Nothing is fetched: the data came as a script, so
 * that the page works from the file system. Texts enter as text, never as HTML.
 */
"use strict";

(() => {
  const data = window.publishedRuns;
  const root = document.getElementById("run-explorer");
  const form = root.querySelector("form");
  const by = (id) => document.getElementById(id);
  const [PART, DATASET] = [0, 1]; // their places in a cell
  const FIELDS = ["dataset", "part", "rate", "setting", "measure", "at"];
  const MANY_RATES = 12; // more are not a choice: tuned ones differ from placement to placement
  const ANY = "any";
  const COLUMN = {
    loss: { best: "nll_best", last: "nll_last" }, accuracy: { best: "accuracy_best", last: "accuracy_last" },
  };
  const UNIT = { loss: "nats", accuracy: "points" };
  const DIGITS = { loss: 3, accuracy: 1 };

  // ---- the data ----
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const words = (text) => {
    const raw = bytes(text), view = new DataView(raw.buffer);
    return Array.from({ length: raw.length / 2 }, (_, place) => view.getUint16(2 * place, true));
  };
  const columns = Object.fromEntries(Object.entries(data.columns).map(([name, text]) => [name, words(text)]));
  const keys = bytes(data.keys);
  const count = columns.cell.length;
  const every = Array.from({ length: count }, (_, run) => run);
  const cell = (run) => data.cells[columns.cell[run]];
  const unit = (run) => data.units[columns.unit[run]];
  const placement = (run) => data.placements[columns.placement[run]][0];
  const rate = (run) => data.rates[columns.rate[run]];
  const base = (run) => columns.none[run] - 1;
  const key = (run) => {
    const size = data.digits / 2;
    return Array.from(keys.slice(run * size, (run + 1) * size), (byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  /** What was measured: nats, or a share in per cent; null where nothing was. */
  const value = (run, measure, at) => {
    const found = columns[COLUMN[measure][at]][run];
    return found === data.nothing ? null : (found / data.scale) * (measure === "accuracy" ? 100 : 1);
  };

  /** The setting of a run in words: what else not all runs of its part share. */
  const setting = (run) => {
    const [, , words, rows, layers, learningRate, epochs] = cell(run);
    const more = [rows === null ? "" : `${rows} rows`, layers === 1 ? "" : `${layers} layers`];
    return [words, ...more, `learning rate ${Number(learningRate.toPrecision(2))}`, `${epochs} epochs`]
      .filter((each, place, all) => each && !all.slice(0, place).some((said) => said.includes(each))).join(", ");
  };

  // ---- numbers ----
  const mean = (values) => values.reduce((sum, each) => sum + each, 0) / values.length;
  /** Mean and 95 % t interval of paired differences; no ends for fewer than two. */
  const interval = (values) => {
    const centre = mean(values), n = values.length;
    if (n < 2) return { mean: centre, low: null, high: null, n };
    const spread = Math.sqrt(values.reduce((sum, each) => sum + (each - centre) ** 2, 0) / (n - 1));
    const quantile = data.quantiles[Math.min(n - 1, data.quantiles.length) - 1];
    const half = (quantile * spread) / Math.sqrt(n);
    return { mean: centre, low: centre - half, high: centre + half, n };
  };

  const matches = (run, { dataset, part, rate: wanted, setting: words }) =>
    cell(run)[DATASET] === dataset && cell(run)[PART] === part && base(run) >= 0
    && (wanted === ANY || String(rate(run)) === wanted) && (words === ANY || setting(run) === words);

  /** A row a placement of a selection: its pairs (run, base, difference), their mean and interval. */
  const selected = (state) => {
    const chosen = new Set(state.placements);
    const groups = new Map();
    for (const run of every) {
      if (!matches(run, state) || !chosen.has(placement(run))) continue;
      const [mine, bare] = [run, base(run)].map((each) => value(each, state.measure, state.at));
      if (mine === null || bare === null) continue;
      if (!groups.has(placement(run))) groups.set(placement(run), []);
      groups.get(placement(run)).push({ run, base: base(run), value: mine, none: bare, less: mine - bare });
    }
    return [...groups].map(([name, pairs]) => ({
      name, pairs, ...interval(pairs.map((pair) => pair.less)), value: mean(pairs.map((pair) => pair.value)),
      none: mean(pairs.map((pair) => pair.none)),
    })).sort((a, b) => a.mean - b.mean);
  };

  // ---- elements ----
  const { make } = window.pageElements;
  const signed = (number, digits) => {
    if (number === null) return "–";
    const text = Math.abs(number).toFixed(digits);
    return (Number(text) === 0 ? "" : number < 0 ? "−" : "+") + text;
  };
  const family = (name) => data.placements.find(([each]) => each === name)[1].replaceAll(" ", "-");

  /** Round numbers between two ends, about five of them. */
  const ticks = (low, high) => {
    const rough = (high - low) / 5, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
    const found = [];
    for (let number = Math.ceil(low / step) * step; number <= high + step / 1e6; number += step) found.push(number);
    return { found, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
  };

  const FOOT = 44;
  const WIDEST = 720, NARROW = 560; // pixels; below NARROW a name stands above its marks, which need the whole width,
  const LONGEST = 24; // and so it does on any screen where one has more letters than fit beside them
  const wide = { line: 26, left: 190, right: 10, above: 0 };
  const narrow = { line: 40, left: 28, right: 28, above: 16 }; // as much as half a number of the axis at either side
  const plot = (rows, state, room) => {
    // Drawn for the room there is: a picture that shrinks would have text that nobody reads.
    const WIDTH = Math.min(WIDEST, room);
    const long = rows.some((row) => row.name.length > LONGEST);
    const { line: LINE, left: LEFT, right: RIGHT, above } = WIDTH < NARROW || long ? narrow : wide;
    const ends = rows.flatMap((row) => [row.low, row.high, ...row.pairs.map((pair) => pair.less), 0])
      .filter((each) => each !== null);
    let [low, high] = [Math.min(...ends), Math.max(...ends)];
    if (low === high) [low, high] = [low - 1, high + 1];
    const margin = 0.03 * (high - low);
    const x = (number) => LEFT + ((number - low + margin) / (high - low + 2 * margin)) * (WIDTH - LEFT - RIGHT);
    const height = rows.length * LINE + FOOT;
    const axis = ticks(low, high);
    const foot = rows.length * LINE, middle = (LEFT + WIDTH - RIGHT) / 2;
    const title = `Differences to none by placement, ${UNIT[state.measure]}: the table below has the numbers`;
    const size = { viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH };
    const picture = make("svg:svg", { ...size, role: "img", "aria-label": title });
    for (const number of axis.found) {
      picture.append(make("svg:line", { x1: x(number), x2: x(number), y1: 0, y2: foot, class: "runs-grid" }),
        make("svg:text", { x: x(number), y: foot + 16, "text-anchor": "middle", class: "explorer-label" },
          signed(number, axis.digits)));
    }
    picture.append(make("svg:line", { x1: x(0), x2: x(0), y1: 0, y2: foot, class: "runs-zero" }),
      make("svg:text", { x: middle, y: foot + 36, "text-anchor": "middle", class: "explorer-label" },
        `${state.measure === "loss" ? "test loss" : "accuracy"} less none's (${UNIT[state.measure]})`));
    rows.forEach((row, place) => {
      const top = place * LINE, y = top + above + (LINE - above) / 2;
      const at = above ? { x: 0, y: top + above - 2 } : { x: LEFT - 10, y: y + 4, "text-anchor": "end" };
      const group = make("svg:g", { class: `runs-${family(row.name)}` },
        make("svg:text", { ...at, class: "explorer-label" }, row.name));
      for (const pair of row.pairs) {
        const dot = make("svg:circle", { cx: x(pair.less), cy: y, r: 3, class: "runs-dot" },
          make("svg:title", {}, `${says(pair.run)}: ${signed(pair.less, DIGITS[state.measure])}`));
        dot.addEventListener("click", () => { by("runs-run").value = pair.run; command(); });
        group.append(dot);
      }
      if (row.low !== null) {
        group.append(make("svg:line", { x1: x(row.low), x2: x(row.high), y1: y, y2: y, class: "runs-interval" }));
      }
      group.append(make("svg:circle", { cx: x(row.mean), cy: y, r: 5.5, class: "runs-mean" }));
      picture.append(group);
    });
    return picture;
  };

  const table = (rows, state) => {
    const digits = DIGITS[state.measure], unit_ = UNIT[state.measure];
    const level = state.measure === "loss" ? "loss (nats)" : "accuracy (%)";
    const heads = ["placement", "pairs", `less none (${unit_})`, "95 % t interval", level, `none's ${level}`];
    // A name may break where one of its parts ends, a short one on a narrow screen alone; an interval in its middle.
    const named = (name) => name.match(/\+?[^+:,]+[:,]?/g).flatMap((part, place) =>
      (place ? [make("wbr", { class: name.length > LONGEST ? "" : "runs-short" }), part] : [part]));
    const ends = (row) => (row.low === null ? ["–"]
      : [`${signed(row.low, digits)} `, make("span", { class: "runs-end" }, `to ${signed(row.high, digits)}`)]);
    const body = rows.map((row) => make("tr", {}, make("th", { scope: "row" }, ...named(row.name)),
      make("td", {}, String(row.n)), make("td", {}, signed(row.mean, digits)), make("td", {}, ...ends(row)),
      make("td", {}, row.value.toFixed(digits)), make("td", {}, row.none.toFixed(digits))));
    return make("table", { class: "table" }, make("caption", {}, "The same in numbers, the lowest first"),
      make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
      make("tbody", {}, ...body));
  };

  const says = (run) => {
    const [seed, fold, draw] = unit(run);
    return `${placement(run)}, rate ${rate(run)}, seed ${seed}, fold ${fold}${draw ? `, draw ${draw}` : ""}`;
  };
  const command = () => {
    const run = by("runs-run").value;
    by("runs-command").textContent = run === "" ? "" : `.venv/bin/bilstm-dropout run --published ${key(Number(run))}`;
  };

  const csv = (rows, state) => {
    const heads = ["key", "placement", "rate", "seed", "fold", "draw", "setting", state.measure, "none", "less none"];
    const quoted = (text) => (/[",\n]/.test(text) ? `"${String(text).replaceAll('"', '""')}"` : String(text));
    const lines = rows.flatMap((row) => row.pairs).map(({ run, value: mine, none, less }) =>
      [key(run), placement(run), rate(run), ...unit(run), setting(run), mine, none, Number(less.toFixed(4))]
        .map((each) => quoted(each ?? "")).join(","));
    return [heads.join(","), ...lines, ""].join("\n");
  };

  // ---- the form ----
  const different = (values) => [...new Set(values)];
  const offer = (field, options, wanted) => {
    field.replaceChildren(...options.map(([name, text]) => make("option", { value: name }, text)));
    field.value = options.some(([name]) => name === wanted) ? wanted : options[0][0];
    field.disabled = options.length === 1;
  };
  const withBase = every.filter((run) => base(run) >= 0);

  /** Fill the form's choices from what there is, the wanted ones where they are; give the state. */
  const settle = (wanted) => {
    const fields = form.elements;
    const datasets = different(withBase.map((run) => cell(run)[DATASET]));
    offer(fields.dataset, datasets.map((name) => [name, data.datasets[name]]), wanted.dataset);
    const here = withBase.filter((run) => cell(run)[DATASET] === fields.dataset.value);
    const parts = data.parts.filter((part) => here.some((run) => cell(run)[PART] === part));
    offer(fields.part, parts.map((part) => [part, part]), parts.includes(wanted.part) ? wanted.part : data.start);
    const mine = here.filter((run) => cell(run)[PART] === fields.part.value);
    const rates = different(mine.map(rate)).sort((a, b) => a - b);
    const choices = rates.length > MANY_RATES ? [] : rates.map((each) => [String(each), String(each)]);
    const usual = choices.some(([each]) => each === "0.25") ? "0.25" : ANY;
    offer(fields.rate, [...(choices.length === 1 ? [] : [[ANY, "any"]]), ...choices], wanted.rate ?? usual);
    const settings = different(mine.map(setting));
    offer(fields.setting, [...(settings.length === 1 ? [] : [[ANY, "any"]]), ...settings.map((each) => [each, each])],
      wanted.setting);
    fields.measure.value = wanted.measure === "accuracy" ? "accuracy" : "loss";
    const watched = mine.some((run) => value(run, "loss", "best") !== null);
    fields.at.value = watched && wanted.at !== "last" ? "best" : "last";
    fields.at.options[0].disabled = !watched;
    const state = Object.fromEntries(FIELDS.map((name) => [name, fields[name].value]));
    const there = data.placements.map(([name]) => name)
      .filter((name) => mine.some((run) => placement(run) === name && matches(run, state)));
    const chosen = wanted.placements ? there.filter((name) => wanted.placements.includes(name)) : there;
    by("runs-placements").replaceChildren(...there.map((name) => {
      const box = make("input", { type: "checkbox", name: "placement", value: name });
      box.checked = chosen.includes(name);
      return make("label", {}, box, ` ${name}`);
    }));
    return { ...state, placements: chosen, offered: there };
  };

  const link = (state) => {
    const found = new URLSearchParams(FIELDS.map((name) => [name, state[name]]));
    if (state.placements.length < state.offered.length) found.set("placements", state.placements.join(" "));
    return `#${found}`;
  };
  let epoch = "best"; // as the reader chose it; where nothing was watched, the last one is shown meanwhile
  const fromLink = () => {
    const found = new URLSearchParams(location.hash.slice(1));
    const wanted = Object.fromEntries(FIELDS.filter((name) => found.has(name)).map((name) => [name, found.get(name)]));
    epoch = wanted.at === "last" ? "last" : "best";
    if (found.has("placements")) wanted.placements = found.get("placements").split(" ").filter(Boolean);
    return wanted;
  };

  let state = null, drawnFor = 0; // the selection, and the pixels across that its picture was drawn for
  const render = (wanted) => {
    state = settle(wanted);
    const rows = selected(state);
    drawnFor = by("runs-plot").offsetWidth;
    const pairs = rows.reduce((sum, row) => sum + row.n, 0);
    const nothing = rows.length ? [] : [make("p", {}, "No pair of runs is selected: choose a placement.")];
    by("runs-plot").replaceChildren(...(rows.length ? [plot(rows, state, drawnFor)] : nothing));
    by("runs-table").replaceChildren(...(rows.length ? [table(rows, state)] : []));
    const where = data.datasets[state.dataset];
    by("runs-status").textContent = `${pairs} pairs of runs of ${rows.length} placements on ${where}.`;
    by("runs-run").replaceChildren(...rows.flatMap((row) => row.pairs)
      .map(({ run }) => make("option", { value: run }, says(run))));
    by("runs-csv").disabled = by("runs-run").disabled = !rows.length;
    command();
    by("runs-link").href = link(state);
    history.replaceState(null, "", link(state));
  };
  const asked = () => ({
    ...Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value])),
    at: epoch,
    placements: [...by("runs-placements").querySelectorAll("input:checked")].map((box) => box.value),
  });

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => {
    if (event.target.name === "at") epoch = event.target.value;
    const wanted = asked();
    if (event.target.name !== "placement") {
      // Another data set or part has other placements, rates and settings: all of them, and the usual rate.
      delete wanted.placements;
      if (["dataset", "part"].includes(event.target.name)) {
        delete wanted.rate;
        delete wanted.setting;
      }
    }
    const focused = event.target.name === "placement" ? event.target.value : null;
    render(wanted);
    if (focused !== null) by("runs-placements").querySelector(`input[value="${CSS.escape(focused)}"]`).focus();
  });
  by("runs-all").addEventListener("click", () => render({ ...asked(), placements: undefined }));
  by("runs-none").addEventListener("click", () => render({ ...asked(), placements: [] }));
  by("runs-run").addEventListener("change", command);
  by("runs-csv").addEventListener("click", () => {
    const address = URL.createObjectURL(new Blob([csv(selected(state), state)], { type: "text/csv" }));
    const save = make("a", { href: address, download: `runs-${state.dataset}.csv` });
    save.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  });
  addEventListener("hashchange", () => {
    if (location.hash !== link(state)) render(fromLink());
  });

  window.runExplorer = { selected, settle, csv, fromLink, runs: withBase, cell, setting, rate, placement };
  for (const each of document.querySelectorAll(".runs-static")) each.remove();
  root.hidden = false;
  render(fromLink());
  // Another width of the window, or a phone that is turned: the picture alone is drawn again.
  new ResizeObserver(() => {
    const room = by("runs-plot").offsetWidth, rows = selected(state);
    if (!room || room === drawnFor || !rows.length) return;
    drawnFor = room;
    by("runs-plot").replaceChildren(plot(rows, state, room));
  }).observe(by("runs-plot"));
})();
