// Knex requires the driver and its dialect by names that are only in the configuration.
const knex = require('knex')
const config = require('./knexfile.json')

exports.handler = async (event) => {
  const answer = {}
  for (const [name, settings] of Object.entries(config)) {
    const database = knex(settings)
    answer[name] = { sql: database('users').where({ name: event.name }).limit(3).toString() }
    try {
      await database.raw('select 1')
    } catch (error) {
      answer[name].error = error.code
    }
    await database.destroy()
  }
  return answer
}
