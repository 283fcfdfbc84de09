const esbuild = require('esbuild')

console.log(esbuild.transformSync('let x: number = 1', { loader: 'ts' }).code.trim())
