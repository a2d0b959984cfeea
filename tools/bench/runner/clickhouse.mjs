// ClickHouse as Debian has it: 18.16, of December 2018. A server of its own on loopback that keeps everything in
// OUT/clickhouse, asked over HTTP; one form, a flat table sorted by date.
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { rootDir } from "./options.mjs";
import { bytesOf, run, seconds } from "./process.mjs";
import { flatColumns, joins, tables } from "./tables.mjs";

const server = path.join(rootDir, "build", "bench", "clickhouse", "usr", "sbin", "clickhouse-server");
const library = "clickhouse-common"; // Debian's package of all the code; the server's own would also start a service

// The package's program is unpacked, not installed, so that nothing is started.
async function install() {
  if (existsSync(server)) return;
  const dir = path.join(rootDir, "build", "bench");
  const sudo = process.getuid() === 0 ? [] : ["sudo"];
  const apt = (...args) => run([...sudo, "apt-get"][0], [...[...sudo, "apt-get"].slice(1), ...args]);
  mkdirSync(dir, { recursive: true });
  await apt("update", "-q");
  await apt("install", "-q", "-y", "--no-install-recommends", library);
  await run("apt-get", ["download", "-q", "clickhouse-server"], { cwd: dir });
  const file = readdirSync(dir).find((name) => name.startsWith("clickhouse-server") && name.endsWith(".deb"));
  await run("dpkg-deb", ["-x", path.join(dir, file), path.join(dir, "clickhouse")]);
}

const sqlType = ({ title, kind }) =>
  kind === "text" ? "String" : ["lo_quantity", "lo_discount", "lo_tax", "lo_linenumber"].includes(title) ? "UInt8" : "UInt32";

function freePort() {
  return new Promise((resolve) => {
    const s = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = s.address();
      s.close(() => resolve(port));
    });
  });
}

const config = (dir, port) => `<yandex>
  <logger><level>warning</level><log>${dir}/server.log</log><errorlog>${dir}/errors.log</errorlog></logger>
  <http_port>${port}</http_port><listen_host>127.0.0.1</listen_host><timezone>UTC</timezone>
  <path>${dir}/data/</path><tmp_path>${dir}/tmp/</tmp_path><mark_cache_size>1073741824</mark_cache_size>
  <users_config>users.xml</users_config><default_profile>default</default_profile>
  <default_database>default</default_database>
</yandex>`;

const users = (threads) => `<yandex>
  <profiles><default><max_threads>${threads}</max_threads><max_memory_usage>0</max_memory_usage>
    <allow_experimental_low_cardinality_type>1</allow_experimental_low_cardinality_type></default></profiles>
  <users><default><password></password><networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile><quota>default</quota></default></users>
  <quotas><default></default></quotas>
</yandex>`;

// A table of the star as the right side of a join: its key under the name of the fact's column.
const joined = (table) => {
  const [fact, key] = joins[table];
  return `(SELECT ${key} AS ${fact}, ${flatColumns[table].join(", ")} FROM ${table}) USING ${fact}`;
};

export class ClickHouse {
  name = "clickhouse";
  #options;
  #dir;
  #port;
  #child;
  #ended;
  #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

  constructor(options) {
    this.#options = options;
    this.#dir = path.join(options.out, "clickhouse");
  }

  async version() {
    await this.open();
    return `ClickHouse ${(await this.#post("SELECT version()")).toString().trim()} (Debian's, of 2018)`;
  }

