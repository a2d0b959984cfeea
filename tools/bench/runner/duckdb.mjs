// DuckDB in this process, in four forms, each a database of its own: the star as loaded and sorted by date, and one flat
// table as loaded and sorted by date. Only the first reads the files; the others are made from it.
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import { rootDir } from "./options.mjs";
import { bytesOf, run, seconds } from "./process.mjs";
import { flatColumns, joins, tables } from "./tables.mjs";

const packageName = "@duckdb/node-api", packageVersion = "1.5.6-r.1";
const shapes = { duckdb_star: "star", duckdb_star_by_date: "star", duckdb_flat: "flat", duckdb_flat_by_date: "flat" };

async function binding() {
  const dir = path.join(rootDir, "build", "bench");
  const file = path.join(dir, "package.json");
  mkdirSync(dir, { recursive: true });
  if (!existsSync(path.join(dir, "node_modules", packageName)))
    await run("npm", ["install", "--prefix", dir, "--ignore-scripts", "--no-audit", "--no-fund", `${packageName}@${packageVersion}`], { cwd: dir });
  return createRequire(file)(packageName);
}

const sqlText = (text) => `'${text.replaceAll("'", "''")}'`;
const sqlType = ({ title, kind }) => (kind === "text" ? "VARCHAR" : title === "lo_orderkey" ? "BIGINT" : "INTEGER");

function readTable(table, file) {
  const isText = ({ kind }) => kind === "key" && file.isIso;
  const columns = tables[table].map((c) => `'${c.title}': '${isText(c) ? "VARCHAR" : sqlType(c)}'`);
  if (file.isTrailing) columns.push("'spare': 'VARCHAR'");
  const values = tables[table].map((c) => (isText(c) ? `replace(${c.title}, '-', '')::INTEGER` : c.title));
  return `INSERT INTO ${table} SELECT ${values.join(", ")} FROM read_csv(${sqlText(file.file)}, auto_detect = false,
          header = false, delim = ${sqlText(file.delimiter)}, quote = '"', escape = '"', columns = {${columns.join(", ")}})`;
}

export class DuckDb {
  name = "duckdb";
  #options;
  #api;
  #db;
  #dir;

  constructor(options) {
    this.#options = options;
    this.#dir = path.join(options.out, "duckdb");
    this.forms = Object.keys(shapes).map((id) => ({ id, ask: (question) => this.#ask(id, question) }));
  }

  async version() {
    return `DuckDB ${(await binding()).version()}`;
  }

  #file(form) {
    return path.join(this.#dir, `${form}.duckdb`);
  }

  async #start() {
    this.#api = await binding();
    mkdirSync(this.#dir, { recursive: true });
    const instance = await this.#api.DuckDBInstance.create(":memory:", {
      threads: String(this.#options.threads), temp_directory: path.join(this.#dir, "temporary") });
    this.#db = await instance.connect();
    for (const form in shapes) await this.#db.run(`ATTACH ${sqlText(this.#file(form))} AS ${form}`);
  }

  async #make(form, statements) {
    const from = performance.now();
    await this.#db.run(`USE ${form}`);
    for (const statement of statements) await this.#db.run(statement);
    await this.#db.run(`CHECKPOINT ${form}`);
    return { seconds: seconds(from), bytes: bytesOf(this.#file(form)) };
  }

  async load(data) {
    rmSync(this.#dir, { recursive: true, force: true });
    await this.#start();
    const loaded = {};
    const create = Object.entries(tables).map(
      ([table, columns]) => `CREATE TABLE ${table} (${columns.map((c) => `${c.title} ${sqlType(c)}`).join(", ")})`);
    loaded.duckdb_star = await this.#make("duckdb_star", [...create, ...Object.entries(data.files).map(([t, f]) => readTable(t, f))]);

    const copy = Object.keys(joins).map((table) => `CREATE TABLE ${table} AS FROM duckdb_star.${table}`);
    loaded.duckdb_star_by_date = await this.#make("duckdb_star_by_date",
      [...copy, "CREATE TABLE lineorder AS FROM duckdb_star.lineorder ORDER BY lo_orderdate"]);

    const columns = Object.values(flatColumns).flat().join(", ");
    const from = Object.entries(joins).map(([table, [a, b]]) => `JOIN duckdb_star.${table} ON ${a} = ${b}`).join(" ");
    const flat = `CREATE TABLE lineorder_flat AS SELECT lineorder.*, ${columns} FROM duckdb_star.lineorder ${from}`;
    loaded.duckdb_flat = await this.#make("duckdb_flat", [flat]);
    loaded.duckdb_flat_by_date = await this.#make("duckdb_flat_by_date", [`${flat} ORDER BY lo_orderdate`]);
    for (const form of Object.keys(shapes).slice(1)) loaded[form].seconds += loaded.duckdb_star.seconds;
    return loaded;
  }

  async open() {
    if (!this.#db) await this.#start();
  }

  async #ask(form, question) {
    const sql = question.sql(shapes[form], "duckdb");
    await this.#db.run(`USE ${form}`);
    const from = performance.now();
    const result = await this.#db.runAndReadAll(sql);
    const ms = performance.now() - from;
    return { ms, table: () => result.getRows() };
  }

  async close() {
    this.#db?.closeSync();
  }
}
