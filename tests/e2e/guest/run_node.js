// Does a Node package still do its work? Runs inside the sandbox: requires every package it is told to, from the
// function's folder, then calls the handler. The last line of its output is JSON:
// {"modules": {NAME: error or ""}, "response": what the handler returned}.
"use strict";

const { createRequire } = require("module");
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

async function main() {
  const asked = JSON.parse(process.argv[2]);
  const modules = Object.fromEntries(asked.modules.map((name) => [name, tryRequire(name)]));
  const [file, name] = process.env._HANDLER.split(".");
  const response = await requireFromTask(path.join(task, file))[name](asked.event);
  console.log("\n" + JSON.stringify({ modules, response }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
