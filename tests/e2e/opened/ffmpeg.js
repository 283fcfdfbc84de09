const { execFileSync } = require('child_process')
const ffmpeg = require('@ffmpeg-installer/ffmpeg')

const options = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=duration=1:size=32x32:rate=2', '-f', 'null', '-']
console.log(execFileSync(ffmpeg.path, options).toString().length)
