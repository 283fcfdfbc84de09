// Lists every key of a bucket, which takes two pages, and the tables of DynamoDB, which takes three.
const { DynamoDBClient, paginateListTables } = require('@aws-sdk/client-dynamodb')
const { HeadObjectCommand, ListObjectsV2Command, S3Client } = require('@aws-sdk/client-s3')
const { z } = require('zod')

const Event = z.object({ bucket: z.string() })

exports.handler = async (event) => {
  const { bucket } = Event.parse(event)
  const s3 = new S3Client({ forcePathStyle: true, maxAttempts: 1 })
  const keys = []
  let token
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, ContinuationToken: token }))
    keys.push(...page.Contents.map((entry) => entry.Key))
    token = page.NextContinuationToken
  } while (token)
  const tables = []
  for await (const page of paginateListTables({ client: new DynamoDBClient({ maxAttempts: 1 }) }, {})) {
    tables.push(...page.TableNames)
  }
  const missing = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'missing' })).catch((error) => error.name)
  return { keys, tables, missing, kinds: Object.keys(z.toJSONSchema(Event).properties) }
}
