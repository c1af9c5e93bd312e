/* Masks as the explorer draws them: shapes and seeded draws, from the table that the
 * page holds (book/explorer.py). Nothing here knows a placement by name, or touches the page.
 *
 * sizes: {batch, steps, features, units, vocabulary}. A site is {meaning, axes: [{name, size}]}, where size holds
 * how often each of the sizes counts ({units: 2} is 2U) and `one` stands for 1. A mask is {shape, values}, flat, the
 * last axis fastest, with size 1 along each axis that shares its draws.
 */
"use strict";

const masks = (() => {
  const SYMBOLS = { one: "", batch: "B", steps: "T", features: "F", units: "U", vocabulary: "V" };

  const product = (numbers) => numbers.reduce((total, each) => total * each, 1);

  /** How many indices an axis has. */
  const length = (axis, sizes) =>
    Object.entries(axis.size).reduce((sum, [name, times]) => sum + times * (name === "one" ? 1 : sizes[name]), 0);

  /** The length of an axis in letters: B, 2U, 4. */
  const symbol = (axis) =>
    Object.entries(axis.size)
      .map(([name, times]) => (times === 1 && name !== "one" ? "" : times) + SYMBOLS[name])
      .join(" + ");

  /** The mask's shape: an axis without draws of its own has size 1. */
  const shape = (term, site, sizes) =>
    site.axes.map((axis) => (term.axes.includes(axis.name) ? length(axis, sizes) : 1));

  /** The same in letters. */
  const symbols = (term, site) => site.axes.map((axis) => (term.axes.includes(axis.name) ? symbol(axis) : "1"));

  /** The shape of every mask of a placement by its key: terms with the same key are multiplied. */
  const shapes = (placement, sites, sizes) => {
    const found = {};
    for (const term of placement.terms) {
      const own = shape(term, sites[term.site], sizes);
      found[term.key] = own.map((size, axis) => Math.max(size, found[term.key] ? found[term.key][axis] : 1));
    }
    return found;
  };

  /** Uniform numbers in [0, 1) from a text: FNV-1a makes the state, mulberry32 the numbers. */
  const uniforms = (text, count) => {
    let state = 0x811c9dc5;
    for (const letter of text) state = Math.imul(state ^ letter.codePointAt(0), 0x01000193);
    return Array.from({ length: count }, () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    });
  };

  /** Which entries the gates keep: one number closes i from its lower end and f from its upper, never both. */
  const keptGates = (dimensions, gate, rate, stream) => {
    const inner = product(dimensions.slice(gate + 1));
    const total = product(dimensions);
    const decides = uniforms(stream, total / 3);
    const output = uniforms(`${stream}/o`, total / 3);
    return Array.from({ length: total }, (_, flat) => {
      const draw = Math.floor(flat / (3 * inner)) * inner + (flat % inner);
      return [decides[draw] >= rate, decides[draw] < 1 - rate, output[draw] >= rate][Math.floor(flat / inner) % 3];
    });
  };

  /** Draw one term's mask: 0 drops (or keeps the last value) with probability factor × rate. */
  const draw = (term, site, sizes, placementRate, stream) => {
    const dimensions = shape(term, site, sizes);
    const rate = term.factor * placementRate;
    const names = site.axes.map((axis) => axis.name);
    const kept =
      term.site === "gates"
        ? keptGates(dimensions, names.indexOf("gate"), rate, stream)
        : uniforms(stream, product(dimensions)).map((number) => number >= rate);
    const scaled = term.scaling === "inverted" ? 1 / (1 - rate) : 1;
    const values = kept.map((each) => (each ? scaled : 0));
    if (term.site === "embedding") {
      // Word 0 is padding, which is never dropped.
      const words = dimensions[names.indexOf("type")];
      values.forEach((_, flat) => flat % words === 0 && (values[flat] = 1));
    }
    return { shape: dimensions, values };
  };

  /** The mask's value at an index of the whole tensor, one number an axis. */
  const at = (mask, index) =>
    mask.values[mask.shape.reduce((flat, size, axis) => flat * size + (size === 1 ? 0 : index[axis]), 0)];

  /** How many numbers are drawn: the gates i and f come from one, and padding from none. */
  const draws = (term, site, sizes) => {
    const total = product(shape(term, site, sizes));
    if (term.site === "gates") return (total * 2) / 3;
    return term.site === "embedding" ? (total * (sizes.vocabulary - 1)) / sizes.vocabulary : total;
  };

  /** How many entries the mask decides on, over every axis of its site. */
  const entries = (site, sizes) => product(site.axes.map((axis) => length(axis, sizes)));

  return { SYMBOLS, length, symbols, shape, shapes, draw, at, draws, entries };
})();
window.maskExplorer = masks;
