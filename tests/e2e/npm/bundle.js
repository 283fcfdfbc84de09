// lodash is in the bundle; ms was left outside.
const { chunk, camelCase } = require('lodash')
const ms = require('ms')
console.log(chunk([1, 2, 3], 2), camelCase('hello world'), ms('2 days'))
