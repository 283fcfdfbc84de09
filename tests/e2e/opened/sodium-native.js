const sodium = require('sodium-native')

const out = Buffer.alloc(sodium.crypto_generichash_BYTES)
sodium.crypto_generichash(out, Buffer.from('x'))
console.log(out.toString('hex'))
