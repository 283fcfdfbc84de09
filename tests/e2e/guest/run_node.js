// Does a Node package still do its work? Runs inside the sandbox: requires every package it is told to, from the
// function's folder, then calls the handler. The last line of its output is JSON:
// {"modules": {NAME: error or ""}, "response": what the handler returned, "loaded": the files in the require cache,
// "init_ms": how long loading the handler took}.
"use strict";

const { createRequire } = require("module");
const fs = require("fs");
const path = require("path");

const task = process.env.LAMBDA_TASK_ROOT;
const requireFromTask = createRequire(path.join(task, "index.js"));

function tryRequire(name) {
  try {
    requireFromTask(name);
    return "";
  } catch (error) {
    return String(error);
  }
}

// Lambda takes index.mjs where there is no index.js.
function load(place) {
  return fs.existsSync(place + ".mjs") ? import(place + ".mjs") : requireFromTask(place);
}

async function main() {
  const asked = JSON.parse(process.argv[2]);
  const modules = Object.fromEntries(asked.modules.map((name) => [name, tryRequire(name)]));
  const [file, name] = process.env._HANDLER.split(".");
  const start = process.hrtime.bigint();
  const handler = (await load(path.join(task, file)))[name];
  const init_ms = Number(process.hrtime.bigint() - start) / 1e6;
  const alive = setInterval(() => {}, 1000); // as on Lambda, where the runtime waits for the next event
  const response = await handler(asked.event);
  clearInterval(alive);
  const loaded = Object.keys(requireFromTask.cache).sort();
  console.log("\n" + JSON.stringify({ modules, response, init_ms, loaded }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
