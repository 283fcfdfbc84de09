// Does what lambdapack calls missing really keep Node.js from starting?
//
// node missing.mjs PRINT_MISSING FOLDER: FOLDER is a node_modules from which packages and files were taken away. For
// each package of which lambdapack says that something is missing, its main file is imported in a process of its own,
// which must fail for want of a module.

import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [printMissing, folder] = process.argv.slice(2)
const lines = execFileSync(printMissing, [folder], { maxBuffer: 1 << 30, encoding: 'utf8' }).trimEnd().split('\n')
const mains = new Map(lines.map(line => JSON.parse(line)).map(one => [one.main, one.missing]))
const broken = [...mains].filter(([, missing]) => missing.length > 0)
let wrong = 0
for (const [main, missing] of broken) {
  const code = `import(${JSON.stringify(pathToFileURL(join(folder, main)).href)})
    .then(() => console.log('LOADED'), error => console.log(error.code))`
  const { stdout } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8', timeout: 30000 })
  if (/^(ERR_)?MODULE_NOT_FOUND|^ERR_PACKAGE_PATH_NOT_EXPORTED/m.test(stdout)) continue
  ++wrong
  console.log(`${main}: lambdapack misses ${JSON.stringify(missing)}, Node.js says ${stdout.trim()}`)
}
console.log(JSON.stringify({ mains: mains.size, broken: broken.length, wrong }))
process.exitCode = wrong > 0 || broken.length < 30 ? 1 : 0
