/* The live network: reads the forms, draws masks, runs the network in this page, and shows what comes of it.
 *
 * explorer-masks.js draws masks, live-network.js computes, live-pictures.js draws, live-data.js holds what was trained.
 * Nothing is computed elsewhere.
 */
"use strict";

(() => {
  const { liveData: published, maskExplorer: masks, liveNetwork: network, livePictures: pictures } = window;
  const { make } = window.pageElements;
  const by = (id) => document.getElementById(`live-${id}`);
  const root = document.getElementById("live-network");
  const [form, view] = root.querySelectorAll("form");
  const fields = form.elements;
  const DRAWS = 50, EACH = 5, OWN = "own", PACE = 450; // milliseconds a step, when it plays
  const GATES = ["i", "f", "g", "o"];
  const number = (value) => value.toFixed(2);
  const options = (select, pairs, chosen) => {
    select.replaceChildren(...pairs.map(([value, text]) => make("option", { value }, text)));
    if (chosen !== undefined && pairs.some(([value]) => String(value) === String(chosen))) select.value = chosen;
  };

  // ---- what is chosen ----
  const data = () => published.data[Number(fields.dataset.value)];
  const input = () => data().inputs[Number(fields.input.value)];
  const unpacked = new Map();
  const chosenNetwork = () => {
    const found = data().networks[Number(fields.trained.value)];
    if (!unpacked.has(found)) unpacked.set(found, network.unpacked(published.units, found.weights));
    return unpacked.get(found);
  };
  const ofTokens = () => data().tokens.length > 0;
  const sizesOf = ({ steps }) => ({
    batch: 1, steps: steps.length, units: published.units, vocabulary: data().tokens.length,
    features: ofTokens() ? chosenNetwork().embedding.width : steps[0].length,
  });
  const sizes = () => sizesOf(input());
  const fits = (needs) => !needs || (needs === "embedding" && ofTokens());

  /** The terms of the mask that is chosen: a placement's, or the one of the reader's own. */
  const terms = () => {
    if (fields.placement.value !== OWN) {
      const placement = published.placements.find(({ name }) => name === fields.placement.value);
      return placement.terms.filter((term) => fits(published.sites[term.site].needs));
    }
    const site = fields.site.value, keeps = fields.operation.value === "keep";
    // One input has one sample, so a draw for every sample is the same as one for all.
    const own = [...by("axes").querySelectorAll("input:checked")].map((box) => box.value);
    const axes = published.sites[site].axes.map(({ name }) => name).filter((name) => name === "sample" || own.includes(name));
    const scaling = keeps ? "expectation" : published.sites[site].scaling;
    return axes.length ? [{ site, axes, scaling, factor: 1, operation: fields.operation.value,
      key: keeps ? `${site}:keep` : site, text: `${site}:${axes.join(",")}${keeps ? ":keep" : ""}` }] : [];
  };
  const mostRate = (wanted) => Math.min(0.95, ...wanted.map((term) => (term.site === "gates" ? 0.5 : 1) / term.factor));
  const seed = () => Math.min(999999, Math.max(1, Math.round(fields.seed.valueAsNumber) || 1));
  let wantedRate = Number(fields.rate.value); // a mask that does not allow it lowers it for as long as it is shown

  /** Two masks of one site, multiplied; an axis that one of them shares is that of the other. */
  const product = (left, right, site) => {
    const shape = left.shape.map((size, axis) => Math.max(size, right.shape[axis]));
    const values = [];
    const walk = (index) => {
      if (index.length === shape.length) values.push(masks.at(left, index) * masks.at(right, index));
      else for (let place = 0; place < shape[index.length]; place += 1) walk([...index, place]);
    };
    walk([]);
    return { shape, values, site };
  };

  /** All masks of one pass by their key, as the network takes them. */
  const drawn = (wanted, dimensions, rate, stream) => {
    const found = {};
    wanted.forEach((term, place) => {
      const mask = masks.draw(term, published.sites[term.site], dimensions, rate, `${stream}/${place}/${term.text}`);
      const own = { ...mask, site: term.site };
      found[term.key] = found[term.key] ? product(found[term.key], own, term.site) : own;
    });
    return found;
  };

  // ---- what comes of it ----
  let state = null;
  /** The mean probability of the right class over all inputs, under some draws each, and without a mask. */
  const overInputs = (wanted, rate) => {
    const net = chosenNetwork(), all = data().inputs, right = (each, draw) =>
      network.answer(net, each.steps, draw).probabilities[each.label];
    const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const masked = all.flatMap((each, place) => Array.from({ length: wanted.length ? EACH : 0 }, (_, draw) =>
      right(each, drawn(wanted, sizesOf(each), rate, `${seed()}/all/${place}/${draw}`))));
    return { masked: masked.length ? mean(masked) : null, plain: mean(all.map((each) => right(each, {}))) };
  };

  const compute = () => {
    const wanted = terms(), dimensions = sizes(), rate = Number(fields.rate.value);
    const net = chosenNetwork(), { steps, label } = input();
    const of = (draw, count) => network.answer(net, steps.slice(0, count), draw);
    const streams = Array.from({ length: DRAWS }, (_, place) => `${seed()}/${place}`);
    const draws = streams.map((stream) => drawn(wanted, dimensions, rate, stream));
    const answers = draws.map((draw) => of(draw, steps.length).probabilities);
    const counts = steps.map((_, place) => place + 1);
    state = {
      wanted, label, steps, name: data().classes[label], masks: draws[0],
      answers, all: overInputs(wanted, rate), masked: counts.map((count) => of(draws[0], count)), plain: counts.map((count) => of({}, count)),
    };
    return state;
  };

  const best = (probabilities) => probabilities.indexOf(Math.max(...probabilities));
  const quantile = (sorted, share) => {
    const place = share * (sorted.length - 1), low = Math.floor(place);
    return sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
  };
  const says = (probabilities) => `${data().classes[best(probabilities)]}, probability ${number(Math.max(...probabilities))}`;

  const showAnswer = () => {
    const masked = state.masked.at(-1).probabilities, plain = state.plain.at(-1).probabilities;
    by("bars").replaceChildren(pictures.bars(data().classes, masked, plain, state.label));
    const draws = state.answers.map((each) => each[state.label]);
    by("draws").replaceChildren(pictures.histogram(draws, plain[state.label], state.name));
    const sorted = [...draws].sort((left, right) => left - right);
    const mean = draws.reduce((sum, each) => sum + each, 0) / draws.length;
    const right = state.answers.filter((each) => best(each) === state.label).length;
    by("spread").textContent = `Mean ${number(mean)}; the middle 95 % of the draws lie from ` +
      `${number(quantile(sorted, 0.025))} to ${number(quantile(sorted, 0.975))}; ${right} of ${DRAWS} answer ` +
      `${state.name}, the right class. Upright line: without a mask.`;
    const all = `All ${data().inputs.length} inputs: the right class has`;
    if (!state.wanted.length) return `No mask: ${says(plain)}. Right: ${state.name}. ${all} ${number(state.all.plain)} on average.`;
    return `Under this mask: ${says(masked)}. Without: ${says(plain)}. Right: ${state.name}. ${all} ` +
      `${number(state.all.masked)} on average, ${EACH} draws each; without a mask ${number(state.all.plain)}.`;
  };

  // ---- one step of it ----
  /** A mask as a grid: rows from top to bottom; 'off' where it is 0. */
  const maskGrid = (key, mask) => {
    const { axes } = published.sites[mask.site], dimensions = sizes();
    const length = (name) => masks.length(axes.find((axis) => axis.name === name), dimensions);
    const direction = Number(view.elements.direction.value), gate = Number(view.elements.gate.value);
    const place = mask.site === "gates" ? [0, 1, -1, 2][gate] : gate;
    const value = (index) => {
      const got = masks.at(mask, axes.map(({ name }) => ({ direction, sample: 0, gate: place, ...index }[name])));
      return got === 0 ? "off" : 0.6;
    };
    const list = (count, give) => Array.from({ length: count }, (_, each) => give(each));
    const cross = key.endsWith(":keep") ? "a cross keeps the last value" : "a cross is dropped";
    const named = `${mask.site}, ${cross}`;
    if (place < 0) return ["gates: the candidate g is none, and has no mask here", null, -1];
    if (mask.site === "embedding") {
      return [`${named}; a column is a step's word`, [state.steps.map((type) => value({ type }))], step()];
    }
    if (mask.site === "output") return [`${named}; a column is a unit of both directions`,
      [list(length("feature"), (feature) => value({ feature }))], -1];
    if (mask.site === "weights") return [`${named}; a row is a unit read, a column the unit that reads`,
      list(length("row"), (row) => list(length("feature"), (feature) => value({ row, feature }))), -1];
    return [`${named}; a column is a step, a row a feature or unit`,
      list(length("feature"), (feature) => list(state.steps.length, (at) => value({ step: at, feature }))), step()];
  };

  const step = () => Number(view.elements.step.value) - 1;
  const asTable = (record) => {
    const head = ["unit", ...GATES, "c", "h"].map((name) => make("th", { scope: "col" }, name));
    const rows = record.hidden.map((hidden, unit) => make("tr", {}, make("th", { scope: "row" }, String(unit + 1)),
      ...[...record.gates.map((gate) => gate[unit]), record.cell[unit], hidden]
        .map((value) => make("td", {}, value.toFixed(3)))));
    return make("table", { class: "table" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows));
  };

  const showStep = () => {
    const now = step(), direction = Number(view.elements.direction.value);
    const records = state.masked[now].records[direction];
    const token = ofTokens() ? `: ${data().tokens[state.steps[now]]}` : "";
    const read = `${now + 1} of ${state.steps.length}${token}`;
    view.querySelector(".explorer-value").textContent = read;
    view.elements.step.setAttribute("aria-valuetext", read);
    const chance = (each) => each.probabilities[state.label];
    by("line").replaceChildren(
      pictures.lines(state.masked.map(chance), state.plain.map(chance), now, state.name));
    const ofGates = Object.values(state.masks).some(({ site, shape }) =>
      published.sites[site].axes.some(({ name }, axis) => name === "gate" && shape[axis] > 1));
    view.elements.gate.parentElement.hidden = !ofGates;
    const drawnMasks = Object.entries(state.masks).map(([key, mask]) => {
      const [title, values, framed] = maskGrid(key, mask);
      return make("figure", {}, make("figcaption", {}, title),
        ...(values ? [pictures.grid(values, 1, framed, `Mask at ${title}.`)] : []));
    });
    by("masks").replaceChildren(...(drawnMasks.length ? drawnMasks : [make("p", {}, "No mask: nothing is dropped.")]));
    const panels = [
      ...GATES.map((name, gate) => [`${name}, ${["input gate", "forget gate", "candidate", "output gate"][gate]}`,
        (record) => record.gates[gate], 1]),
      ["c, memory cell", (record) => record.cell, 2], ["h, hidden output", (record) => record.hidden, 1],
    ];
    const off = Object.keys(state.masks).length > 0;
    by("inside").replaceChildren(...panels.map(([title, pick, most]) => {
      const values = records[0] && pick(records[0]).map((_, unit) => state.steps.map((_each, at) => {
        if (at > now) return null;
        const value = pick(records[at])[unit];
        return off && value === 0 ? "off" : value;
      }));
      const range = `${title.includes("gate") ? "0" : `−${most}`} to ${most}`;
      return make("figure", {}, make("figcaption", {}, `${title}, ${range}`),
        pictures.grid(values, most, now, `${title} of each unit by step, ${now + 1} read.`));
    }));
    by("numbers").replaceChildren(asTable(records[now]));
  };

  // ---- the forms ----
  const fill = (changed) => {
    if (changed === "dataset") {
      const name = ({ placement, rate }) => (rate ? `${placement}, rate ${rate}` : "no dropout");
      options(fields.trained, data().networks.map((each, place) => [place, name(each)]));
      options(fields.input, data().inputs.map((each, place) => [place, `${each.name}: ${data().classes[each.label]}`]));
      const there = published.placements.filter(({ needs }) => needs.every(fits)).map(({ name: each }) => [each, each]);
      options(fields.placement, [...there, [OWN, "a mask of your own"]], fields.placement.value || published.start);
      const sites = Object.entries(published.sites).filter(([, { needs }]) => fits(needs));
      options(fields.site, sites.map(([each, { meaning }]) => [each, `${each}: ${meaning}`]), fields.site.value || "recurrent");
      changed = "site";
    }
    if (changed === "site") {
      const site = fields.site.value;
      const axes = published.sites[site].axes.filter(({ name }) => name !== "sample");
      by("axes").replaceChildren("A draw of its own for every", ...axes.map(({ name }) => {
        const box = make("input", { type: "checkbox", name: "axis", value: name });
        box.checked = name !== "step";
        box.disabled = site === "gates" && name === "gate";
        return make("label", {}, box, ` ${name}`);
      }));
      fields.operation.disabled = !["cell", "hidden"].includes(site);
      if (fields.operation.disabled) fields.operation.value = "multiply";
    }
    by("own").hidden = fields.placement.value !== OWN;
  };

  let saying = 0;
  const render = (changed) => {
    fill(changed);
    const wanted = terms(), most = mostRate(wanted);
    fields.rate.max = most;
    fields.rate.value = Math.min(wantedRate, most);
    fields.rate.disabled = fields.seed.disabled = !wanted.length;
    form.querySelector(".explorer-value").textContent = `= ${Number(fields.rate.value)}`;
    compute();
    const last = view.elements.step.value === view.elements.step.max;
    view.elements.step.max = state.steps.length;
    if (last || ["dataset", "input"].includes(changed)) view.elements.step.value = state.steps.length;
    const message = showAnswer();
    showStep();
    // A slider on its way announces nothing: what is read aloud is where it comes to rest.
    clearTimeout(saying);
    const used = seed() === fields.seed.valueAsNumber;
    fields.seed.toggleAttribute("aria-invalid", !used);
    const hints = [
      wanted.length || fields.placement.value !== OWN ? "" : "Choose an axis: without one there is no mask.",
      wanted.length && wantedRate > most ? `The largest rate here is ${most}.` : "",
      used ? "" : `Seed: give a whole number from 1 to 999999; ${seed()} is used.`,
    ].filter(Boolean);
    saying = setTimeout(() => { by("status").textContent = [...hints, message].join(" "); }, 200);
  };

  let playing = 0;
  const stop = () => {
    clearInterval(playing);
    playing = 0;
    by("play").textContent = "Play";
  };
  by("play").addEventListener("click", () => {
    if (playing) return stop();
    if (step() + 1 === state.steps.length) view.elements.step.value = 1;
    showStep();
    by("play").textContent = "Pause";
    playing = setInterval(() => {
      view.elements.step.value = step() + 2;
      showStep();
      if (step() + 1 === state.steps.length) stop();
    }, PACE);
    return undefined;
  });

  form.addEventListener("input", (event) => {
    if (event.target.name === "rate") wantedRate = Number(event.target.value);
    stop();
    render(event.target.name);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    fields.seed.value = (seed() % 999999) + 1;
    render("seed");
  });
  view.addEventListener("input", () => { stop(); showStep(); });
  view.addEventListener("submit", (event) => event.preventDefault());

  window.live = { drawn, state: () => state };
  options(fields.dataset, published.data.map((each, place) => [place, each.title]));
  for (const each of document.querySelectorAll(".live-static")) each.remove();
  root.hidden = false;
  render("dataset");
})();
