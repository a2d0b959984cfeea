// driver.mjs - fifty connections ask while a watcher loads; every answer must be that of a published version.
// Usage: node driver.mjs PATRON WORK_DIR
//
// A reference warehouse is loaded file by file, and the command answers every question at each step. Then a second
// warehouse is served and watched while the same files appear one by one. An answer from the socket has to equal one of
// the reference's, and a connection never sees an older version after a newer one. At the end node-pg, psql and the
// command must agree on the whole.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import Cursor from "pg-cursor";
import { MONTHS, definitions, questions, writeDimensions, writeMonth } from "./shop.mjs";

const [patron, work] = process.argv.slice(2);
const CONNECTIONS = 50;
const run = promisify(execFile);
const wait = (ms) => new Promise((r) => setTimeout(r, ms));
const env = { ...process.env, PATRON_DB: "", PATRON_PASSWORD: "secret", PGPASSWORD: "secret", PSQLRC: "/dev/null", LC_ALL: "C.UTF-8" };
const command = async (...args) => (await run(patron, args, { env, cwd: work, maxBuffer: 64 << 20 })).stdout;

// ---- answers as text ----------------------------------------------------------------------

// CSV to rows of cells; an absent value and an empty text are the same.
function parseCsv(text) {
  const rows = [];
  let row = [], cell = "", quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') { cell += '"'; i++; } else if (c === '"') quoted = false; else cell += c;
    } else if (c === '"') quoted = true;
    else if (c === ",") { row.push(cell); cell = ""; } else if (c === "\n") { row.push(cell); rows.push(row); row = []; cell = ""; } else if (c !== "\r") cell += c;
  }
  return JSON.stringify(rows);
}
const asked = async (db, q) => parseCsv(await command("query", "--db", db, "--format", "csv", q.plain));
const tableOf = (fields, rows) => JSON.stringify([fields.map((f) => f.name), ...rows.map((r) => r.map((v) => v ?? ""))]);

// ---- the reference ---------------------------------------------------------------------------

async function prepare(name) {
  writeDimensions(path.join(work, name));
  writeMonth(path.join(work, name), 1);
  fs.writeFileSync(path.join(work, `${name}.patron`), definitions(path.join(work, name)));
  await command("init", "--quiet", `${name}.db`);
  await command("define", "--quiet", "--db", `${name}.db`, `${name}.patron`);
  await command("load", "--quiet", "--db", `${name}.db`);
}

async function reference() {
  const versions = [];
  await prepare("reference");
  for (let month = 1; month <= MONTHS; month++) {
    if (month > 1) {
      writeMonth(path.join(work, "reference"), month);
      await command("load", "--quiet", "--db", "reference.db");
    }
    versions.push(await Promise.all(questions.map((q) => asked("reference.db", q))));
  }
  return versions;
}

// ---- the server ----------------------------------------------------------------------------------

function launch(...args) {
  const child = spawn(patron, args, { env, cwd: work, stdio: ["ignore", "ignore", "pipe"] });
  process.on("exit", () => child.kill("SIGKILL")); // when the test fails
  let log = "";
  child.stderr.on("data", (d) => { log += d; });
  const exited = new Promise((r) => child.on("exit", (code, signal) => r(code ?? signal)));
  const until = async (pattern) => {
    for (let i = 0; i < 200; i++, await wait(50)) { const m = log.match(pattern); if (m) return m; }
    throw new Error(`${args[0]} did not say ${pattern}: ${log}`);
  };
  return { until, exited, log: () => log, stop: async () => { child.kill("SIGTERM"); return exited; } };
}

// ---- asking ------------------------------------------------------------------------------------------

const raw = { getTypeParser: () => (v) => v }; // values as they came

async function byCursor(client, q) {
  const cursor = client.query(new Cursor(q.mdx, q.values, { rowMode: "array", types: raw }));
  const rows = [];
  for (let part; (part = await cursor.read(7)).length;) rows.push(...part);
  const fields = cursor._result.fields;
  await cursor.close();
  return tableOf(fields, rows);
}

// The ways in which a question can be asked: alone, with values, prepared, by a cursor within a transaction.
async function answer(client, q, at, way) {
  const options = { text: q.mdx, values: q.values, rowMode: "array", types: raw };
  if (way === 1) options.name = `question ${at}`;
  if (way === 2) { options.text = q.plain; delete options.values; }
  if (way === 3) {
    await client.query("BEGIN READ ONLY");
    const table = await byCursor(client, q);
    await client.query("COMMIT");
    return table;
  }
  try {
    const r = await client.query(options);
    return tableOf(r.fields, r.rows);
  } catch (e) {
    if (way !== 1 || e.message !== "cached plan must not change result type") throw e;
    delete options.name; // new members made new columns: a driver prepares again
    const r = await client.query(options);
    return tableOf(r.fields, r.rows);
  }
}

async function mistakes(client) {
  await assert.rejects(client.query("SELECT [Measures].[Unitz] ON COLUMNS FROM [Sales]"), (e) => e.code === "42704" && e.position === "19" && e.severity === "ERROR");
  await assert.rejects(client.query("SELECT ON FROM"), (e) => e.code === "42601");
  await assert.rejects(client.query("SELECT relname FROM pg_class"), (e) => e.code === "0A000");
}

