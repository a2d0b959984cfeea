// SQLite as a second opinion on every answer: simple, careful, and slow, so its times are not reported.
import { rmSync } from "node:fs";
import path from "node:path";

import { bytesOf, run, seconds } from "./process.mjs";
import { tables } from "./tables.mjs";

const keys = ["d_datekey", "c_custkey", "s_suppkey", "p_partkey"];

export class Sqlite {
  name = "sqlite";
  isTimed = false;
  #file;

  constructor(options) {
    this.#file = path.join(options.out, "sqlite.db");
  }

  async version() {
    return `SQLite ${(await run("sqlite3", ["--version"])).output.split(" ")[0]}`;
  }

  async load(data) {
    rmSync(this.#file, { force: true });
    const from = performance.now();
    const script = ["PRAGMA journal_mode = OFF;", "PRAGMA synchronous = OFF;"];
    for (const [table, columns] of Object.entries(tables)) {
      const typed = columns.map((c) => `${c.title} ${c.kind === "text" ? "TEXT" : "INTEGER"}${keys.includes(c.title) ? " PRIMARY KEY" : ""}`);
      const { file, isTrailing, isIso } = data.files[table];
      const fields = columns.map((c) => (c.kind === "key" && isIso ? `replace(${c.title}, '-', '')` : c.title));
      const raw = columns.map((c) => c.title).concat(isTrailing ? ["spare"] : []);
      script.push(`CREATE TABLE ${table} (${typed.join(", ")});`, `CREATE TEMP TABLE raw_${table} (${raw.join(", ")});`,
                  ".mode csv", `.separator "${data.delimiter}" "\\n"`, `.import "${file}" raw_${table}`,
                  `INSERT INTO ${table} SELECT ${fields.join(", ")} FROM raw_${table};`, `DROP TABLE raw_${table};`);
    }
    await run("sqlite3", ["-bail", this.#file], { input: script.join("\n") });
    return { sqlite: { seconds: seconds(from), bytes: bytesOf(this.#file) } };
  }

  async open() {}

  forms = [{
    id: "sqlite",
    ask: async (question) => {
      const sql = question.sql("star", "sqlite");
      const from = performance.now();
      const { output } = await run("sqlite3", ["-readonly", "-bail", "-list", "-separator", "\t", this.#file], { input: `${sql};` });
      return { ms: performance.now() - from, table: () => output.split("\n").slice(0, -1).map((line) => line.split("\t")) };
    },
  }];

  async close() {}
}
