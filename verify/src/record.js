// Reads a record of the draw: ASCII lines, LF ends each, one space between fields.  The first thing
// that does not fit is thrown as a Fault with its line, so a parser reads straight on.
import { Fault } from './fault.js'
import { unhex } from './bytes.js'

export const listMax = 1000000
export const numberMax = 2 ** 53 - 1

const latin1 = new TextDecoder('latin1')

export const isId = text => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)

// Bytewise order, since everything compared is ASCII.
export const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0)

// Seconds since 1970 of `YYYY-MM-DDThh:mm:ssZ`, with `micros` digits of fraction; null if it is no time.
export function seconds(text, micros = 0) {
  const fraction = micros > 0 ? `\\.[0-9]{${micros}}` : ''
  const form = `^(\\d{4})-(\\d\\d)-(\\d\\d)T(\\d\\d):(\\d\\d):(\\d\\d)${fraction}Z$`
  const fields = new RegExp(form).exec(text)?.slice(1, 7).map(Number)
  if (fields === undefined) return null
  const [year, month, day, hour, minute, second] = fields
  if (year < 1 || month < 1 || month > 12 || day < 1) return null
  if (hour > 23 || minute > 59 || second > 59) return null
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  if (day > [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]) return null
  const at = new Date(0)
  at.setUTCFullYear(year, month - 1, day)
  at.setUTCHours(hour, minute, second)
  return at.getTime() / 1000
}

export class Record {
  constructor(bytes) {
    this.text = latin1.decode(bytes)
    this.at = 0
    this.number = 0
    this.line = ''
    this.fields = []
  }

  fail(code) {
    throw new Fault(code, this.number)
  }

  // How many lines are ended.
  count() {
    let lines = 0
    for (let i = -1; (i = this.text.indexOf('\n', i + 1)) !== -1;) lines++
    return lines
  }

  atEnd() {
    return this.at === this.text.length
  }

  end() {
    if (this.atEnd()) return
    this.number++
    this.fail('record-form')
  }

  // Takes the next line, which must be there.
  next() {
    this.number++
    if (this.atEnd()) this.fail('record-form')
    const end = this.text.indexOf('\n', this.at)
    if (end === -1) this.fail('line-end')
    this.line = this.text.slice(this.at, end)
    this.at = end + 1
    const odd = /\r|[^ -~]|^ | {2}/.exec(this.line)
    if (odd !== null) this.fail(odd[0] === '\r' ? 'line-end' : 'record-form')
    if (this.line === '' || this.line.endsWith(' ')) this.fail('record-form')
    this.fields = this.line.split(' ')
    return this
  }

  protocol() {
    if (this.next().line !== 'fairlot-draw/v1') this.fail('protocol')
  }

  // Takes the next line, which starts with this word.
  key(word) {
    if (this.next().fields.shift() !== word) this.fail('record-form')
    return this
  }

  // Takes the next line if it starts with this word.
  keyIf(word) {
    const rest = this.text.slice(this.at, this.at + word.length + 1)
    if (!rest.startsWith(word) || !['', ' ', '\n'].includes(rest.slice(word.length))) return false
    this.key(word)
    return true
  }

  // The next field of the line.
  word() {
    return this.fields.length > 0 ? this.fields.shift() : this.fail('record-form')
  }

  id() {
    const word = this.word()
    return isId(word) ? word : this.fail('id-form')
  }

  // An id, or null for "-".
  idOrDash() {
    const word = this.word()
    return word === '-' ? null : isId(word) ? word : this.fail('id-form')
  }

  // As a bigint, since results are up to 2^64.
  big(min, max) {
    const word = this.word()
    if (!/^(0|[1-9][0-9]{0,19})$/.test(word)) this.fail('number-form')
    const value = BigInt(word)
    return value >= BigInt(min) && value <= BigInt(max) ? value : this.fail('number-form')
  }

  int(min, max) {
    return Number(this.big(min, max))
  }

  bytes(length) {
    const bytes = unhex(this.word())
    return bytes !== null && bytes.length === length ? bytes : this.fail('hash-form')
  }

  // The hex itself of a hash.
  hash() {
    const word = this.word()
    return /^[0-9a-f]{64}$/.test(word) ? word : this.fail('hash-form')
  }

  // The line has no field left.
  done() {
    if (this.fields.length > 0) this.fail('record-form')
  }
}

// A line of a key and one field.
export function one(record, key, take) {
  record.key(key)
  const value = take(record)
  record.done()
  return value
}
