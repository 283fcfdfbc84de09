// Sequelize requires `pg` by the name of the dialect. There is no server: what it says, and the SQL that needs none.
const { DataTypes, Sequelize } = require('sequelize')

exports.handler = async (event) => {
  const database = new Sequelize({ dialect: event.dialect, host: '127.0.0.1', port: 1, logging: false, retry: { max: 0 } })
  const User = database.define('User', { name: DataTypes.STRING, tags: DataTypes.HSTORE })
  const answer = { attributes: Object.keys(User.rawAttributes), dialect: database.getDialect() }
  answer.sql = database.getQueryInterface().queryGenerator.selectQuery('Users', { where: { name: 'Ada' } }, User)
  try {
    await database.authenticate()
  } catch (error) {
    answer.error = error.name
  }
  return answer
}
