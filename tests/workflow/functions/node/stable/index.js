// The version that serves before a release: a CommonJS module whose handler calls back.
exports.handler = (event, context, callback) => callback(null, { ok: true, build: "stable" });
