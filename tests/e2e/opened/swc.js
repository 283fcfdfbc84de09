const swc = require('@swc/core')

console.log(swc.transformSync('let x: number = 1', { jsc: { parser: { syntax: 'typescript' } } }).code.trim())
