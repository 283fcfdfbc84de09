// One package in eleven builds, for Node and for browsers, as scripts and as modules.
const crypto = require('crypto')
const PDFDocument = require('pdfkit')

exports.handler = async (event) => {
  const document = new PDFDocument({ compress: false, info: { CreationDate: new Date(0) } })
  const chunks = []
  document.on('data', (chunk) => chunks.push(chunk))
  const done = new Promise((resolve) => document.on('end', resolve))
  document.font('Times-Roman').fontSize(20).text(event.name).font('Courier-Bold').text('bold').circle(100, 100, 20).stroke()
  document.end()
  await done
  const text = Buffer.concat(chunks).toString('latin1')
  return { pages: text.match(/\/Type \/Page\b/g).length, fonts: text.match(/\/BaseFont \/[\w-]+/g),
    hash: crypto.createHash('sha256').update(text.replace(/\/ID \[.*\]/, '')).digest('hex') }
}
