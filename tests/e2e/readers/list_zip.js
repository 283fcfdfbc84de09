// What Node sees in a zip through yauzl: one line per entry with name (hex of its bytes), mode with file type, SHA-256.
// Usage: NODE_PATH=FOLDER-WITH-yauzl node list_zip.js ZIP
'use strict';
const crypto = require('crypto');
const yauzl = require('yauzl');

const lines = [];
yauzl.open(process.argv[2], {lazyEntries: true, decodeStrings: false, validateEntrySizes: true}, (error, zip) => {
  if (error) throw error;
  zip.on('error', (failure) => { throw failure; });
  zip.on('end', () => process.stdout.write(lines.map((line) => line + '\n').join('')));
  zip.on('entry', (entry) => {
    zip.openReadStream(entry, (failure, stream) => {
      if (failure) throw failure;
      const hash = crypto.createHash('sha256');
      stream.on('error', (broken) => { throw broken; });
      stream.on('data', (chunk) => hash.update(chunk));
      stream.on('end', () => {
        const name = Buffer.from(entry.fileNameRaw || entry.fileName).toString('hex');
        lines.push(`${name} ${(entry.externalFileAttributes >>> 16).toString(8)} ${hash.digest('hex')}`);
        zip.readEntry();
      });
    });
  });
  zip.readEntry();
});
