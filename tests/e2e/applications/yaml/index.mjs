// An ES module. The package keeps code in a folder named doc.
import { Document, isMap, parse, parseAllDocuments, stringify } from 'yaml'

export const handler = async (event) => {
  const document = new Document({ name: event.name, list: [1, 2] })
  document.commentBefore = ' made here'
  return { text: document.toString(), map: isMap(document.contents), parsed: parse('a: &x [1]\nb: *x\n'),
    all: parseAllDocuments('---\na\n---\nb\n').length, again: stringify({ when: '2024-01-01', multi: 'a\nb\n' }) }
}