  #post(sql, { settings = {}, body } = {}) {
    const query = new URLSearchParams({ ...settings, ...(body ? { query: sql } : {}) });
    return new Promise((resolve, reject) => {
      const request = http.request({ host: "127.0.0.1", port: this.#port, method: "POST", agent: this.#agent, path: `/?${query}` }, (answer) => {
        const bytes = [];
        answer.on("data", (b) => bytes.push(b));
        answer.on("end", () => {
          const all = Buffer.concat(bytes);
          if (answer.statusCode === 200) resolve(all);
          else reject(new Error(`ClickHouse: ${all.toString().slice(0, 500)}`));
        });
      });
      request.on("error", reject);
      if (body) body.pipe(request);
      else request.end(sql);
    });
  }

  async open() {
    if (this.#child) return;
    await install();
    this.#port = await freePort();
    for (const name of ["data", "tmp"]) mkdirSync(path.join(this.#dir, name), { recursive: true });
    writeFileSync(path.join(this.#dir, "config.xml"), config(this.#dir, this.#port));
    writeFileSync(path.join(this.#dir, "users.xml"), users(this.#options.threads));
    this.#child = spawn(server, [`--config-file=${this.#dir}/config.xml`], { cwd: this.#dir, stdio: "ignore" });
    let hasEnded = false;
    this.#ended = new Promise((resolve) => this.#child.on("exit", resolve)).then(() => (hasEnded = true));
    for (let i = 0; i < 300; i++) {
      if (hasEnded) throw new Error(`ClickHouse did not start: see ${this.#dir}/errors.log`);
      const isUp = await this.#post("SELECT 1").then(() => true, () => false);
      if (isUp) return;
      await sleep(100);
    }
    throw new Error("ClickHouse does not answer");
  }

  async load(data) {
    await this.close();
    rmSync(this.#dir, { recursive: true, force: true });
    await this.open();
    const from = performance.now();
    for (const [table, columns] of Object.entries(tables)) await this.#loadTable(table, columns, data.files[table]);
    const star = { seconds: seconds(from), bytes: bytesOf(path.join(this.#dir, "data")) };
    await this.#makeFlat();
    return { clickhouse_star: star, clickhouse_flat: { seconds: seconds(from), bytes: bytesOf(path.join(this.#dir, "data", "data", "flat")) } };
  }

  async #loadTable(table, columns, { file, delimiter, isIso }) {
    const isText = (c) => c.kind === "key" && isIso;
    const key = table === "lineorder" ? "(lo_orderdate, lo_orderkey)" : columns[0].title;
    const typed = (c) => `${c.title} ${sqlType(c)}`;
    await this.#post(`CREATE TABLE ${table} (${columns.map(typed).join(", ")}) ENGINE = MergeTree ORDER BY ${key}`);
    const insert = (to) => this.#post(`INSERT INTO ${to} FORMAT CSV`, { settings: { format_csv_delimiter: delimiter }, body: createReadStream(file) });
    if (!isIso) return insert(table);
    await this.#post(`CREATE TABLE raw (${columns.map((c) => (isText(c) ? `${c.title} String` : typed(c))).join(", ")}) ENGINE = Log`);
    await insert("raw");
    const values = columns.map((c) => (isText(c) ? `toUInt32(replaceAll(${c.title}, '-', ''))` : c.title));
    await this.#post(`INSERT INTO ${table} SELECT ${values.join(", ")} FROM raw`);
    return this.#post("DROP TABLE raw");
  }

  async #makeFlat() {
    const texts = Object.values(flatColumns).flat();
    const flatType = (title) => (title.startsWith("d_") && title !== "d_yearmonth" ? "UInt32" : "LowCardinality(String)");
    const columns = [...tables.lineorder.map((c) => `${c.title} ${c.kind === "text" ? "LowCardinality(String)" : sqlType(c)}`),
                     ...texts.map((title) => `${title} ${flatType(title)}`)];
    const source = Object.keys(joins).reduce((inner, table) => `(SELECT * FROM ${inner} ANY INNER JOIN ${joined(table)})`, "lineorder");
    await this.#post("CREATE DATABASE flat");
    await this.#post(`CREATE TABLE flat.lineorder_flat (${columns.join(", ")}) ENGINE = MergeTree ORDER BY (lo_orderdate, lo_orderkey)`);
    const names = [...tables.lineorder.map((c) => c.title), ...texts].join(", ");
    await this.#post(`INSERT INTO flat.lineorder_flat SELECT ${names} FROM ${source}`);
    await this.#post("OPTIMIZE TABLE flat.lineorder_flat FINAL");
  }

  forms = [{
    id: "clickhouse_flat",
    ask: async (question) => {
      const sql = `${question.sql("flat", "clickhouse").trimEnd()} FORMAT JSONCompact`;
      const answer = JSON.parse(await this.#post(sql, { settings: { database: "flat" } }));
      return { ms: answer.statistics.elapsed * 1000, table: () => answer.data };
    },
  }];

  async close() {
    if (!this.#child) return;
    const child = this.#child;
    this.#child = null;
    this.#agent.destroy();
    child.kill("SIGTERM");
    await this.#ended;
  }
}
