/*
 * The runtime of Node.js functions: loads the handler and serves invocations by the Lambda Runtime API.
 *
 * Started by exec_launcher.py in the folder of the code; its argument is the file of the clock (function_clock.py).
 * What a function sees of it follows aws/aws-lambda-nodejs-runtime-interface-client: the order in which files are
 * looked for, names of errors, lines of the log, and what ends an invocation.
 */

import { existsSync, openSync, readFileSync, readSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { format, types } from "node:util";

const { env } = process;
const require = createRequire(path.join(process.cwd(), "/"));
const logsJson = env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === "JSON";
const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

let requestId; // of the invocation that is served, or was served last
let atEmptyLoop = () => {}; // called when nothing is left to wait for

// What time it is.

const RealDate = Date;
const clockFile = openSync(process.argv[2], "r");
const shared = Buffer.alloc(32);

function readClock() {
  readSync(clockFile, shared, 0, shared.length, 0);
  const [moment, origin, factor, leapt] = [0, 8, 16, 24].map((offset) => shared.readDoubleLE(offset));
  return { moment, origin, factor, leapt };
}

function emulated() {
  const { moment, origin, factor } = readClock();
  return Math.floor((moment + (Number(process.hrtime.bigint()) / 1e9 - origin) * factor) * 1000);
}

const realNow = RealDate.now;
/** Milliseconds by the clock of time-outs: real time, with what was leapt over. */
const lived = () => realNow() + readClock().leapt * 1000;

function tellEmulatedTime() {
  RealDate.now = emulated;
  globalThis.Date = new Proxy(RealDate, {
    apply: () => new RealDate(emulated()).toString(),
    construct: (target, given, made) => Reflect.construct(target, given.length ? given : [emulated()], made),
  });
  RealDate.prototype.constructor = globalThis.Date;
}

// The log.

function loggable(error) {
  if (!(error instanceof Error)) return error;
  const { name, message, code, stack } = error;
  return { errorType: name, errorMessage: message, code, ...error, stack: stack?.split("\n") };
}

function structured(value) {
  if (!(value instanceof Error)) return value;
  const { constructor, message, stack } = value;
  return { errorType: constructor?.name, errorMessage: message, stackTrace: stack?.split("\n"), ...value };
}

function jsonLine(level, given) {
  const line = { timestamp: new Date().toISOString(), level, requestId };
  if (given.length === 1) return JSON.stringify({ ...line, message: given[0] }, (_, value) => structured(value));
  const error = given.find((each) => each instanceof Error);
  return JSON.stringify({ ...line, message: format(...given), ...(error && structured(error)) });
}

function log(level, given) {
  const text = () => `${new Date().toISOString()}\t${requestId}\t${level}\t${format(...given)}`;
  const line = logsJson ? jsonLine(level, given) : text();
  process.stdout.write(`${line.replaceAll("\n", "\r")}\n`); // one message is one event: see log.py
}

function takeOverConsole() {
  const least = LEVELS.indexOf(env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase());
  LEVELS.forEach((level, index) => {
    console[level.toLowerCase()] = index >= least ? (...given) => log(level, given) : () => {};
  });
  console.log = console.info;
}

function logError(title, error) {
  const known = error instanceof Error ? error : new Error(error);
  if (logsJson) console.error(known);
  else console.error(title, `\t${JSON.stringify(known, (_, value) => loggable(value))}`);
}

// The Runtime API.

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, resource, document = "") {
  const [hostname, port] = env.AWS_LAMBDA_RUNTIME_API.split(":");
  const headers = method === "POST" ? { "Content-Length": Buffer.byteLength(document) } : {};
  return new Promise((resolve, reject) => {
    const asked = http.request({ agent, hostname, port, method, headers, path: `/2018-06-01/runtime/${resource}` });
    asked.on("error", reject).on("response", async (response) => {
      const pieces = [];
      for await (const piece of response) pieces.push(piece);
      resolve({ headers: response.headers, body: Buffer.concat(pieces).toString() });
    });
    asked.end(document);
  });
}

