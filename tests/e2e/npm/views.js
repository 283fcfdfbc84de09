// express requires its view engine by the name in a setting; ejs reads the template of the function.
const express = require('express')
const http = require('node:http')
const fs = require('node:fs')
fs.writeFileSync('/tmp/page.ejs', '<p><%= name %> has <%= items.map(i => i * 2).join(", ") %></p>')
const app = express()
app.set('views', '/tmp')
app.set('view engine', 'ejs')
app.get('/', (request, response) => response.render('page', { name: request.query.name, items: [1, 2] }))
const server = app.listen(0, '127.0.0.1', () => {
  http.get({ host: '127.0.0.1', port: server.address().port, path: '/?name=Ada' }, response => {
    let body = ''
    response.on('data', part => { body += part })
    response.on('end', () => { console.log(response.statusCode, body); server.close() })
  })
})
