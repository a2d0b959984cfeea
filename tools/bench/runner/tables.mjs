// The five tables: their columns, and how the files at hand are written.
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

import { run } from "./process.mjs";

// Column names and kinds, in the order of the files: number, text, or key (a day as 19920101).
export const tables = {
  date: `d_datekey key, d_date text, d_dayofweek text, d_month text, d_year number, d_yearmonthnum number,
    d_yearmonth text, d_daynuminweek number, d_daynuminmonth number, d_daynuminyear number, d_monthnuminyear number,
    d_weeknuminyear number, d_sellingseason text, d_lastdayinweekfl number, d_lastdayinmonthfl number,
    d_holidayfl number, d_weekdayfl number`,
  customer: `c_custkey number, c_name text, c_address text, c_city text, c_nation text, c_region text, c_phone text,
    c_mktsegment text`,
  supplier: `s_suppkey number, s_name text, s_address text, s_city text, s_nation text, s_region text, s_phone text`,
  part: `p_partkey number, p_name text, p_mfgr text, p_category text, p_brand1 text, p_color text, p_type text,
    p_size number, p_container text`,
  lineorder: `lo_orderkey number, lo_linenumber number, lo_custkey number, lo_partkey number, lo_suppkey number,
    lo_orderdate key, lo_orderpriority text, lo_shippriority number, lo_quantity number, lo_extendedprice number,
    lo_ordtotalprice number, lo_discount number, lo_revenue number, lo_supplycost number, lo_tax number,
    lo_commitdate key, lo_shipmode text`,
};
for (const name in tables)
  tables[name] = tables[name].split(",").map((column) => {
    const [title, kind] = column.trim().split(" ");
    return { title, kind };
  });

// The flat table: the facts, and of each dimension what the questions ask for.
export const flatColumns = {
  date: ["d_year", "d_yearmonthnum", "d_yearmonth", "d_weeknuminyear"],
  customer: ["c_city", "c_nation", "c_region"],
  supplier: ["s_city", "s_nation", "s_region"],
  part: ["p_mfgr", "p_category", "p_brand1"],
};
export const joins = {
  date: ["lo_orderdate", "d_datekey"],
  customer: ["lo_custkey", "c_custkey"],
  supplier: ["lo_suppkey", "s_suppkey"],
  part: ["lo_partkey", "p_partkey"],
};

// ---- files made elsewhere -----------------------------------------------------------------------------------------

function firstLine(file) {
  if (!existsSync(file)) throw new Error(`${file} is not there: expected ${Object.keys(tables).join(", ")}, each with .tbl behind it`);
  if (statSync(file).size === 0) throw new Error(`${file} is empty`);
  const fd = openSync(file, "r");
  const bytes = Buffer.alloc(65536);
  const n = readSync(fd, bytes, 0, bytes.length, 0);
  closeSync(fd);
  return bytes.toString("utf8", 0, n).split(/\r?\n/)[0];
}

function fields(line, delimiter) {
  const quoted = new RegExp(`("(?:[^"]|"")*"|[^${delimiter}]*)(?:[${delimiter}]|$)`, "g");
  const found = [...line.matchAll(quoted)].map((m) => m[1]);
  if (found.at(-1) === "" && !line.endsWith(delimiter)) found.pop(); // the empty match at the end
  return found;
}

// What the first line of a table tells.
function sniff(dir, table) {
  const file = path.join(dir, `${table}.tbl`);
  const line = firstLine(file);
  const delimiter = line.includes("|") ? "|" : ",";
  const found = fields(line, delimiter);
  let n = tables[table].length;
  const isTrailing = line.endsWith(delimiter);
  const hasLooseComma = table === "date" && delimiter === "," && found.length === n + 1 + isTrailing && !line.includes('"');
  if (found.length < n || (found.length > n + 1 && !hasLooseComma))
    throw new Error(`${file}: expected ${n} columns, but its first line has ${found.length}: ${line}`);
  if (!/^"?\d/.test(found[0])) throw new Error(`${file}: expected a number first, not a line of names: ${line}`);
  const isIso = found.some((text) => /^"?\d{4}-\d\d-\d\d"?$/.test(text));
  return { file, delimiter, isTrailing, isIso, hasLooseComma };
}

// Some write the date "January 1, 1992" without quotes: a directory with that file mended and links to the others.
function mendDates(files, out) {
  const dir = path.join(out, "mended");
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  for (const [table, f] of Object.entries(files)) {
    const to = path.join(dir, `${table}.tbl`);
    if (f.hasLooseComma) writeFileSync(to, readFileSync(f.file, "utf8").replace(/^([^,]*),([^,]*,[^,]*),/gm, '$1,"$2",'));
    else symlinkSync(f.file, to);
    f.file = to;
  }
  return dir;
}

// { dir, files: { table: { file, delimiter, isTrailing, isIso } }, delimiter, bytes }
function describeData(dir, out) {
  const files = Object.fromEntries(Object.keys(tables).map((table) => [table, sniff(dir, table)]));
  const delimiter = files.lineorder.delimiter;
  for (const f of Object.values(files))
    if (f.delimiter !== delimiter) throw new Error(`${f.file} is separated by '${f.delimiter}', lineorder.tbl by '${delimiter}'`);
  if (files.date.hasLooseComma) dir = mendDates(files, out);
  const bytes = Object.values(files).reduce((sum, f) => sum + statSync(f.file).size, 0);
  return { dir, files, delimiter, bytes };
}

// The files of --data, or those of DIR/data, which are made unless an earlier run made them.
export async function dataOf({ data, out, scale, generator, threads }, say) {
  if (data) return describeData(data, out);
  const dir = path.join(out, "data"), made = path.join(dir, "scale");
  const before = existsSync(made) ? readFileSync(made, "utf8") : null;
  if (before === null && !scale) throw new Error(`${dir} has no data: name the directory with --data`);
  if (scale && before !== String(scale)) {
    if (!existsSync(generator)) throw new Error(`${generator} is not there: build the target ssb_gen`);
    say(`making the data of scale ${scale}\n`);
    rmSync(made, { force: true }); // what is interrupted is made again
    await run(generator, [dir, String(scale), "1", String(threads)]);
    writeFileSync(made, String(scale));
  }
  return describeData(dir, out);
}