async function visitor(config, number, versions, state) {
  const client = new pg.Client(config);
  let seen = 0, n = 0;
  await client.connect();
  while (!state.done || n < 5) {
    const at = (number * 7 + n * 3) % questions.length;
    const table = await answer(client, questions[at], at, (number + n) % 4);
    const fitting = versions.map((v, i) => (v[at] === table ? i : -1)).filter((i) => i >= 0);
    assert.ok(fitting.length, `no version answers question ${at} so: ${table.slice(0, 1500)}\nthe last one: ${versions.at(-1)[at].slice(0, 1500)}`);
    const newer = fitting.filter((i) => i >= seen);
    assert.ok(newer.length, `question ${at} was answered from version ${fitting} after version ${seen}`);
    seen = newer[0];
    state.newest = Math.max(state.newest, seen);
    state.versions.add(seen);
    if (n % 25 === 24) await mistakes(client);
    n++;
    state.answers++;
  }
  await client.end();
}

async function cancels(config) {
  const client = new pg.Client(config);
  await client.connect();
  const slow = client.query("WITH SET [S] AS CrossJoin([Customer].[Customer].[Name].Members, [Product].[Product].[Item].Members) " +
    "SELECT [Measures].[Units] ON COLUMNS, Order(CrossJoin([S], [Time].[Time].[Day].Members), [Measures].[Units], BDESC) ON ROWS FROM [Sales]");
  const outcome = slow.then(() => "answered", (e) => e.code);
  await wait(150);
  const other = new pg.Client(config);
  other.cancel(client, client._activeQuery ?? client.activeQuery);
  const code = await outcome;
  assert.equal(code, "57014", `the cancelled query ended with ${code}`);
  assert.equal((await client.query("SELECT 1 AS one")).rows[0].one, 1);
  await client.end();
}

// ---- the whole -----------------------------------------------------------------------------------------

async function psql(where, q) {
  const args = ["-X", "--csv", "-v", "ON_ERROR_STOP=1", "-h", where.host, "-p", String(where.port), "-U", "ada", "-d", "shop", "-c", q.plain];
  return parseCsv((await run("psql", args, { env, maxBuffer: 64 << 20 })).stdout);
}

async function psqlRefuses(where, statement, part) {
  const args = ["-X", "-h", where.host, "-p", String(where.port), "-U", "ada", "-d", "shop", "-v", "ON_ERROR_STOP=1", "-c", statement];
  await assert.rejects(run("psql", args, { env }), (e) => e.stderr.includes(part) || assert.fail(e.stderr));
}

const started = Date.now();
const since = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
const versions = await reference();
console.log(`reference: ${versions.length} versions of ${questions.length} answers (${since()})`);

await prepare("live");
await assert.rejects(command("serve", "--db", "live.db", "--port", "0"), (e) => e.stderr.includes("patron user --db live.db add"));
await command("user", "--quiet", "--db", "live.db", "add", "ada");
const server = launch("serve", "--db", "live.db", "--port", "0", "--socket", work);
const port = Number((await server.until(/127\.0\.0\.1:(\d+)/))[1]);
const watcher = launch("watch", "--db", "live.db", "--interval", "1");
const config = { host: "127.0.0.1", port, user: "ada", password: "secret", database: "shop" };

const state = { done: false, answers: 0, newest: 0, versions: new Set() };
const visitors = Array.from({ length: CONNECTIONS }, (_, i) =>
  visitor(i % 5 ? config : { ...config, host: work }, i, versions, state));
const failed = Promise.all(visitors).then(() => null);
for (let month = 2; month <= MONTHS; month++) {
  await Promise.race([failed, wait(700)]);
  writeMonth(path.join(work, "live"), month);
}
for (let i = 0; i < 600 && state.newest < MONTHS - 1; i++) await Promise.race([failed, wait(100)]);
state.done = true;
await failed;
assert.equal(state.newest, MONTHS - 1, `the last file was not loaded: ${watcher.log()}`);
console.log(`node-pg: ${state.answers} answers on ${CONNECTIONS} connections, from ${state.versions.size} versions (${since()})`);

for (const q of questions) {
  const want = await asked("live.db", q);
  assert.equal(want, versions.at(-1)[questions.indexOf(q)]);
  assert.equal(await psql({ host: "127.0.0.1", port }, q), want);
  assert.equal(await psql({ host: work, port }, q), want);
}
await psqlRefuses({ host: "127.0.0.1", port }, "SELECT [Measures].[Unitz] ON COLUMNS FROM [Sales]", "LINE 1: SELECT [Measures].[Unitz]");
await psqlRefuses({ host: "127.0.0.1", port }, "SELECT nonsense", "a query needs FROM [cube]");
await cancels(config);
console.log(`psql: ${2 * questions.length} answers as the command's (${since()})`);

assert.equal(await watcher.stop(), 0, watcher.log());
assert.equal(await server.stop(), 0, server.log());
await command("check", "--db", "live.db");
console.log(`all is well (${since()})`);
