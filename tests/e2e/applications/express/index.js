// Express requires its view engine by the name that the handler sets.
const path = require('path')
const express = require('express')
const serverless = require('serverless-http')

const app = express()
app.set('view engine', 'ejs')
app.set('views', path.join(__dirname, 'views'))
app.use(express.json())
app.get('/', (request, response) => response.render('index', { names: ['Ada', '<Bob>'] }))
app.post('/echo', (request, response) => response.json({ got: request.body, kind: request.is('json') }))
app.use('/static', express.static(path.join(__dirname, 'static')))

const handle = serverless(app, { binary: false })
const request = (method, path, body) => ({
  version: '2.0', rawPath: path, rawQueryString: '', headers: { 'content-type': 'application/json' }, body,
  requestContext: { http: { method, path, sourceIp: '127.0.0.1' } }
})

exports.handler = async (event) => {
  const answers = [await handle(request('GET', '/'), {}), await handle(request('POST', '/echo', JSON.stringify(event)), {}),
    await handle(request('GET', '/static/style.css'), {}), await handle(request('GET', '/nothing'), {})]
  // The file's date is not part of the answer: it says when somebody unpacked the zip.
  return answers.map(({ statusCode, body, headers }) => ({ statusCode, body, kind: headers['content-type'] }))
}
