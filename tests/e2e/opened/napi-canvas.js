const { createCanvas } = require('@napi-rs/canvas')

const canvas = createCanvas(32, 32)
canvas.getContext('2d').fillText('hello', 1, 20)
console.log(canvas.toBuffer('image/png').length > 0)
canvas.encode('avif').then(data => console.log(data.length > 0))
