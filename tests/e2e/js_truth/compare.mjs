// Do es-module-lexer, cjs-module-lexer and acorn find the same imports as lambdapack?
//
// node compare.mjs PRINT_IMPORTS FOLDER: every JavaScript file below FOLDER is read by all four. What the three are
// asked:
// - es-module-lexer: all imports, in their order, of every file that it takes.
// - cjs-module-lexer: that lambdapack has every require() that it lists as a reexport.
// - acorn: all calls require("x") and require.resolve("x"), in their order, of every file that it parses; and how many
//   string constants it has that could be module specifiers.
// A file that none of them takes says nothing; a file that one takes must be `whole` for lambdapack.

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [printImports, folder] = process.argv.slice(2)
const require = createRequire(join(folder, 'package.json'))
const { init, parse: parseModule } = require('es-module-lexer')
const cjs = require('cjs-module-lexer')
const acorn = require('acorn')

const KINDS = { import: 'static', reexport: 'static', dynamic: 'dynamic', meta: 'meta' }

function scripts (place) {
  const found = []
  for (const entry of readdirSync(place, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(place, entry.name)
    if (entry.isDirectory()) found.push(...scripts(path))
    else if (entry.isFile() && /\.[mc]?js$/.test(entry.name)) found.push(path)
  }
  return found
}

// A template without ${ is a literal to lambdapack; es-module-lexer gives no specifier for it.
function plainTemplate (source, start, end) {
  const match = /^\s*`([^`\\$]*)`\s*$/.exec(source.slice(start, end))
  return match ? match[1] : null
}

function esModuleImports (source) {
  return parseModule(source)[0].filter(one => !one.typeOnly).map(one => {
    const kind = one.type.startsWith('dynamic') ? 'dynamic' : one.type.includes('meta') ? 'meta' : 'static'
    return [kind, one.specifier ?? (kind === 'dynamic' ? plainTemplate(source, one.start, one.end) : null)]
  })
}

// As in js_text.cpp: characters that specifiers have.
const SPECIFIER = /^[\w$@/.\-~+:#%*!?=&,\x80-\u{10FFFF}]+$/u

function acornRequires (tree, source) {
  const found = []
  let strings = 0
  const isString = raw => SPECIFIER.test(raw) && Buffer.byteLength(raw) <= 512
  const literal = node => node?.type === 'Literal' && typeof node.value === 'string'
    ? node.value
    : node?.type === 'TemplateLiteral' && node.expressions.length === 0 ? node.quasis[0].value.cooked : null
  const stack = [tree]
  while (stack.length > 0) {
    const node = stack.pop()
    if (node.type === 'Literal' && typeof node.value === 'string' && isString(source.slice(node.start + 1, node.end - 1))) {
      ++strings
    } else if (node.type === 'TemplateLiteral' && node.expressions.length === 0 && isString(node.quasis[0].value.raw)) {
      ++strings
    } else if (node.source && node.type !== 'ImportExpression') {
      --strings  // import … from "x" is none of its own
    }
    if (node.type === 'CallExpression') {
      const { callee } = node
      const name = callee.type === 'Identifier'
        ? callee.name === 'require' && 'require'
        : callee.type === 'MemberExpression' && !callee.computed && callee.object.type === 'Identifier' &&
          callee.object.name === 'require' && callee.property.name === 'resolve' ? 'resolve' : null
      if (name) {
        const value = literal(node.arguments[0])
        if (value !== null) found.push([node.start, name, value])
      }
    }
    for (const key in node) {
      const child = node[key]
      if (Array.isArray(child)) {
        for (const one of child) if (one && typeof one.type === 'string') stack.push(one)
      } else if (child && typeof child.type === 'string') {
        stack.push(child)
      }
    }
  }
  return { strings, requires: found.sort((a, b) => a[0] - b[0]).map(one => one.slice(1)) }
}

function parsed (source) {
  const options = { ecmaVersion: 'latest', allowHashBang: true, allowReturnOutsideFunction: true }
  for (const sourceType of ['module', 'script']) {
    try {
      return acorn.parse(source, { ...options, sourceType })
    } catch {}
  }
  return null
}

const wrong = []
function differs (path, whose, theirs, ours) {
  const [a, b] = [JSON.stringify(theirs), JSON.stringify(ours)]
  if (a === b) return
  let at = 0
  while (a[at] === b[at]) ++at
  wrong.push(`${path}: ${whose} has …${a.slice(Math.max(0, at - 40), at + 80)}, lambdapack …${b.slice(Math.max(0, at - 40), at + 80)}`)
}

await init
const files = scripts(folder)
const lines = execFileSync(printImports, { input: files.join('\n') + '\n', maxBuffer: 1 << 30, encoding: 'utf8' })
  .trimEnd().split('\n')
const counts = { files: files.length, bytes: 0, esModule: 0, imports: 0, cjs: 0, reexports: 0, acorn: 0, requires: 0, strings: 0, none: 0 }
files.forEach((path, i) => {
  const source = readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  const ours = JSON.parse(lines[i])
  counts.bytes += source.length
  let taken = false

  let imports = null
  try { imports = esModuleImports(source) } catch {}
  const tree = parsed(source)
  if (imports && tree) {  // what es-module-lexer takes and no parser does is no JavaScript
    taken = true
    ++counts.esModule
    counts.imports += imports.length
    differs(path, 'es-module-lexer', imports,
      ours.imports.filter(one => one[0] in KINDS).map(([kind, known, name]) => [KINDS[kind], known ? name : null]))
  }
  let reexports = null
  try { reexports = cjs.parse(source).reexports } catch {}
  if (reexports && tree) {
    taken = true
    ++counts.cjs
    const known = new Set(ours.imports.filter(one => one[1]).map(one => one[2]))
    const missing = [...reexports].filter(name => !known.has(name))
    counts.reexports += [...reexports].length
    if (missing.length > 0) wrong.push(`${path}: cjs-module-lexer has reexports ${missing}`)
  }
  if (tree) {
    taken = true
    const { requires, strings } = acornRequires(tree, source)
    counts.strings += strings
    ++counts.acorn
    counts.requires += requires.length
    differs(path, 'acorn', requires,
      ours.imports.filter(one => one[1] && (one[0] === 'require' || one[0] === 'resolve')).map(one => [one[0], one[2]]))
    differs(path, 'acorn', `${strings} strings`, `${ours.strings} strings`)
  }
  if (!taken) ++counts.none
  if (taken && !ours.whole) wrong.push(`${path}: lambdapack gives up on it`)
})
for (const line of wrong) console.log(line)
console.log(JSON.stringify(counts))
process.exitCode = wrong.length > 0 ? 1 : 0
