// In a Lambda function the tracer prints what it traced, with times and random numbers.
delete process.env.AWS_LAMBDA_FUNCTION_NAME
for (const what of ['CRASHTRACKING', 'PROFILING', 'APPSEC', 'RUNTIME_METRICS']) process.env[`DD_${what}_ENABLED`] = 'true'
process.env.DD_TRACE_STARTUP_LOGS = 'false'
const tracer = require('dd-trace').init({ url: 'http://127.0.0.1:1' })

tracer.trace('x', () => console.log('traced'))
setTimeout(() => process.exit(0), 3000)
