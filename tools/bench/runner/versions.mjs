// Which version of the warehouse an answer is of, when every load adds the same lines under new order numbers.
//
// Sums then grow by the same amount with each load: a cell of version k is base + k * step. An answer is right if one k
// fits all of its cells, and torn if none does. Tables are maps: keys of a row and number of a column -> whole number.

const isText = (column) => column.oid === 25;

// What the server sent for a question, as { order: [key], cells: Map }. Cells that are not there count as 0.
export function tableOfMessages(messages) {
  const failure = messages.find((m) => m.type === "E");
  if (failure) throw new Error(`${failure.code} ${failure.message}`);
  const columns = messages.find((m) => m.type === "T")?.columns;
  if (!columns || messages.at(-1)?.type !== "Z") throw new Error("the answer ended early");
  const cells = new Map(), order = [];
  for (const { values } of messages.filter((m) => m.type === "D")) {
    const key = values.filter((_, i) => isText(columns[i])).join("\t");
    order.push(key);
    values.forEach((value, i) => {
      if (!isText(columns[i]) && value !== null) cells.set(`${key}\t${i}`, wholeNumber(value.toString()));
    });
  }
  return { order, cells };
}

function wholeNumber(text) {
  if (!/^-?\d+(\.0+)?$/.test(text)) throw new Error(`expected a whole number, not ${text}`);
  return BigInt(text.split(".")[0]);
}

// How the cells of a question grow from the table before all loads to that after the n-th.
export function growth(base, last, n) {
  const cells = new Map();
  for (const key of new Set([...base.cells.keys(), ...last.cells.keys()])) {
    const from = base.cells.get(key) ?? 0n, more = (last.cells.get(key) ?? 0n) - from;
    if (n === 0 ? more !== 0n : more % BigInt(n) !== 0n) throw new Error(`${key}: ${n} equal loads do not make ${from} grow by ${more}`);
    cells.set(key, { from, step: n === 0 ? 0n : more / BigInt(n) });
  }
  return { n, cells };
}

const at = (cell, k) => cell.from + BigInt(k) * cell.step;

// The only k that could fit; null: all fit or none does.
function candidate(table, g) {
  for (const [key, value] of table.cells) {
    const cell = g.cells.get(key);
    if (cell && cell.step !== 0n) return Number((value - cell.from) / cell.step);
  }
  return null;
}

// All cells of version k and no others.
function isWhole(table, g, k) {
  for (const [key, cell] of g.cells) if (at(cell, k) !== (table.cells.get(key) ?? 0n)) return false;
  return [...table.cells.keys()].every((key) => g.cells.has(key));
}

// The largest rows of version k, in descending order of their only column; the table holds `top` of them.
function isTop(table, g, k, top) {
  const all = [...g.cells.values()].map((cell) => at(cell, k)).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
  const got = table.order.map((key) => [...table.cells].find(([name]) => name.startsWith(`${key}\t`)));
  return got.length === Math.min(top, all.length) &&
    got.every((cell, i) => cell && cell[1] === all[i] && g.cells.has(cell[0]) && at(g.cells.get(cell[0]), k) === cell[1]);
}

// The version of an answer: { fits: false } if it is of none; k is null if it is the same in all versions.
export function versionOf(table, g, top) {
  const k = candidate(table, g);
  const fits = (x) => (top ? isTop(table, g, x, top) : isWhole(table, g, x));
  if (k === null) return { fits: fits(0), k: null };
  return { fits: k >= 0 && k <= g.n && fits(k), k };
}
