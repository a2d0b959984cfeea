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

// The rows by a figure; those with the same one stay as they are in `rows`. Whole numbers are put in order by 16 bits at a
// time.
function order(figures, rows) {
  const low = Uint32Array.from(figures), high = new Uint32Array(figures.length);
  let isWhole = true, hasHigh = false;
  for (let i = 0; i < figures.length; i++) {
    high[i] = figures[i] / 2 ** 32;
    isWhole &&= Number.isSafeInteger(figures[i]) && figures[i] >= 0;
    hasHigh ||= high[i] > 0;
  }
  if (!isWhole) return rows.slice().sort((a, b) => figures[a] - figures[b]);
  const byLow = orderBy16(low, 16, orderBy16(low, 0, rows));
  return hasHigh ? orderBy16(high, 16, orderBy16(high, 0, byLow)) : byLow;
}

function orderBy16(figures, shift, rows) {
  const at = new Uint32Array(65537), to = new Uint32Array(rows.length);
  for (let i = 0; i < figures.length; i++) at[(figures[i] >>> shift & 0xffff) + 1]++;
  for (let d = 1; d < 65536; d++) at[d] += at[d - 1];
  for (let i = 0; i < rows.length; i++) to[at[figures[rows[i]] >>> shift & 0xffff]++] = rows[i];
  return to;
}

function columnOf(rows, column) {
  const figures = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) figures[i] = Number(rows[i][column]);
  return figures;
}

// [customer, last order, orders, revenue] to [recency, frequency, monetary, customers, revenue]
function cutIntoFifths(rows) {
  const n = rows.length, groups = new Uint8Array(n);
  const byCustomer = order(columnOf(rows, 0), Uint32Array.from(rows, (_, i) => i));
  const figures = [1, 2, 3].map((column) => columnOf(rows, column));
  for (const column of figures) {
    const sorted = order(column, byCustomer);
    for (let i = 0; i < n; i++) groups[sorted[i]] = groups[sorted[i]] * 5 + fifth(i, n) - 1;
  }
  const customers = new Float64Array(125), revenue = new Float64Array(125);
  for (let i = 0; i < n; i++) {
    customers[groups[i]]++;
    revenue[groups[i]] += figures[2][i];
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
