// Traces a call: the tracer patches modules by names that it keeps in a list, and loads its native parts when asked.
delete process.env.AWS_LAMBDA_FUNCTION_NAME // in a function it would print what it traced, with times
for (const what of ['CRASHTRACKING', 'PROFILING', 'APPSEC', 'RUNTIME_METRICS']) process.env[`DD_${what}_ENABLED`] = 'true'
process.env.DD_TRACE_STARTUP_LOGS = 'false'
const tracer = require('dd-trace').init({ url: 'http://127.0.0.1:1' })
const http = require('http')

exports.handler = async (event) => {
  const ids = tracer.trace('work', (span) => {
    span.setTag('user', event.name)
    return [span.context().toTraceId().length > 5, Object.keys(span.context()._tags).includes('user')]
  })
  const status = await new Promise((resolve) => {
    http.get('http://127.0.0.1:1/', resolve).on('error', (error) => resolve(error.code))
  })
  setTimeout(() => process.exit(0), 2000).unref()
  return { ids, status, scope: tracer.scope().active() === null }
}
