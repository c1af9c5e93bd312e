// One bidirectional LSTM for one input, with masks at any site of a layer: what DropoutLSTM computes, step by step.
// Gates stand in Keras' order i, f, g, o. A mask is {shape, values}: the shape that DropoutLSTM's `masks` takes, with
// one sample (size 1 where one draw serves an axis), and its numbers row by row.
(function () {
  "use strict";
  const sigmoid = (value) => 1 / (1 + Math.exp(-value));

  // The number of a mask at an index; an axis of size 1 is shared, so that every index meets the same draw.
  function at(mask, index) {
    if (!mask) return 1;
    let place = 0;
    mask.shape.forEach((size, axis) => { place = place * size + (size === 1 ? 0 : index[axis]); });
    return mask.values[place];
  }

  // One direction: `side` has kernel (F × 4U), recurrent (U × 4U) and bias (4U), row by row. The second direction (1)
  // reads from the last step to the first, and meets a mask's steps in that order too. Returns a record a step, in the
  // order of time: gates [i, f, g, o] under their masks, cell and hidden.
  function direction(side, number, units, x, masks) {
    const width = 4 * units, steps = x.length, features = x[0].length, records = new Array(steps);
    // The mask of the weights serves every step, those of what gates read every unit: multiplied once.
    const recurrent = !masks.weights ? side.recurrent : side.recurrent.map((weight, place) => {
      const column = place % width;
      return weight * at(masks.weights, [number, Math.floor(place / width), Math.floor(column / units), column % units]);
    });
    const under = (mask, values, t, gate) =>
      !mask ? values : values.map((value, feature) => value * at(mask, [number, 0, t, gate, feature]));
    let hidden = new Array(units).fill(0), cell = new Array(units).fill(0);
    for (let turn = 0; turn < steps; turn += 1) {
      const t = number === 0 ? turn : steps - 1 - turn;
      const values = [0, 1, 2, 3].map((gate) => {
        const read = under(masks.input, x[t], t, gate), past = under(masks.recurrent, hidden, t, gate);
        return Array.from({ length: units }, (_, unit) => {
          const column = gate * units + unit;
          let sum = side.bias[column];
          for (let f = 0; f < features; f += 1) sum += read[f] * side.kernel[f * width + column];
          for (let row = 0; row < units; row += 1) sum += past[row] * recurrent[row * width + column];
          return gate === 2 ? Math.tanh(sum) : sigmoid(sum);
        });
      });
      const nextCell = [], nextHidden = [];
      for (let unit = 0; unit < units; unit += 1) {
        const place = [number, 0, t, unit];
        [0, 1, 3].forEach((gate, masked) => { values[gate][unit] *= at(masks.gates, [number, 0, t, masked, unit]); });
        values[2][unit] *= at(masks.candidate, place);
        let c = (values[1][unit] * cell[unit] + values[0][unit] * values[2][unit]) * at(masks.cell, place);
        let h = values[3][unit] * Math.tanh(c) * at(masks.hidden, place);
        // Zoneout: what is not kept new keeps its last value. The hidden output above has read the new cell.
        const newCell = at(masks["cell:keep"], place), newHidden = at(masks["hidden:keep"], place);
        c = newCell * c + (1 - newCell) * cell[unit];
        h = newHidden * h + (1 - newHidden) * hidden[unit];
        nextCell.push(c);
        nextHidden.push(h);
      }
      cell = nextCell;
      hidden = nextHidden;
      records[t] = { gates: values, cell, hidden };
    }
    return { records, last: hidden };
  }

  // x: a list of steps, each a list of features, without padding (a padded step only copies the state).
  // Returns the records of both directions and the last outputs side by side, under the mask of the output.
  function run(network, x, masks) {
    const sides = network.sides.map((side, number) => direction(side, number, network.units, x, masks));
    const output = sides.flatMap((side) => side.last).map((value, place) => value * at(masks.output, [0, place]));
    return { records: sides.map((side) => side.records), output };
  }

  // Little-endian float32 in base64, as a published network holds each of its arrays.
  function numbers(weights) {
    const bytes = Uint8Array.from(atob(weights.values), (letter) => letter.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    return Array.from({ length: bytes.length / 4 }, (_, place) => view.getFloat32(4 * place, true));
  }

  // A published network, its weights unpacked, as `answer` takes it.
  function unpacked(units, weights) {
    const side = (end) => ({
      kernel: numbers(weights["kernel" + end]), recurrent: numbers(weights["recurrent" + end]),
      bias: numbers(weights["bias" + end]),
    });
    const table = weights.embedding;
    const embedding = table && { width: table.shape[1], rows: numbers(table) };
    return { units, sides: [side(""), side(" back")], embedding, head: numbers(weights.head),
      headBias: numbers(weights["head bias"]) };
  }

  // What `run` gives for one input, and the probabilities of the classes. steps: numbers of tokens, or rows of numbers.
  function answer(network, steps, masks) {
    const table = network.embedding;
    const x = table === undefined ? steps : steps.map((token) => Array.from({ length: table.width }, (_, feature) =>
      table.rows[token * table.width + feature] * at(masks.embedding, [0, token])));
    const found = run(network, x, masks);
    const classes = network.headBias.length;
    const logits = network.headBias.map((bias, name) =>
      found.output.reduce((sum, value, place) => sum + value * network.head[place * classes + name], bias));
    const most = Math.max(...logits);
    const shares = logits.map((logit) => Math.exp(logit - most));
    const whole = shares.reduce((sum, each) => sum + each, 0);
    return { ...found, probabilities: shares.map((share) => share / whole) };
  }

  window.liveNetwork = { run, unpacked, answer };
})();
