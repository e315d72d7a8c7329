// Sends a user to the function URL of the stable alias, or to that of the canary, as tidegate_route decides.
// A CloudFront Function of runtime 2.0 for viewer requests, with a key value store; docs/clients.md describes its use.
import cf from 'cloudfront';
import crypto from 'crypto';

const FUNCTION = 'orders'; // the key of its document in the store
const CANARY = 'canary'; // the id of the origin of the canary; the behaviour's own origin is that of stable
const COOKIE = '__Host-tidegate';

function sha256(text) {
  return crypto.createHash('sha256').update(text).digest('hex');
}

// Without BigInt, which this runtime lacks: both products are exact below 2^53.
function position(salt, key) {
  const hash = sha256(salt + ':' + key);
  const high = parseInt(hash.slice(0, 8), 16);
  const low = parseInt(hash.slice(8, 16), 16);
  return Math.floor((high * 10000 + Math.floor((low * 10000) / 4294967296)) / 4294967296);
}

function checked(document) {
  const percent = document.percent;
  const right = typeof percent === 'number' && percent >= 0 && percent <= 100 && typeof document.salt === 'string';
  if (document.schema !== 1 || !right || !Array.isArray(document.always) || !Array.isArray(document.never)) {
    throw new Error('the document is not understood');
  }
  return document;
}

// The channel, and for a decision by position its mark, with which the library counts it.
function decided(document, key) {
  if (document.always.indexOf(key) >= 0) return { channel: 'canary', mark: '' };
  if (document.never.indexOf(key) >= 0) return { channel: 'stable', mark: '' };
  const inside = position(document.salt, key) < Math.round(document.percent * 100);
  const mark = ';' + FUNCTION + '.chance=' + document.percent + '@' + sha256('tidegate:' + document.salt).slice(0, 8);
  return { channel: inside ? 'canary' : 'stable', mark: mark };
}

async function handler(event) {
  const request = event.request;
  delete request.headers['tidegate-override']; // what a client claims is not trusted: below, only this function speaks
  delete request.headers.baggage;
  const cookie = request.cookies[COOKIE];
  if (!cookie || !/^[0-9a-f]{16}$/.test(cookie.value)) return request;
  let baggage = 'tidegate=' + cookie.value;
  try {
    const document = checked(await cf.kvs().get(FUNCTION, { format: 'json' }));
    const found = decided(document, cookie.value);
    if (found.channel === 'canary') cf.selectRequestOriginById(CANARY);
    baggage += ';' + FUNCTION + '=' + found.channel + found.mark;
  } catch (error) {
    console.log('stable: ' + error);
  }
  request.headers.baggage = { value: baggage };
  return request;
}
