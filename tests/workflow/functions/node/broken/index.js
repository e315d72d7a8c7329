// Cannot be loaded.
require("a-module-that-nobody-installed");

exports.handler = async () => ({ ok: true });
