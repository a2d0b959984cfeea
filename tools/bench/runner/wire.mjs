// A client of PostgreSQL's protocol, byte by byte: for measuring, and for tests that a driver would not let us write.
import crypto from "node:crypto";
import net from "node:net";

export const text = (s) => Buffer.from(s + "\0");
export const i16 = (n) => { const b = Buffer.alloc(2); b.writeUInt16BE(n & 0xffff); return b; };
export const i32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n >>> 0); return b; };
export const message = (type, ...parts) => {
  const body = Buffer.concat(parts.map((p) => (typeof p === "string" ? Buffer.from(p) : p)));
  return Buffer.concat([Buffer.from(type), i32(body.length + 4), body]);
};

// Messages of the extended protocol.
export const parse = (name, query, types = []) =>
  message("P", text(name), text(query), i16(types.length), ...types.map(i32));
export const bind = (portal, statement, values = [], { formats = [], results = [] } = {}) =>
  message("B", text(portal), text(statement), i16(formats.length), ...formats.map(i16), i16(values.length),
    ...values.flatMap((v) => (v === null ? [i32(-1)] : [i32(Buffer.from(v).length), Buffer.from(v)])),
    i16(results.length), ...results.map(i16));
export const describe = (kind, name) => message("D", kind, text(name));
export const execute = (portal, max = 0) => message("E", text(portal), i32(max));
export const close = (kind, name) => message("C", kind, text(name));
export const sync = () => message("S");
export const query = (q) => message("Q", text(q));

export function startup(params, version = 196608) {
  const body = Buffer.concat([i32(version), ...Object.entries(params).flatMap(([k, v]) => [text(k), text(v)]), Buffer.from([0])]);
  return Buffer.concat([i32(body.length + 4), body]);
}

// A message of the server as an object.
function decode(type, body) {
  const z = (at) => body.toString("utf8", at, body.indexOf(0, at));
  switch (type) {
    case "E":
    case "N": {
      const fields = {};
      for (let at = 0; body[at]; ) {
        const value = z(at + 1);
        fields[String.fromCharCode(body[at])] = value;
        at += 2 + Buffer.byteLength(value);
      }
      return { type, severity: fields.S, code: fields.C, message: fields.M, hint: fields.H, position: fields.P, routine: fields.R };
    }
    case "R": return { type, kind: body.readInt32BE(0), data: body.subarray(4) };
    case "S": { const name = z(0); return { type, name, value: z(Buffer.byteLength(name) + 1) }; }
    case "K": return { type, pid: body.readInt32BE(0), key: body.readUInt32BE(4) };
    case "Z": return { type, state: String.fromCharCode(body[0]) };
    case "C": return { type, tag: z(0) };
    case "t": return { type, types: Array.from({ length: body.readUInt16BE(0) }, (_, i) => body.readUInt32BE(2 + 4 * i)) };
    case "T": {
      const columns = [];
      for (let at = 2; at < body.length; ) {
        const name = z(at);
        at += Buffer.byteLength(name) + 1;
        columns.push({ name, oid: body.readUInt32BE(at + 6), size: body.readInt16BE(at + 10), format: body.readUInt16BE(at + 16) });
        at += 18;
      }
      return { type, columns };
    }
    case "D": {
      const values = [];
      for (let at = 2; at < body.length; ) {
        const n = body.readInt32BE(at);
        values.push(n < 0 ? null : body.subarray(at + 4, at + 4 + n));
        at += 4 + Math.max(n, 0);
      }
      return { type, values };
    }
    default: return { type, body };
  }
}

export class Wire {
  #buffer = Buffer.alloc(0);
  #messages = [];
  #waiting = null;
  ended = false;

  constructor(where) {
    this.socket = net.connect(where);
    this.socket.on("data", (d) => { this.#buffer = Buffer.concat([this.#buffer, d]); if (!this.raw) this.#split(); this.#wake(); });
    this.socket.on("error", () => {});
    this.socket.on("close", () => { this.ended = true; this.#wake(); });
  }
  #split() {
    while (this.#buffer.length >= 5) {
      const n = this.#buffer.readInt32BE(1) + 1;
      if (this.#buffer.length < n) return;
      this.#messages.push(decode(String.fromCharCode(this.#buffer[0]), this.#buffer.subarray(5, n)));
      this.#buffer = this.#buffer.subarray(n);
    }
  }
  #wake() { const w = this.#waiting; this.#waiting = null; w?.(); }
  send(...parts) { this.socket.write(Buffer.concat(parts)); }

  // The next message; null when the connection is closed.
  async next() {
    for (;;) {
      if (this.#messages.length) return this.#messages.shift();
      if (this.ended) return null;
      await new Promise((r) => { this.#waiting = r; });
    }
  }
  // All messages up to ReadyForQuery or the end of the connection.
  async until(type = "Z") {
    const all = [];
    for (let m; (m = await this.next()); ) { all.push(m); if (m.type === type) break; }
    return all;
  }
  // One byte that is no message: the answer to a question for encryption.
  async byte() {
    this.raw = true;
    while (!this.#buffer.length && !this.ended) await new Promise((r) => { this.#waiting = r; });
    const b = String.fromCharCode(this.#buffer[0]);
    this.#buffer = this.#buffer.subarray(1);
    this.raw = false;
    return b;
  }
  async ask(...parts) { this.send(...parts); return this.until(); }
  end() { this.socket.end(); }

  // SCRAM-SHA-256; all messages from the first to ReadyForQuery, or to the error.
  async login(params = {}, password = "secret", version = 196608) {
    const hmac = (key, data) => crypto.createHmac("sha256", key).update(data).digest();
    const nonce = crypto.randomBytes(12).toString("base64");
    this.send(startup({ user: "ada", ...params }, version));
    const all = [];
    let proved, first;
    for (let m; (m = await this.next()); ) {
      all.push(m);
      if (m.type === "Z" || m.type === "E") break;
      if (m.type !== "R") continue;
      if (m.kind === 10) {
        const data = `n,,n=,r=${nonce}`;
        this.send(message("p", text("SCRAM-SHA-256"), i32(data.length), data));
      } else if (m.kind === 11) {
        first = m.data.toString();
        const { r, s, i } = Object.fromEntries(first.split(",").map((p) => [p[0], p.slice(2)]));
        const salted = crypto.pbkdf2Sync(password, Buffer.from(s, "base64"), Number(i), 32, "sha256");
        const auth = `n=,r=${nonce},${first},c=biws,r=${r}`;
        const key = hmac(salted, "Client Key");
        const signature = hmac(crypto.createHash("sha256").update(key).digest(), auth);
        proved = hmac(hmac(salted, "Server Key"), auth).toString("base64");
        this.salt = s;
        this.send(message("p", `c=biws,r=${r},p=${Buffer.from(key.map((b, k) => b ^ signature[k])).toString("base64")}`));
      } else if (m.kind === 12 && m.data.toString() !== `v=${proved}`) {
        throw new Error("the server does not know the password");
      }
    }
    return all;
  }
}
