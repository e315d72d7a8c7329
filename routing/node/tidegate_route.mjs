// The positions and documents of tidegate_route for callers in Node.js; routing/vectors.json tests both alike.
import { createHash } from "node:crypto";

const POSITIONS = 10000n;

/** Returns the 16 hexadecimal digits that stand for a user. */
export function pseudonym(user) {
  return createHash("sha256").update("tidegate:" + user, "utf8").digest("hex").slice(0, 16);
}

/** Returns a place from 0 to 9,999: the first 8 bytes of SHA-256("SALT:KEY"), big-endian, scaled. */
export function position(salt, key) {
  const first = createHash("sha256").update(`${salt}:${key}`, "utf8").digest().readBigUInt64BE(0);
  return Number((first * POSITIONS) >> 64n);
}

/** Reads a document (plain data); throws if this version cannot. */
export function parse(item) {
  const refuse = (name) => { throw new TypeError(`${name} is not understood: ${JSON.stringify(item?.[name])}`); };
  if (item?.schema !== 1) refuse("schema");
  for (const name of ["salt", "stable", "canary"]) if (typeof item[name] !== "string" || !item[name]) refuse(name);
  if (typeof item.percent !== "number" || !(item.percent >= 0 && item.percent <= 100)) refuse("percent");
  for (const name of ["always", "never"]) if (!Array.isArray(item[name] ?? [])) refuse(name);
  return { always: [], never: [], ...item };
}

/** Returns "canary" or "stable" for a pseudonym (or null) by a parsed document. */
export function channel(document, key) {
  if (key === null || key === undefined) return "stable";
  if (document.always.includes(key)) return "canary";
  if (document.never.includes(key)) return "stable";
  return position(document.salt, key) < Math.round(document.percent * 100) ? "canary" : "stable";
}

/** Returns the alias for a user: that of the stable version whenever the document is missing or not understood. */
export function qualifier(item, user, stable = "live") {
  try {
    const document = parse(item);
    return document[channel(document, user ? pseudonym(String(user)) : null)];
  } catch {
    return stable;
  }
}
