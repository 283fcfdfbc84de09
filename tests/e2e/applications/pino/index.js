// The transport runs in a worker thread, which requires it by name.
const fs = require('fs')
const pino = require('pino')

exports.handler = async (event) => {
  const file = '/tmp/log'
  const transport = pino.transport({
    targets: [{ target: 'pino-pretty', options: { colorize: false, ignore: 'time,pid,hostname', destination: file } }]
  })
  const logger = pino({ level: 'info', redact: ['password'] }, transport)
  logger.info({ user: event.name, password: 'secret' }, 'called')
  logger.error(new RangeError('too much').message)
  await new Promise((resolve, reject) => {
    transport.on('close', resolve)
    transport.on('error', reject)
    transport.end()
  })
  return { log: fs.readFileSync(file, 'utf8'), level: logger.level }
}
