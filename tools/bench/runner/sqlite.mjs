// SQLite as a second opinion on every answer: simple, careful, and slow. Its times are not reported, so it may be asked
// everything at once, as many questions at a time as there are threads.
import { rmSync } from "node:fs";
import path from "node:path";

import { bytesOf, run, seconds } from "./process.mjs";
import { tables } from "./tables.mjs";

const keys = ["d_datekey", "c_custkey", "s_suppkey", "p_partkey"];

export class Sqlite {
  name = "sqlite";
  isTimed = false;
  #options;
  #file;
  #answers = new Map();

  constructor(options) {
    this.#options = options;
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

  async #execute(question) {
    const sql = question.sql("star", "sqlite");
    const { output } = await run("sqlite3", ["-readonly", "-bail", "-list", "-separator", "\t", this.#file], { input: `${sql};` });
    return output.split("\n").slice(0, -1).map((line) => line.split("\t"));
  }

  // Starts answering; ask() then waits for its question.
  begin(questions) {
    const left = [...questions];
    const settle = {};
    for (const { id } of questions) this.#answers.set(id, new Promise((resolve) => (settle[id] = resolve)));
    const lane = async () => {
      for (let question; (question = left.shift());)
        settle[question.id](await this.#execute(question).then((rows) => ({ rows }), (problem) => ({ problem })));
    };
    for (let i = 0; i < this.#options.threads; i++) lane();
  }

  forms = [{
    id: "sqlite",
    ask: async ({ id }) => {
      const { rows, problem } = await this.#answers.get(id);
      if (problem) throw problem;
      return { table: () => rows };
    },
  }];

  async close() {}
}
