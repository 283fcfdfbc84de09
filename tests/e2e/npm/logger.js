// The transport is loaded by its name, in a worker thread, from a store of linked packages as pnpm makes it.
const pino = require('pino')
const logger = pino({ base: null, timestamp: false }, pino.transport({ target: 'pino-pretty', options: { colorize: false } }))
logger.info({ name: 'Ada' }, 'hello')
logger.flush(() => setTimeout(() => process.exit(0), 500))
