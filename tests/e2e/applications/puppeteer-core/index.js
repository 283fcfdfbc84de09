// There is no browser in the package, as in functions that bring it in a layer: what puppeteer says without one.
const puppeteer = require('puppeteer-core')

exports.handler = async (event) => {
  const answer = { product: puppeteer.defaultBrowserRevision !== undefined, arguments: puppeteer.defaultArgs({ headless: true }) }
  for (const [what, task] of Object.entries({
    launch: () => puppeteer.launch({ executablePath: event.browser }),
    connect: () => puppeteer.connect({ browserURL: 'http://127.0.0.1:1' })
  })) {
    try {
      await task()
    } catch (error) {
      answer[what] = error.message.split('\n')[0]
    }
  }
  return answer
}
