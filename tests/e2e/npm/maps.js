// With source maps on, a stack names the TypeScript source of rxjs.
process.setSourceMapsEnabled(true)
const { of } = require('rxjs')
const { map } = require('rxjs/operators')
of(1).pipe(map(() => { throw new Error('inside') })).subscribe({
  error: error => console.log(error.stack.split('\n').filter(line => line.includes('rxjs')).slice(0, 5).join('\n'))
})
