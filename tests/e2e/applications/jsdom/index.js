// jsdom reads a style sheet of its own, and starts a worker file for synchronous requests.
const { JSDOM } = require('jsdom')

exports.handler = async (event) => {
  const { window } = new JSDOM(`<p id=a style="color: red">${event.name}</p><script>document.title = 'set'</script>`,
    { runScripts: 'dangerously', url: 'https://example.com/' })
  const paragraph = window.document.getElementById('a')
  return { text: paragraph.textContent, title: window.document.title, display: window.getComputedStyle(paragraph).display,
    html: window.document.documentElement.outerHTML, link: new window.URL('b', 'https://example.com/a').href }
}
