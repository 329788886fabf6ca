'use strict'
// The shapes' validator against ajv, over documents made from proto/openapi.json: right ones, and
// right ones with one thing changed.   shape.js SHAPE_VERDICT OPENAPI_JSON
const { execFileSync } = require('node:child_process')
const { readFileSync } = require('node:fs')
const Ajv = require('ajv/dist/2020')
const addFormats = require('ajv-formats')
const { below, pick } = require('./seed')

const [verdictProgram, documentFile] = process.argv.slice(2)
const document = JSON.parse(readFileSync(documentFile, 'utf8'))
const schemas = document.components.schemas
const ajv = new Ajv({ strict: false, allErrors: false })
addFormats(ajv)
ajv.addSchema(document, 'openapi')

const letters = ['a', 'Z', '0', ' ', '-', '中', '抽', '\u{1d11e}', 'é', '"', '\\', '\n', '~', '/']
// No text is of blanks alone, and the shorter ones are lines.
const text = (points, lines) => 'a' + Array.from({ length: points - 1 }, () => pick(letters)).join('')
  .replaceAll('\n', lines ? '\n' : 'n')
const id = () => pick(['prj_a', 'a', 'I001', 'x.1-y_Z', 'a'.repeat(64)])
const time = () => pick(['2024-02-29T00:00:00Z', '2023-12-31T23:59:59.999Z', '1000-01-01T00:00:00.123456Z'])

// A value that the schema takes.  wide: also optional members.
function right(schema, wide) {
  if (schema.$ref) return right(schemas[schema.$ref.split('/').pop()], wide)
  if (schema.anyOf) return below(2) ? null : right(schema.anyOf[0], wide)
  const type = Array.isArray(schema.type) ? pick(schema.type) : schema.type
  switch (type) {
    case 'null': return null
    case 'boolean': return below(2) === 0
    case 'integer': return pick([schema.minimum, schema.maximum,
      Math.min(schema.maximum, schema.minimum + below(1000))])
    case 'array': {
      const most = Math.min(schema.maxItems, Math.max(3, schema.minItems))
      const length = pick([schema.minItems, most])
      return Array.from({ length }, () => right(schema.items, wide))
    }
    case 'object': {
      const object = {}
      for (const [name, member] of Object.entries(schema.properties))
        if (schema.required?.includes(name) || (wide && below(2))) object[name] = right(member, wide)
      return object
    }
  }
  if (schema.enum) return pick(schema.enum.filter(choice => choice !== null))
  if (schema.format === 'date-time') return time()
  if (schema.format === 'date') return time().slice(0, 10)
  const hex = /^\^\[0-9a-f\]\{(\d+)\}\$$/.exec(schema.pattern ?? '')
  if (hex) return 'f0'.repeat(hex[1] / 2)
  if (schema.maxLength === undefined) return id()
  return text(pick([schema.minLength, Math.min(schema.maxLength, schema.minLength + 20), Math.min(schema.maxLength, 400)]),
    schema.maxLength > 300)
}

const strays = [null, true, false, 0, -1, 0.5, 1e21, 9007199254740991, 9007199254740992, '', 'x', '中',
  ' ', '\u3000', '\u00a0 \n', 'a\tb', 'a\rb', 'a\u007f', ' a', 'a b', '-a', '..', 'F0', 'f0', '2023-02-29', '2023-02-28', '0999-01-01', '2023-02-29T00:00:00Z',
  '2024-02-29T24:00:00Z', '2024-02-29T23:59:60Z', '2024-02-29T00:00:00+00:00', '2024-02-29t00:00:00z',
  '2024-02-29T00:00:00.1234567Z', '2024-2-29', [], {}, [1], ['x'], [null], { x: 1 }, 'a'.repeat(65)]

// Somewhere inside, one thing is changed.
function changed(value) {
  if (value === null || typeof value !== 'object' || below(4) === 0) {
    if (typeof value === 'string' && below(2)) return value + pick(letters)
    if (typeof value === 'number' && below(2)) return value + pick([1, -1, 0.5])
    return pick(strays)
  }
  const copy = Array.isArray(value) ? [...value] : { ...value }
  const names = Object.keys(copy)
  if (Array.isArray(copy)) {
    if (copy.length === 0 || below(4) === 0) copy.push(copy.length ? copy[0] : pick(strays))
    else copy[below(copy.length)] = changed(pick(copy))
    return copy
  }
  switch (below(6)) {
    case 0: copy[pick(['x', 'x/y~', 'Title', 'constructor', '中', ...names])] = pick(strays); break
    case 1: delete copy[pick(names)]; break
    default: if (names.length) { const name = pick(names); copy[name] = changed(copy[name]) }
  }
  return copy
}

const cases = []
for (const name of Object.keys(schemas)) {
  if (name === 'Problem') continue
  for (let i = 0; i < 150; i++) {
    const value = right(schemas[name], i % 2)
    cases.push([name, JSON.stringify(i % 3 ? changed(value) : value)])
  }
}
// JSON Schema counts 1.0 and 1e0 as integers; we refuse both.
const stricter = [['bid_create', '{"amount_fen":1.0}'], ['bid_create', '{"amount_fen":1e0}']]

function verdicts(list) {
  const input = list.map(([name, json]) => `${name} ${json}\n`).join('')
  return execFileSync(verdictProgram, { input, maxBuffer: 1 << 26 }).toString().trim().split('\n')
}

let differ = 0, taken = 0
verdicts(cases).forEach((ours, i) => {
  const [name, json] = cases[i]
  // JSON.parse gives null for a body of null, which no shape describes.
  const theirs = ajv.getSchema(`openapi#/components/schemas/${name}`)(JSON.parse(json)) ? '1' : '0'
  taken += theirs === '1'
  if (ours === theirs) return
  differ++
  console.log(`${name}: fairlot ${ours}, ajv ${theirs}: ${json.slice(0, 300)}`)
})
verdicts(stricter).forEach((ours, i) => {
  const [name, json] = stricter[i]
  if (ours === '0' && ajv.getSchema(`openapi#/components/schemas/${name}`)(JSON.parse(json))) return
  differ++
  console.log(`not as recorded: ${name} ${json}`)
})
console.log(`${cases.length} documents, ${taken} taken, ${differ} differences`)
process.exit(differ === 0 && taken > cases.length / 4 && taken < cases.length * 3 / 4 ? 0 : 1)
