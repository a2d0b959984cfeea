// A copy of a warehouse, served, and connections to it.
import { spawn } from "node:child_process";
import { copyFileSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";

import { run } from "./process.mjs";
import { query, Wire } from "./wire.mjs";

const password = "secret";

// Segments and versions of dimensions are never written again, so the copy may share them.
export function copyWarehouse(from, to) {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name), copy = path.join(to, entry.name);
    if (entry.isFile() && entry.name !== "catalog.mdb-lock") copyFileSync(source, copy);
    if (!entry.isDirectory()) continue;
    mkdirSync(copy);
    for (const name of readdirSync(source)) linkSync(path.join(source, name), path.join(copy, name));
  }
}

export class Connection {
  #wire;

  constructor(wire) {
    this.#wire = wire;
  }

  async ask(text) {
    return this.#wire.ask(query(text));
  }

  // For statements of which only success matters.
  async execute(text) {
    const failure = (await this.ask(text)).find((m) => m.type === "E");
    if (failure) throw new Error(`${text}: ${failure.message}`);
  }

  close() {
    this.#wire.end();
  }
}

export class Server {
  #child;
  #port;
  #connections = [];

  static async start(patron, db, threads) {
    await run(patron, ["user", "add", "ada", "--db", db, "--quiet"], { input: `${password}\n` });
    const server = new Server();
    const child = spawn(patron, ["serve", "--db", db, "--host", "127.0.0.1", "--port", "0", "--socket", "", "--threads", String(threads)],
                        { stdio: ["ignore", "pipe", "pipe"] });
    server.#child = child;
    let said = "";
    server.#port = await new Promise((resolve, reject) => {
      const listen = (bytes) => {
        said += bytes;
        const port = said.match(/127\.0\.0\.1:(\d+)/);
        if (port) resolve(Number(port[1]));
      };
      child.stdout.on("data", listen);
      child.stderr.on("data", listen);
      child.on("error", reject);
      child.on("close", (status) => reject(new Error(`the server ended (${status}): ${said}`)));
    });
    return server;
  }

  async connect(settings) {
    const wire = new Wire({ host: "127.0.0.1", port: this.#port });
    const last = (await wire.login({ user: "ada" }, password)).at(-1);
    if (last?.type !== "Z") throw new Error(`cannot log in: ${last?.message ?? "the connection was closed"}`);
    const connection = new Connection(wire);
    this.#connections.push(connection);
    for (const setting of settings) await connection.execute(`SET ${setting}`);
    return connection;
  }

  // The most memory that it used, in bytes, files it maps included.
  memory() {
    return Number(readFileSync(`/proc/${this.#child.pid}/status`, "utf8").match(/VmHWM:\s+(\d+)/)?.[1] ?? 0) * 1024;
  }

  async stop() {
    for (const connection of this.#connections.splice(0)) connection.close();
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.on("close", resolve));
    this.#child.kill("SIGTERM");
    await ended;
  }
}
