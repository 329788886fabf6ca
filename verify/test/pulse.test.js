// Pulses of NIST: tests/vectors/nist, and the limits of the form.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { hex, unhex } from '../src/bytes.js'
import { isPulseOf, parsePulse } from '../src/pulse.js'

const vectors = new URL('../../tests/vectors/nist/', import.meta.url)
const bytesOf = number => unhex(readFileSync(new URL(`pulse-${number}.hex`, vectors), 'latin1').trimEnd())
const published = number => JSON.parse(readFileSync(new URL(`pulse-${number}.json`, vectors), 'utf8')).pulse
const refused = bytes => assert.throws(() => parsePulse(bytes), { code: 'beacon-form' })

test('pulses of NIST are read, and their value is the outputValue', () => {
  for (const number of [1921300, 1936066]) {
    const pulse = parsePulse(bytesOf(number))
    const want = published(number)
    assert.equal(hex(pulse.value), want.outputValue.toLowerCase())
    assert.equal(hex(pulse.signature), want.signatureValue.toLowerCase())
    assert.equal(hex(pulse.certificate), want.certificateId)
    assert.equal(pulse.at, Date.parse(want.timeStamp) / 1000)
    assert.ok(isPulseOf(pulse, { name: '2', round: number }))
    assert.ok(!isPulseOf(pulse, { name: '1', round: number }))
    assert.ok(!isPulseOf(pulse, { name: '2', round: number + 1 }))
  }
})

test('a pulse that is cut, or whose lengths change, is none', () => {
  const whole = bytesOf(1921300)
  const signature = 807
  for (let length = 0; length < signature + 256; length++) refused(whole.subarray(0, length))
  const o = 8 + 56 + 3
  for (const at of [0, 60, o + 8, o + 92, o + 120, o + 188, o + 260, o + 328, o + 600, o + 668])
    for (const step of [-1, 1]) {
      const bytes = whole.slice()
      bytes[at + 3] += step
      refused(bytes)
    }
})

test('at most 1024 bytes of signature and 2048 in all', () => {
  const message = bytesOf(1921300).subarray(0, 807)
  const long = length => {
    const bytes = new Uint8Array(message.length + length)
    bytes.set(message)
    return bytes
  }
  assert.equal(parsePulse(long(1024)).signature.length, 1024)
  refused(long(1025))
  refused(new Uint8Array(2049))
})
