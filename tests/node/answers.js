'use strict'
// Every JSON answer that the tests of the interface were given, against the schema that
// proto/openapi.json names for its operation and status; and every operation was answered once
// with success.   answers.js FOLDER OPENAPI_JSON
// The folder has one line of JSON for each answer (tests/support/record.h).  What holds is removed,
// so that a later run does not judge old answers.
const { existsSync, readdirSync, readFileSync, rmSync } = require('node:fs')
const { join } = require('node:path')
const Ajv = require('ajv/dist/2020')
const addFormats = require('ajv-formats')

const [folder, documentFile] = process.argv.slice(2)
if (!existsSync(folder) || readdirSync(folder).length === 0) process.exit(77)
const document = JSON.parse(readFileSync(documentFile, 'utf8'))
const ajv = new Ajv({ strict: false, allErrors: true })
addFormats(ajv)
ajv.addSchema(document, 'openapi')

const operations = new Map()
for (const methods of Object.values(document.paths))
  for (const operation of Object.values(methods))
    if (operation.operationId) operations.set(operation.operationId, operation)

const follow = object => object?.$ref
  ? object.$ref.slice(2).split('/').reduce((at, name) => at[name], document) : object

// The schema of an answer, or what is wrong with it before any schema.
function schemaOf({ op, status, type }) {
  const operation = operations.get(op)
  if (!operation) return status >= 400 ? { $ref: 'openapi#/components/schemas/Problem' } : null
  const responses = operation.responses
  const response = follow(responses[status] ?? (status >= 400 ? responses.default : undefined))
  if (!response) return `${op} describes no ${status}`
  const content = response.content?.[type]
  if (!content) return `${op} describes no ${type} for ${status}`
  return { $ref: `openapi${content.schema.$ref}` }
}

// A problem may have members of its own by RFC 9457; ours are described.
const problem = document.components.schemas.Problem.properties
const validators = new Map()
function validatorOf(schema) {
  const known = validators.get(schema.$ref)
  if (known) return known
  const valid = ajv.compile(schema)
  // The control: a schema that takes anything would hold for every answer.
  if (valid({ status: 'x', id: 7, items: 7 })) throw new Error(`${schema.$ref} refuses nothing`)
  validators.set(schema.$ref, valid)
  return valid
}

const answered = new Set(), faults = new Map()
let count = 0
function judge(file, line) {
  const answer = JSON.parse(line)
  const schema = schemaOf(answer)
  count++
  if (answer.status < 300) answered.add(answer.op)
  if (schema === null) return
  let fault = schema
  if (typeof schema !== 'string') {
    const valid = validatorOf(schema)
    const more = answer.status < 400 ? [] : Object.keys(answer.body).filter(name => !problem[name])
    if (valid(answer.body) && more.length === 0) return
    if (more.length) valid.errors = [{ instancePath: '', message: 'has more', params: more }]
    const { instancePath, message, params } = valid.errors[0]
    fault = `${answer.op} ${answer.status}: ${instancePath.replace(/\d+/g, '*') || '/'} ${message} ${JSON.stringify(params)}`
  }
  if (!faults.has(fault)) faults.set(fault, `${file}: ${line.slice(0, 600)}`)
}

for (const file of readdirSync(folder))
  for (const line of readFileSync(join(folder, file), 'utf8').split('\n'))
    if (line !== '') judge(file, line)
for (const [fault, where] of faults) console.log(`${fault}\n  ${where}`)
// A file is answered by bytes, which are no JSON.
const isFile = operation => Object.entries(operation.responses)
  .some(([status, response]) => status < '3' && response.content?.['*/*'])
const silent = [...operations.keys()].filter(op => !answered.has(op) && !isFile(operations.get(op)))
if (silent.length) console.log(`never answered with success: ${silent.join(' ')}`)
console.log(`${count} answers of ${answered.size} operations, ${faults.size} faults`)
if (faults.size || silent.length) process.exit(1)
rmSync(folder, { recursive: true })
