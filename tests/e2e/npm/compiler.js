// yaml has code in a folder called doc. TypeScript was only there to build the function.
const YAML = require('yaml')
const document = YAML.parseDocument('a: 1 # one\nb: [x, {c: !!binary aGk=}]\n')
document.set('d', 2)
console.log(String(document), YAML.stringify(document.toJS()), document.get('b').items.length)
