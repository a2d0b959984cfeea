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

// [customer, last order, orders, revenue] to [recency, frequency, monetary, customers, revenue]
function cutIntoFifths(rows) {
  const customers = rows.map((row) => ({ figures: row.map(Number), fifths: [] }));
  for (const column of [1, 2, 3]) {
    customers.sort((a, b) => a.figures[column] - b.figures[column] || a.figures[0] - b.figures[0]);
    customers.forEach((c, i) => c.fifths.push(fifth(i, customers.length)));
  }
  const cells = new Map();
  for (const c of customers) {
    const key = c.fifths.join(" ");
    const [n, revenue] = cells.get(key) ?? [0, 0];
    cells.set(key, [n + 1, revenue + c.figures[3]]);
  }
  return [...cells].map(([key, figures]) => [...key.split(" "), ...figures.map(String)]);
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
