const bcrypt = require('bcrypt')

console.log(bcrypt.compareSync('x', bcrypt.hashSync('x', 4)))
