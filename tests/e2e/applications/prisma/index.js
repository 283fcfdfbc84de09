// The client is generated into node_modules/.prisma, its query compiler is WebAssembly, its driver a native add-on.
const { PrismaLibSql } = require('@prisma/adapter-libsql')
const { PrismaClient } = require('@prisma/client')

exports.handler = async (event) => {
  const prisma = new PrismaClient({ adapter: new PrismaLibSql({ url: 'file:/tmp/notes.db' }) })
  await prisma.$executeRawUnsafe('create table if not exists Note (id integer primary key autoincrement, text text not null)')
  await prisma.note.create({ data: { text: event.name } })
  await prisma.note.create({ data: { text: 'Bob' } })
  const answer = { notes: await prisma.note.findMany({ orderBy: { text: 'desc' }, take: 5 }) }
  try {
    await prisma.note.findUniqueOrThrow({ where: { id: 99 } })
  } catch (error) {
    answer.error = error.code
  }
  await prisma.$disconnect()
  return answer
}
