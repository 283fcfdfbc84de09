// sequelize requires its driver by a variable. No server is there, so the connection is refused by pg.
const { Sequelize, DataTypes } = require('sequelize')
const database = new Sequelize('postgres://ada@127.0.0.1:1/none', { logging: false })
const User = database.define('user', { name: DataTypes.STRING, tags: DataTypes.HSTORE })
console.log(database.getDialect(), Object.keys(User.getAttributes()).join())
console.log(database.getQueryInterface().queryGenerator.selectQuery('users', { where: { name: 'Ada' } }))
database.authenticate().catch(error => console.log(error.name))
