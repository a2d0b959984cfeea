// Answers as tables of texts: first the keys, then the figures; so that those of MDX and SQL can be compared.

// ---- from MDX ------------------------------------------------------------------------------------------------------

// The last name of "[Customer].[ASIA].[CHINA]". Members of the all level are '' as in SQL's roll-ups, and a customer
// is the number that its name ends in.
function keyOf(uniqueName) {
  const name = uniqueName.match(/\[((?:[^\]]|\]\])*)\]$/)[1].replaceAll("]]", "]");
  return name.startsWith("All ") ? "" : name.replace(/^Customer#0*/, "");
}

// Measures are on the first axis, everything else on the second. Rows without any figure are left out.
export function tableOfCells(answer) {
  const width = answer.axes[0].positions.length;
  const rows = new Map();
  for (const cell of answer.cells) {
    const at = Math.floor(cell.ordinal / width);
    if (cell.error) throw new Error(cell.error);
    if (!rows.has(at)) rows.set(at, new Array(width).fill(""));
    rows.get(at)[cell.ordinal % width] = cell.formatted.replaceAll(",", "");
  }
  const keys = answer.axes[1] ? answer.axes[1].positions : [[]];
  return [...rows].map(([at, figures]) => [...keys[at].map(keyOf), ...figures]);
}

// ---- what MDX leaves to who asks -----------------------------------------------------------------------------------

// Number i of n in fifths as SQL's ntile(5) cuts: the first ones have one more where n is no multiple of five.
function fifth(i, n) {
  const size = Math.floor(n / 5), larger = n % 5;
  return i < larger * (size + 1) ? Math.floor(i / (size + 1)) + 1 : larger + Math.floor((i - larger * (size + 1)) / size) + 1;
}

// The rows by a figure, then by place; rowAt: the row at each place. Figure and place are sorted as one number where
// that is exact.
function order(figures, placeOf, rowAt) {
  const n = figures.length, keys = new Float64Array(n), rows = rowAt.slice();
  let isExact = true;
  for (let i = 0; i < n; i++) {
    keys[i] = figures[i] * n + placeOf[i];
    isExact &&= figures[i] >= 0 && Number.isSafeInteger(keys[i]);
  }
  if (!isExact) return rows.sort((a, b) => figures[a] - figures[b] || placeOf[a] - placeOf[b]);
  keys.sort();
  for (let i = 0; i < n; i++) rows[i] = rowAt[keys[i] % n];
  return rows;
}

function columnOf(rows, column) {
  const figures = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) figures[i] = Number(rows[i][column]);
  return figures;
}

// [customer, last order, orders, revenue] to [recency, frequency, monetary, customers, revenue]
function cutIntoFifths(rows) {
  const n = rows.length, asGiven = new Uint32Array(n), placeOf = new Uint32Array(n), groups = new Uint8Array(n);
  for (let i = 0; i < n; i++) asGiven[i] = i;
  const byCustomer = order(columnOf(rows, 0), asGiven, asGiven);
  for (let i = 0; i < n; i++) placeOf[byCustomer[i]] = i;
  for (const column of [1, 2, 3]) {
    const sorted = order(columnOf(rows, column), placeOf, byCustomer);
    for (let i = 0; i < n; i++) groups[sorted[i]] = groups[sorted[i]] * 5 + fifth(i, n) - 1;
  }
  const customers = new Float64Array(125), revenue = new Float64Array(125), figures = columnOf(rows, 3);
  for (let i = 0; i < n; i++) {
    customers[groups[i]]++;
    revenue[groups[i]] += figures[i];
  }
  const cells = [];
  for (let g = 0; g < 125; g++)
    if (customers[g]) cells.push([Math.floor(g / 25) + 1, Math.floor(g / 5) % 5 + 1, g % 5 + 1, customers[g], revenue[g]].map(String));
  return cells;
}

// Question: what is done with the table of cells.
export const finish = { C6: cutIntoFifths };

// ---- comparing -----------------------------------------------------------------------------------------------------

// A sum over nothing is a row with null in SQL, no cell in MDX.
function canonical(rows) {
  return rows
    .map((row) => row.map((value) => (value === null ? "" : String(value))))
    .filter((row) => row.at(-1) !== "")
    .map((row) => row.join(" | "))
    .sort();
}

// null if both tables have the same rows, else the first difference in words.
export function difference(expected, found) {
  const a = canonical(expected), b = canonical(found);
  for (let i = 0; i < Math.max(a.length, b.length); i++)
    if (a[i] !== b[i]) return `${a.length} rows, ${b.length} there; the first that differs: ${a[i] ?? "none"}, there ${b[i] ?? "none"}`;
  return null;
}
