const { createClient } = require('@libsql/client')

const client = createClient({ url: 'file::memory:' })
client.execute('select sqlite_version() is not null as x').then(result => console.log(result.rows[0].x))
