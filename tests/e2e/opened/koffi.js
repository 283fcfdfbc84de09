const koffi = require('koffi')

const strlen = koffi.load('libc.so.6').func('size_t strlen(const char *)')
console.log(Number(strlen('hello')))
