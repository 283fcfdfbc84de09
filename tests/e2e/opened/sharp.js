const sharp = require('sharp')

async function main () {
  for (const kind of ['png', 'jpeg', 'webp', 'avif', 'tiff', 'gif']) {
    const image = sharp({ create: { width: 32, height: 32, channels: 3, background: 'red' } })
    console.log(kind, (await image.toFormat(kind).toBuffer()).length > 0)
  }
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>a</text></svg>')
  console.log((await sharp(svg).metadata()).width)
}

main()
