// Does Node.js find the same files as lambdapack?
//
// node --experimental-import-meta-resolve compare.mjs PRINT_RESOLVED FOLDER…: for every literal specifier of every
// script below a folder, both ways: createRequire(script).resolve(specifier) and import.meta.resolve(specifier, script),
// the way in which the script itself asks does not matter. Where Node.js throws, the error's code must be the one that
// lambdapack's outcome stands for.

import { execFileSync } from 'node:child_process'
import { realpathSync, statSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const [printResolved, ...folders] = process.argv.slice(2)

const OUTCOMES = {
  MODULE_NOT_FOUND: '<not found>',
  ERR_MODULE_NOT_FOUND: '<not found>',
  ERR_PACKAGE_PATH_NOT_EXPORTED: '<not exported>',
  ERR_PACKAGE_IMPORT_NOT_DEFINED: '<not imported>',
  ERR_UNSUPPORTED_DIR_IMPORT: '<folder>',
  ERR_INVALID_MODULE_SPECIFIER: '<invalid>',
  ERR_INVALID_PACKAGE_TARGET: '<invalid>',
  ERR_INVALID_PACKAGE_CONFIG: '<invalid>',
  ERR_INVALID_ARG_VALUE: '<invalid>',
}

function outcome (error) {
  return OUTCOMES[error.code] ?? `<${error.code ?? error.message}>`
}

function required (requireFrom, specifier) {
  try {
    const found = requireFrom.resolve(specifier)
    return isBuiltin(found) ? '<built-in>' : found
  } catch (error) {
    return outcome(error)
  }
}

// import.meta.resolve gives an address also where nothing is.
function imported (script, specifier) {
  try {
    const found = import.meta.resolve(specifier, pathToFileURL(script).href)
    if (found.startsWith('node:')) return '<built-in>'
    if (!found.startsWith('file:')) return '<unknown>'
    const path = fileURLToPath(found)
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat?.isDirectory()) return '<folder>'
    return stat?.isFile() ? realpathSync(path) : '<not found>'
  } catch (error) {
    return outcome(error)
  }
}

let wrong = 0
const counts = { scripts: 0, specifiers: 0, compared: 0, files: 0, refused: 0, unknown: 0 }
for (const folder of folders.map(one => realpathSync(one))) {
  const within = path => path.startsWith('/') ? relative(folder, path) : path
  let script = null
  let requireFrom = null
  const lines = execFileSync(printResolved, [folder], { maxBuffer: 1 << 30, encoding: 'utf8' }).trimEnd().split('\n')
  for (const line of lines) {
    const ours = JSON.parse(line)
    if (ours.script !== script) {
      script = ours.script
      requireFrom = createRequire(join(folder, script))
      ++counts.scripts
    }
    ++counts.specifiers
    const theirs = { require: required(requireFrom, ours.specifier), import: imported(join(folder, script), ours.specifier) }
    for (const how of ['require', 'import']) {
      if (ours[how] === '<unknown>') {  // what lies outside, and what lambdapack does not judge
        ++counts.unknown
        continue
      }
      ++counts.compared
      ++counts[theirs[how].startsWith('<') ? 'refused' : 'files']
      if (within(theirs[how]) === ours[how]) continue
      ++wrong
      console.log(`${script}: ${how} ${ours.specifier}: Node.js has ${within(theirs[how])}, lambdapack ${ours[how]}`)
    }
  }
}
console.log(JSON.stringify(counts))
process.exitCode = wrong > 0 || counts.files < 10000 || counts.unknown * 100 > counts.compared ? 1 : 0
