const zmq = require('zeromq')

async function main () {
  const a = new zmq.Push()
  const b = new zmq.Pull()
  await a.bind('inproc://x')
  b.connect('inproc://x')
  await a.send('hello')
  console.log((await b.receive()).toString())
  process.exit(0)
}

main()