function failure(error) {
  if (types.isNativeError(error) || (error?.name && error.message && error.stack)) {
    return { errorType: error.name, errorMessage: error.message, trace: error.stack.split("\n") };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function fault(kind, cause) {
  const error = new Error(String(cause));
  Object.defineProperty(error, "name", { value: `Runtime.${kind}` });
  return error;
}

// The handler.

function isModule(file) {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const described = path.join(folder, "package.json");
    if (existsSync(described)) return JSON.parse(readFileSync(described)).type === "module";
    if (folder.endsWith("/node_modules") || folder === "/") return false;
  }
}

async function loadModule(folder, name) {
  const file = path.resolve(folder, name);
  if (existsSync(file)) return require(file);
  if (existsSync(`${file}.js`)) return isModule(`${file}.js`) ? import(pathToFileURL(`${file}.js`)) : require(`${file}.js`);
  if (existsSync(`${file}.mjs`)) return import(pathToFileURL(`${file}.mjs`));
  if (existsSync(`${file}.cjs`)) return require(`${file}.cjs`);
  return require(require.resolve(name, { paths: [process.cwd(), folder] }));
}

async function loadHandler(written) {
  const parts = path.basename(written).match(/^([^.]*)\.(.*)$/);
  if (written.includes("..") || !parts) throw fault("MalformedHandlerName", "Bad handler");
  let found;
  try {
    found = await loadModule(path.dirname(written), parts[1]);
  } catch (error) {
    if (error instanceof SyntaxError) throw fault("UserCodeSyntaxError", error);
    throw error?.code === "MODULE_NOT_FOUND" ? fault("ImportModuleError", error) : error;
  }
  const handler = parts[2].split(".").reduce((nested, key) => nested?.[key], found);
  if (!handler) throw fault("HandlerNotFound", `${written} is undefined or not exported`);
  if (typeof handler !== "function") throw fault("HandlerNotFound", `${written} is not a function`);
  return handler;
}

// Invocations.

function contextOf(headers) {
  const clientContext = headers["lambda-runtime-client-context"];
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: clientContext && JSON.parse(clientContext),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: requestId,
    getRemainingTimeInMillis: () => Math.floor(deadline - lived()),
  };
}

/** Calls the handler; the promise settles when the invocation is over, however the handler says so. */
function run(handler, event, context) {
  return new Promise((resolve, reject) => {
    const whenEmpty = (settle) => (atEmptyLoop = () => setImmediate(settle));
    context.succeed = resolve;
    context.fail = (error) => reject(error ?? "handled");
    context.done = (error, result) => (error == null ? resolve(result) : reject(error));
    const callback = (error, result) => {
      if (error != null || !context.callbackWaitsForEmptyEventLoop) context.done(error, result);
      else whenEmpty(() => resolve(result));
    };
    const isAsync = handler.constructor.name === "AsyncFunction";
    // A promise that nothing will settle any more, or a callback that was never called.
    whenEmpty(() => (isAsync ? reject(fault("NodeJsExit", UNSETTLED)) : resolve(null)));
    const returned = handler(event, context, callback);
    if (typeof returned?.then === "function") returned.then(resolve, reject);
  });
}

const UNSETTLED =
  "Node.js had nothing left to do before the invocation was over: a promise was never settled, most likely.";

async function serveOne(handler) {
  await new Promise(setImmediate); // a rejection at init is told first
  const { headers, body } = await call("GET", "invocation/next");
  requestId = headers["lambda-runtime-aws-request-id"];
  env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
  const invocation = `invocation/${requestId}`;
  reportFatal = (error) => call("POST", `${invocation}/error`, JSON.stringify(failure(error)));
  try {
    const result = await run(handler, JSON.parse(body), contextOf(headers));
    await call("POST", `${invocation}/response`, JSON.stringify(result) ?? "null");
  } catch (error) {
    logError("Invoke Error", error);
    await call("POST", `${invocation}/error`, JSON.stringify(failure(error)));
  } finally {
    atEmptyLoop = () => {};
    reportFatal = async () => {}; // what goes wrong between invocations ends the process, and is nobody's answer
  }
}

let reportFatal = (error) => call("POST", "init/error", JSON.stringify(failure(error)));

async function end(title, error, status) {
  logError(title, error);
  await reportFatal(error).catch(() => {});
  process.exit(status);
}

process.on("beforeExit", () => atEmptyLoop());
process.on("uncaughtException", (error) => end("Uncaught Exception", error, 129));
process.on("unhandledRejection", (reason) => {
  const error = Object.assign(fault("UnhandledPromiseRejection", reason), { reason });
  end("Unhandled Promise Rejection", error, 128);
});

tellEmulatedTime();
takeOverConsole();
try {
  const handler = await loadHandler(env._HANDLER);
  for (;;) await serveOne(handler);
} catch (error) {
  end("Uncaught Exception", error, 129);
}
