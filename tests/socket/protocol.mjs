// protocol.mjs - what the server must do on the wire, against fake_server. Usage: node protocol.mjs FAKE_SERVER
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Wire, bind, close, describe, execute, i16, i32, message, parse, query, startup, sync, text } from "../../tools/bench/runner/wire.mjs";

const program = process.argv[2];
const types = (messages) => messages.map((m) => m.type).join("");
const wait = (ms) => new Promise((r) => setTimeout(r, ms));

async function start(...options) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "patron-socket-"));
  return launch(dir, options);
}

async function launch(dir, options = []) {
  const child = spawn(program, [dir, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  process.on("exit", () => child.kill("SIGKILL"));
  let log = "";
  child.stderr.on("data", (d) => { log += d; });
  const exited = new Promise((r) => child.on("exit", (code, signal) => r(code ?? signal)));
  const port = await new Promise((r) => { child.stdout.on("data", (d) => r(Number(d.toString()))); exited.then(() => r(0)); });
  const stop = async (signal = "SIGTERM") => { child.kill(signal); const code = await exited; fs.rmSync(dir, { recursive: true, force: true }); return code; };
  return { dir, port, child, exited, stop, log: () => log, socket: { path: path.join(dir, `.s.PGSQL.${port}`) }, tcp: { port, host: "127.0.0.1" } };
}

async function connect(server, params) {
  const w = new Wire(server.tcp);
  const all = await w.login(params);
  assert.equal(all.at(-1).type, "Z", all.at(-1).message);
  w.key = all.find((m) => m.type === "K");
  return w;
}

const tests = {
  async "login tells the parameters, the key and idle"(s) {
    for (const where of [s.tcp, s.socket]) {
      const w = new Wire(where);
      const all = await w.login({ application_name: "test", client_encoding: "UTF8", database: "any" });
      const status = Object.fromEntries(all.filter((m) => m.type === "S").map((m) => [m.name, m.value]));
      assert.match(status.server_version, /^15\.0 \(Patron /);
      assert.equal(status.client_encoding, "UTF8");
      assert.equal(status.integer_datetimes, "on");
      assert.equal(status.standard_conforming_strings, "on");
      assert.equal(status.session_authorization, "ada");
      assert.equal(status.application_name, "test");
      assert.equal(all.filter((m) => m.type === "K").length, 1);
      assert.equal(all.at(-1).state, "I");
      w.end();
    }
  },
  async "encryption is declined, newer protocols are negotiated"(s) {
    const w = new Wire(s.tcp);
    w.send(i32(8), i32(80877103));
    assert.equal(await w.byte(), "N");
    w.send(i32(8), i32(80877104));
    assert.equal(await w.byte(), "N");
    const all = await w.login({ "_pq_.future": "1" }, "secret", 196610);
    assert.equal(all[0].type, "v");
    assert.equal(all[0].body.readInt32BE(0), 0);
    assert.equal(all[0].body.toString("utf8", 8), "_pq_.future\0");
    assert.equal(all.at(-1).type, "Z");
    w.end();
  },
  async "wrong passwords and unknown users fail alike"(s) {
    const salts = [];
    for (const [user, password] of [["ada", "wrong"], ["bob", "secret"], ["bob", "secret"]]) {
      const w = new Wire(s.tcp);
      const all = await w.login({ user }, password);
      assert.equal(types(all), "RRE");
      assert.equal(all.at(-1).code, "28P01");
      assert.equal(all.at(-1).message, `password authentication failed for user "${user}"`);
      assert.equal(await w.next(), null);
      salts.push(w.salt);
    }
    assert.notEqual(salts[0], salts[1]);
    assert.equal(salts[1], salts[2]);
  },
  async "what is no startup ends the connection, and the server lives on"(s) {
    const garbage = [
      Buffer.from("GET / HTTP/1.0\r\n\r\n"), i32(3), Buffer.concat([i32(8), i32(0x00020000)]), i32(0x7fffffff),
      Buffer.concat([i32(12), i32(196608), Buffer.from("user")]), startup({ database: "x" }), startup({ user: "x".repeat(64) }),
      startup({ user: "ada", replication: "true" }), Buffer.concat([startup({ user: "ada" }), message("Q", text("SELECT 1"))]),
      Buffer.concat([startup({ user: "ada" }), message("p", text("PLAIN"), i32(-1))]),
      Buffer.concat([startup({ user: "ada" }), message("p", text("SCRAM-SHA-256"), i32(100), "n,,")]),
      Buffer.concat([i32(16), i32(80877102), i32(1), i32(1)]),
    ];
    for (const g of garbage) {
      const w = new Wire(s.tcp);
      w.send(g);
      const all = await w.until("none");
      for (const m of all) assert.ok(m.type === "R" || m.severity === "FATAL", `${m.type} ${m.message}`);
    }
    (await connect(s)).end();
  },
  async "a login that takes too long is ended"(s) {
    const w = new Wire(s.tcp);
    const before = Date.now();
    assert.equal(await w.next(), null);
    assert.ok(Date.now() - before > 1500 && Date.now() - before < 8000);
  },
  async "bad startup parameters are refused, unknown ones told"(s) {
    let w = new Wire(s.tcp);
    assert.equal((await w.login({ client_encoding: "LATIN1" })).at(-1).code, "22023");
    w = new Wire(s.tcp);
    const all = await w.login({ options: "-c statement_timeout=5s -c nonsense=1" });
    assert.match(all.find((m) => m.type === "N").message, /nonsense/);
    assert.equal((await w.ask(query("SHOW statement_timeout")))[1].values[0].toString(), "5s");
    w.end();
  },
  async "simple queries: several, none, values as text"(s) {
    const w = await connect(s);
    assert.equal(types(await w.ask(query(""))), "IZ");
    assert.equal(types(await w.ask(query(" ; -- nothing\n ;"))), "IZ");
    const all = await w.ask(query("SELECT types FROM fake; LOAD rejects; SELECT rows 0 FROM fake"));
    assert.equal(types(all), "TDDCNCTCZ");
    assert.deepEqual(all[0].columns.map((c) => [c.name, c.oid, c.size]), [
      ["text", 25, -1], ["integer", 20, 8], ["decimal", 1700, -1], ["double", 701, 8], ["boolean", 16, 1],
      ["date", 1082, 4], ["timestamp", 1114, 8]]);
    assert.deepEqual(all[1].values.map(String), ["销售", "266773", "-565238.13", "0.5", "t", "2000-01-31", "2000-01-01 00:00:01"]);
    assert.deepEqual(all[2].values, Array(7).fill(null));
    assert.deepEqual(all.filter((m) => m.type === "C").map((m) => m.tag), ["SELECT 2", "LOAD", "SELECT 0"]);
    assert.equal(all[4].message, "3 rows rejected");
    w.end();
  },
  async "an error ends a query string, with the place in characters"(s) {
    const w = await connect(s);
    const all = await w.ask(query("SELECT '销售' AS x; SELECT 售, wrong FROM fake; SELECT 1"));
    assert.equal(types(all), "TDCEZ");
    assert.deepEqual([all[3].severity, all[3].code, all[3].position], ["ERROR", "42704", "29"]);
    assert.equal((await w.ask(query("SELECT * FROM pg_class")))[0].code, "0A000");
    assert.match((await w.ask(query("SELECT * FROM pg_class")))[0].hint, /SHOW CUBES/);
    assert.equal((await w.ask(query("COPY x FROM STDIN")))[0].code, "0A000");
    assert.equal((await w.ask(message("Q", Buffer.from([0xff, 0]))))[0].code, "22021");
    assert.equal((await w.ask(message("Q", "no end")))[0].code, "08P01");
    w.end();
  },
  async "cells that cannot be computed are null, with one warning"(s) {
    const w = await connect(s);
    const all = await w.ask(query("SELECT errors FROM fake"));
    assert.equal(types(all), "NTDCZ");
    assert.match(all[0].message, /1 cell could not be computed and is NULL; the first: division of text/);
    assert.deepEqual(all[2].values, [null]);
    w.end();
  },
  async "the session: SET, SHOW, RESET, SELECT of constants"(s) {
    const w = await connect(s);
    const value = async (q) => (await w.ask(query(q))).find((m) => m.type === "D")?.values.map((v) => v?.toString() ?? null).join();
    assert.equal(await value("SHOW TRANSACTION ISOLATION LEVEL"), "read committed");
    assert.equal(await value("SHOW server_version_num"), "150000");
    assert.equal(await value("SELECT current_setting('server_version_num')::int/100 AS version"), "1500");
    assert.equal(await value("select current_schema(), current_user, 1, NULL, 'it''s', -2.5;"), "public,ada,1,,it's,-2.5");
    assert.match(await value("SELECT version()"), /^PostgreSQL 15\.0 \(Patron /);
    assert.equal(types(await w.ask(query("SET application_name = 'x y'"))), "SCZ");
    assert.equal(await value("SHOW application_name"), "x y");
    assert.equal(types(await w.ask(query("RESET application_name"))), "SCZ");
    assert.equal((await w.ask(query("SET client_encoding TO 'LATIN1'")))[0].code, "22023");
    assert.equal((await w.ask(query("SET server_version = '9'")))[0].code, "55P02");
    const unknown = (await w.ask(query("SELECT 1, nonsense()")))[0];
    assert.deepEqual([unknown.code, unknown.position], ["0A000", "11"]);
    assert.equal((await w.ask(query("DISCARD ALL"))).find((m) => m.type === "C").tag, "DISCARD ALL");
    w.end();
  },
  async "transactions: the state is told truly"(s) {
    const w = await connect(s);
    const steps = [
      ["BEGIN", "T"], ["SELECT rows 1 FROM fake", "T"], ["SELECT wrong FROM fake", "E"], ["SELECT 1", "E", "25P02"], ["COMMIT", "I"],
      ["BEGIN READ ONLY", "T"], ["SAVEPOINT a", "T"], ["LOAD x", "E", "25006"], ["ROLLBACK TO a", "T"], ["ROLLBACK", "I"],
      ["SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "I"], ["LOAD x", "I", "25006"], ["BEGIN; SELECT 1", "T"], ["END", "I"],
    ];
    for (const [q, state, code] of steps) {
      const all = await w.ask(query(q));
      assert.equal(all.at(-1).state, state, q);
      if (code) assert.equal(all.find((m) => m.type === "E")?.code, code, q);
    }
    w.end();
    const v = await connect(s);
    const all = await v.ask(query("BEGIN; LOAD x; ROLLBACK"));
    assert.match(all.find((m) => m.type === "N").message, /what this transaction changed stays/);
    v.end();
  },
  async "prepared statements: parameters as text and binary"(s) {
    const w = await connect(s);
    const all = await w.ask(parse("", "SELECT params $1, $2, $3, $4 FROM fake", [0, 25, 23]),
      bind("", "", ["12", "12", i32(7), null], { formats: [0, 0, 1, 0] }), describe("P", ""), execute(""), sync());
    assert.equal(types(all), "12TDCZ");
    assert.deepEqual(all[3].values.map(String), ["12/1", "12/0", "7/1", "null/0"]);
    const code = async (...m) => (await w.ask(...m, sync())).find((x) => x.type === "E")?.code;
    assert.equal(await code(parse("", "SELECT params $1 FROM fake", [23]), bind("", "", ["x"])), "22P02");
    assert.equal(await code(parse("", "SELECT params $1 FROM fake"), bind("", "", [])), "08P01");
    assert.equal(await code(parse("", "SELECT params $1 FROM fake"), bind("", "", [Buffer.from([0xff])])), "22021");
    assert.equal(await code(bind("", "none")), "26000");
    assert.equal(await code(execute("none")), "34000");
    assert.equal(await code(parse("", "SELECT 1; SELECT 2")), "42601");
    assert.equal(await code(parse("", "SELECT syntax FROM fake")), "42601");
    assert.equal(await code(message("B", "short")), "08P01");
    w.end();
  },
  async "binary results"(s) {
    const w = await connect(s);
    const all = await w.ask(parse("", "SELECT types FROM fake"), bind("", "", [], { results: [1] }), describe("P", ""), execute(""), sync());
    assert.ok(all[2].columns.every((c) => c.format === 1));
    assert.deepEqual(all[3].values.map((v) => v.toString("hex")), [
      Buffer.from("销售").toString("hex"), "0000000000041215", "0003000140000002003814760514", "3fe0000000000000", "01",
      "0000001e", "00000000000f4240"]);
    const mixed = await w.ask(bind("", "", [], { results: [1, 0] }), execute(""), sync());
    assert.equal(mixed.find((m) => m.type === "E").code, "08P01"); // 2 formats, 7 columns
    w.end();
  },
  async "after an error everything is skipped up to Sync"(s) {
    const w = await connect(s);
    const all = await w.ask(parse("", "SELECT wrong FROM fake"), bind("", ""), execute(""), parse("a", "SELECT 1"), bind("", "a"), execute(""), sync());
    assert.equal(types(all), "12EZ");
    assert.equal((await w.ask(bind("", "a"), sync()))[0].code, "26000");
    w.end();
  },
  async "portals are read in parts and live as long as their block"(s) {
    const w = await connect(s);
    await w.ask(query("BEGIN"));
    const first = await w.ask(parse("s", "SELECT rows 5 FROM fake"), bind("p", "s"), describe("P", "p"), execute("p", 2), sync());
    assert.equal(types(first), "12TDDsZ");
    assert.equal(types(await w.ask(close("S", "s"), execute("p", 2), sync())), "3DDsZ");
    const last = await w.ask(execute("p", 2), execute("p", 2), sync());
    assert.equal(types(last), "DCCZ");
    assert.deepEqual(last.filter((m) => m.type === "C").map((m) => m.tag), ["SELECT 1", "SELECT 0"]);
    await w.ask(query("COMMIT"));
    assert.equal((await w.ask(execute("p"), sync()))[0].code, "34000");
    w.end();
  },
  async "statements that write run once, when they are executed"(s) {
    const w = await connect(s);
    const all = await w.ask(parse("", "LOAD x"), bind("", ""), describe("P", ""), execute(""), execute(""), sync());
    assert.equal(types(all), "12nCEZ");
    w.end();
  },
  async "columns that change ask the driver to prepare again"(s) {
    const w = await connect(s);
    const all = await w.ask(parse("s", "SELECT changing FROM fake"), describe("S", "s"), bind("", "s"), execute(""), sync());
    assert.equal(types(all), "1tT2EZ");
    assert.deepEqual([all[4].code, all[4].message, all[4].routine], ["0A000", "cached plan must not change result type", "RevalidateCachedQuery"]);
    assert.equal(types(await w.ask(bind("", "s"), describe("P", ""), execute(""), sync())), "2TDCZ");
    w.end();
  },
  async "describing a statement tells parameters and columns"(s) {
    const w = await connect(s);
    const all = await w.ask(parse("s", "SELECT params $1, $2 FROM fake", [23]), describe("S", "s"), sync());
    assert.equal(types(all), "1tTZ");
    assert.deepEqual(all[1].types, [23, 25]);
    assert.deepEqual(all[2].columns.map((c) => c.name), ["1", "2"]);
    assert.equal((await w.ask(parse("s", "SELECT 1"), sync()))[0].code, "42P05");
    assert.equal(types(await w.ask(query("DEALLOCATE s"))), "CZ");
    assert.equal((await w.ask(describe("S", "s"), sync()))[0].code, "26000");
    w.end();
  },
  async "a cancel request stops what runs, but only with the key"(s) {
    const w = await connect(s);
    const cancel = async (pid, key) => { const c = new Wire(s.tcp); c.send(i32(16), i32(80877102), i32(pid), i32(key)); assert.equal(await c.next(), null); };
    await cancel(w.key.pid, w.key.key); // nothing runs: nothing happens
    assert.equal(types(await w.ask(query("SELECT rows 1 FROM fake"))), "TDCZ");
    w.send(query("SELECT sleep FROM fake"));
    await wait(100);
    await cancel(w.key.pid, w.key.key ^ 1);
    let answered = false;
    const answer = w.until().then((all) => { answered = true; return all; });
    await wait(200);
    assert.equal(answered, false);
    await cancel(w.key.pid, w.key.key);
    assert.equal((await answer)[0].code, "57014");
    assert.equal(types(await w.ask(query("SELECT 1"))), "TDCZ");
    w.end();
  },
  async "a client that reads nothing holds up nobody"(s) {
    const slow = await connect(s);
    slow.socket.pause();
    slow.send(query("SELECT rows 3000000 FROM fake"));
    const before = Date.now();
    const w = await connect(s);
    for (let i = 0; i < 50; i++) assert.equal(types(await w.ask(query("SELECT 1"))), "TDCZ");
    assert.ok(Date.now() - before < 5000);
    w.end();
    slow.socket.destroy();
  },
  async "a message longer than allowed ends the connection"(s) {
    const w = await connect(s);
    w.send(Buffer.concat([Buffer.from("Q"), i32(0x7ffffff0)]));
    const all = await w.until();
    assert.deepEqual([all[0].severity, all[0].code, all.length], ["FATAL", "08P01", 1]);
    const v = await connect(s);
    v.send(message("?"));
    assert.equal((await v.until())[0].severity, "FATAL");
  },
};

// ---- tests with a server of their own ----------------------------------------------------

const alone = {
  async "too many clients are told so"() {
    const s = await start("2");
    const a = await connect(s), b = await connect(s);
    const w = new Wire(s.tcp);
    assert.equal((await w.login()).at(-1).code, "53300");
    a.end();
    await wait(200);
    (await connect(s)).end();
    b.end();
    assert.equal(await s.stop(), 0);
  },
  async "an idle client is sent away"() {
    const s = await start("10", "300");
    const w = await connect(s);
    const all = await w.until("none");
    assert.equal(all[0].code, "57P05");
    assert.equal(await s.stop(), 0);
  },
  async "a client that hangs up does not leave its statement running"() {
    const s = await start("1");
    const w = await connect(s);
    w.send(query("SELECT sleep FROM fake"));
    await wait(100);
    w.socket.destroy();
    await wait(1500);
    (await connect(s)).end(); // there is room again
    assert.equal(await s.stop(), 0);
  },
  async "stopping: idle clients at once, statements after their time"() {
    const s = await start();
    const idle = await connect(s), busy = await connect(s);
    busy.send(query("SELECT sleep FROM fake"));
    await wait(100);
    const before = Date.now();
    s.child.kill("SIGTERM");
    assert.equal((await idle.until())[0].code, "57P01");
    assert.ok(Date.now() - before < 2000);
    assert.ok(!fs.existsSync(s.socket.path));
    assert.equal((await busy.until())[0].code, "57014");
    assert.equal(await s.exited, 0, s.log());
    assert.ok(Date.now() - before > 9000);
    await s.stop();
  },
  async "a socket that a dead server left is replaced, a living one is not"() {
    const s = await start();
    s.child.kill("SIGKILL");
    await s.exited;
    assert.ok(fs.existsSync(s.socket.path));
    const again = await launch(s.dir);
    (await connect(again)).end();
    assert.equal(await again.stop(), 0);
  },
};

let failed = 0;
async function run(name, fn, ...args) {
  try {
    await Promise.race([fn(...args), wait(30000).then(() => { throw new Error("no answer within 30 seconds"); })]);
    console.log(`ok   ${name}`);
  } catch (e) {
    failed++;
    console.log(`FAIL ${name}\n${e.stack}`);
  }
}

const only = process.argv[3];
const server = await start();
for (const [name, fn] of Object.entries(tests)) if (!only || name.includes(only)) await run(name, fn, server);
const code = await server.stop();
if (code !== 0) { failed++; console.log(`FAIL the server ended with ${code}\n${server.log()}`); }
for (const [name, fn] of Object.entries(alone)) if (!only || name.includes(only)) await run(name, fn);
console.log(failed ? `${failed} failed` : "all passed");
process.exit(failed ? 1 : 0);
