// Edges of the records that a made transcript seldom has.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { parseFreeze } from '../src/freeze.js'
import { Record, seconds } from '../src/record.js'
import { ascii } from '../src/bytes.js'
import { vectors } from './example.js'

test('times are those that exist, in one spelling', () => {
  assert.equal(seconds('1970-01-01T00:00:00Z'), 0)
  assert.equal(seconds('2024-02-29T23:59:59Z'), 1709251199)
  assert.equal(seconds('0001-01-01T00:00:00Z'), -62135596800)
  assert.equal(seconds('2024-02-29T23:59:59.000001Z', 6), 1709251199)
  for (const text of ['2023-02-29T00:00:00Z', '1900-02-29T00:00:00Z', '2024-00-01T00:00:00Z', '2024-13-01T00:00:00Z',
    '2024-04-31T00:00:00Z', '2024-01-00T00:00:00Z', '0000-01-01T00:00:00Z', '2024-01-01T24:00:00Z',
    '2024-01-01T00:60:00Z', '2024-01-01T00:00:60Z', '2024-01-01T00:00:00.0Z', '2024-01-01T00:00:00+00:00',
    '2024-01-01t00:00:00z', '2024-01-01T00:00:00Z\n', ''])
    assert.equal(seconds(text), null, text)
})

test('a close that is no time is refused by its code and line', () => {
  const text = vectors.weighted.freeze_txt.replace(/^close .*$/m, 'close 2026-02-30T00:00:00Z')
  const lines = text.split('\n').length - 1
  assert.throws(() => parseFreeze(ascii(text)), { code: 'close', line: lines })
})

test('a line has printable ASCII and single spaces, and the first thing amiss names the check', () => {
  const code = text => {
    try {
      new Record(text instanceof Uint8Array ? text : ascii(text)).next()
      return null
    } catch (fault) {
      return fault.code
    }
  }
  assert.equal(code('a b~!\n'), null)
  for (const text of ['', '\n', ' \n', ' a\n', 'a \n', 'a  b\n', 'a\tb\n', 'a\0\n', 'a\x7f\n', 'é\n', '  \r\n'])
    assert.equal(code(text), 'record-form', JSON.stringify(text))
  for (let byte = 128; byte < 256; byte++) assert.equal(code(Uint8Array.of(97, byte, 10)), 'record-form')
  for (const text of ['a', ' ', 'a\r\n', '\r\n', 'a \r\n', 'a\r\x01\n']) assert.equal(code(text), 'line-end', JSON.stringify(text))
})

test('numbers are decimal, without sign or leading zero, and in range', () => {
  const int = (text, min, max) => new Record(ascii(`${text}\n`)).next().big(min, max)
  assert.equal(int('0', 0, 5), 0n)
  assert.equal(int('18446744073709551615', 0, 2n ** 64n - 1n), 2n ** 64n - 1n)
  for (const text of ['00', '01', '+1', '-1', '1e3', '0x1', '1.', '6', '18446744073709551616', '9'.repeat(30), 'a'])
    assert.throws(() => int(text, 0, 5), { code: 'number-form' }, text)
  assert.throws(() => int('0', 1, 5), { code: 'number-form' })
})
