// shop.mjs - a small shop for the test: its definitions, its files of sales month by month, and questions to ask.
import fs from "node:fs";
import path from "node:path";

export const MONTHS = 10;

// The same numbers everywhere (mulberry32).
function generator(seed) {
  return (n) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

const STORES = ["1,Germany,Berlin", "2,Germany,Köln", "3,中国,上海", "4,中国,北京", "5,France,Lyon"];

export function definitions(dir) {
  return `
CREATE TIME DIMENSION [Time] FROM '2024-01-01' TO '2024-12-31' (HIERARCHY [Time] ALL 'All Time' (YEAR, QUARTER, MONTH, DAY));
CREATE DIMENSION [Store] (KEY store_id INTEGER, ATTRIBUTE country TEXT, city TEXT,
  HIERARCHY [Store] ALL 'All Stores' (LEVEL [Country] BY country, LEVEL [City] BY store_id NAME city));
CREATE DIMENSION [Product] (KEY product_id INTEGER, ATTRIBUTE family TEXT, product TEXT,
  HIERARCHY [Product] ALL 'All Products' (LEVEL [Family] BY family, LEVEL [Item] BY product_id NAME product));
CREATE DIMENSION [Customer] (KEY customer TEXT, HIERARCHY [Customer] ALL 'All Customers' (LEVEL [Name] BY customer));
CREATE CUBE [Sales] (DIMENSION [Time], DIMENSION [Store], DIMENSION [Product], DIMENSION [Customer],
  MEASURE [Units] SUM(units) INTEGER FORMAT '#,##0',
  MEASURE [Revenue] SUM(revenue) DECIMAL(12,2) FORMAT '#,##0.00',
  MEASURE [Customers] DISTINCT COUNT([Customer]) FORMAT '#,##0',
  MEMBER [Measures].[Price] AS [Measures].[Revenue] / [Measures].[Units], FORMAT_STRING = '0.00');
CREATE SOURCE [files] TYPE csv OPTIONS (directory '${dir}', header ON);
CREATE MAPPING [stores] INTO DIMENSION [Store] FROM [files].'stores.csv' (store_id, country, city);
CREATE MAPPING [products] INTO DIMENSION [Product] FROM [files].'products.csv' (product_id, family, product);
CREATE MAPPING [sales] INTO CUBE [Sales] FROM [files].'sales_*.csv'
  ([Time] = day, [Store] = store_id ON UNKNOWN REJECT, [Product] = product_id ON UNKNOWN REJECT,
   [Customer] = customer ON UNKNOWN INFER, units, revenue);
`;
}

export function writeDimensions(dir) {
  fs.mkdirSync(dir, { recursive: true });
  fs.writeFileSync(path.join(dir, "stores.csv"), ["store_id,country,city", ...STORES, ""].join("\n"));
  const products = Array.from({ length: 40 }, (_, i) => `${i + 1},${["Food", "Drink", "家居"][i % 3]},Product ${i + 1}`);
  fs.writeFileSync(path.join(dir, "products.csv"), ["product_id,family,product", ...products, ""].join("\n"));
}

// The sales of a month (from 1), whole at once: nobody sees half a file.
export function writeMonth(dir, month) {
  const random = generator(month);
  const mm = String(month).padStart(2, "0");
  const lines = ["day,store_id,product_id,customer,units,revenue"];
  for (let i = 0; i < 1500; i++) {
    const units = 1 + random(5);
    lines.push(`2024-${mm}-${String(1 + random(28)).padStart(2, "0")},${1 + random(STORES.length)},${1 + random(40)},` +
      `c${random(100 + month * 60)},${units},${(units * (100 + random(900)) / 100).toFixed(2)}`);
  }
  const hidden = path.join(dir, `.sales_${mm}.tmp`);
  fs.writeFileSync(hidden, lines.join("\n") + "\n");
  fs.renameSync(hidden, path.join(dir, `sales_2024_${mm}.csv`));
}

// A question as the socket is asked it, with values for $n, and as the command is asked it.
const ask = (mdx, ...values) => ({ mdx, values, plain: values.reduce((s, v, i) => s.replaceAll(`$${i + 1}`, v), mdx) });

export const questions = [
  ask("SELECT {[Measures].[Units], [Measures].[Revenue], [Measures].[Customers], [Measures].[Price]} ON COLUMNS FROM [Sales]"),
  ask("SELECT [Measures].[Units] ON COLUMNS, [Time].[Time].[Month].Members ON ROWS FROM [Sales]"),
  ask("SELECT {[Measures].[Revenue], [Measures].[Customers]} ON COLUMNS, NON EMPTY [Store].[Store].[City].Members ON ROWS FROM [Sales]"),
  ask("SELECT [Store].[Store].[Country].Members ON COLUMNS, [Product].[Product].[Family].Members ON ROWS FROM [Sales] WHERE [Measures].[Revenue]"),
  ask("SELECT [Measures].[Units] ON COLUMNS, NON EMPTY CrossJoin([Time].[Time].[Quarter].Members, [Product].[Product].[Item].Members) ON ROWS FROM [Sales]"),
  ask("SELECT [Measures].[Revenue] ON COLUMNS, TopCount([Product].[Product].[Item].Members, $1, [Measures].[Revenue]) ON ROWS FROM [Sales]", 5),
  ask("SELECT [Measures].[Units] ON COLUMNS, Filter([Customer].[Customer].[Name].Members, [Measures].[Units] > $1) ON ROWS FROM [Sales]", 40),
  ask("WITH MEMBER [Measures].[To Date] AS Sum(YTD([Time].[Time].CurrentMember), [Measures].[Units]) " +
    "SELECT {[Measures].[Units], [Measures].[To Date]} ON COLUMNS, [Time].[Time].[Month].Members ON ROWS FROM [Sales]"),
  ask("SELECT [Measures].[Customers] ON COLUMNS, {[Store].[Store].[All Stores], [Store].[Store].[中国].Children} ON ROWS FROM [Sales]"),
  ask("SELECT FROM [Sales]"),
];
