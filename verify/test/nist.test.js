// Pulses that NIST published (tests/vectors/nist), and pulses of a key made here.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { constants, createHash, generateKeyPairSync, privateEncrypt, sign, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isPulse, isSigned, parseCertificate, parsePulse, pulseValue, rsaHolds } from '../src/nist.js'
import { ascii, concat, hex, uint, unhex } from '../src/bytes.js'
import { verify } from '../index.js'
import { spoken, vectors } from './example.js'
import { pulseBytes } from './pulse.js'

const read = name => readFileSync(new URL(`../../tests/vectors/nist/${name}`, import.meta.url))
const pem = read('certificate.pem').toString()
const certificate = parseCertificate(pem)
const published = index => JSON.parse(read(`pulse-${index}.json`)).pulse
const number = text => BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`)
const whole = pulseBytes(published(1921300))

test('a published pulse has its output value, index and time, and its signature holds', () => {
  const pulse = parsePulse(whole)
  assert.equal(whole.length, 1319)
  assert.equal(hex(pulseValue(whole)).toUpperCase(), published(1921300).outputValue)
  assert.equal(pulse.time, Date.parse('2026-08-31T19:04:00Z') / 1000)
  assert.ok(isPulse(pulse, '2', 1921300))
  assert.ok(!isPulse(pulse, '2', 1921301) && !isPulse(pulse, '1', 1921300) && !isPulse(pulse, '02', 1921300))
  assert.ok(isSigned(pulse, certificate))
})

test('a pulse of another certificate hashes to its value and is not signed by this one', () => {
  const other = pulseBytes(published(1936066))
  assert.equal(hex(pulseValue(other)).toUpperCase(), published(1936066).outputValue)
  assert.ok(!isSigned(parsePulse(other), certificate))
})

test('the certificate has the id, modulus and exponent that others read in it', () => {
  const x509 = new X509Certificate(pem)
  const jwk = x509.publicKey.export({ format: 'jwk' })
  assert.equal(certificate.id, createHash('sha512').update(x509.raw).digest('hex'))
  assert.equal(certificate.id, published(1921300).certificateId)
  assert.equal(certificate.modulus, number(jwk.n))
  assert.equal(certificate.exponent, 65537n)
})

test('what is no certificate of an RSA key is refused', () => {
  const der = Buffer.from(new X509Certificate(pem).raw)
  const wrap = bytes => `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64')}\n-----END CERTIFICATE-----\n`
  assert.deepEqual(parseCertificate(wrap(der)), certificate)
  for (let cut = 0; cut < der.length; cut += 7) assert.throws(() => parseCertificate(wrap(der.subarray(0, cut))), Error)
  assert.throws(() => parseCertificate(wrap(Buffer.concat([der, Buffer.of(0)]))), /follows/)
  assert.throws(() => parseCertificate('no pem'), /PEM/)
  const at = der.indexOf(Buffer.from('2a864886f70d010101', 'hex'))
  const ec = Buffer.from(der)
  ec[at] ^= 1
  assert.throws(() => parseCertificate(wrap(ec)), /RSA/)
})

test('each changed byte of a pulse breaks its form or its signature', () => {
  for (let i = 0; i < whole.length; i += 5) {
    const changed = whole.slice()
    changed[i] ^= 1
    const pulse = parsePulse(changed)
    assert.ok(pulse === null || !isSigned(pulse, certificate), `byte ${i}`)
  }
})

test('another length, cipher suite or time is another form', () => {
  const at = 8 + published(1921300).uri.length + 3
  const change = (offset, bytes) => {
    const changed = whole.slice()
    changed.set(bytes, offset)
    return parsePulse(changed)
  }
  assert.notEqual(change(at + 4, uint(4, 1)), null) // the period may be any
  for (const offset of [0, at - 7, at + 8, at + 92, at + 120, at + 188, at + 260, ...[0, 1, 2, 3, 4].map(i => at + 328 + 68 * i), at + 668])
    assert.equal(change(offset, uint(4, 2)), null, `length at ${offset - at}`)
  assert.equal(change(at, uint(4, 1)), null)
  for (const time of ['2026-08-31T19:04:00.000+', '2026-02-29T19:04:00.000Z', '2026-08-31 19:04:00.000Z', '2026-08-31T19:04:60.000Z'])
    assert.equal(change(at + 96, ascii(time)), null, time)
  for (const cut of [0, 1, at, at + 740, at + 740 + 255]) assert.equal(parsePulse(whole.subarray(0, cut)), null)
  assert.notEqual(parsePulse(whole.subarray(0, at + 740 + 256)), null)
  assert.equal(parsePulse(concat(whole, new Uint8Array(2049 - whole.length))), null)
  assert.equal(parsePulse(concat(whole.subarray(0, at + 740), new Uint8Array(1025))), null)
})

test('a status other than 0 and 2 is no pulse of a draw', () => {
  for (const status of [0, 1, 2, 3, 4]) {
    const pulse = parsePulse(pulseBytes({ ...published(1921300), statusCode: status }))
    assert.equal(isPulse(pulse, '2', 1921300), status === 0 || status === 2)
  }
})

test('of RSA only the one padding of PKCS #1 v1.5 with SHA-512 holds', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 })
  const [modulus, exponent] = ['n', 'e'].map(name => number(publicKey.export({ format: 'jwk' })[name]))
  const key = { modulus, exponent }
  const text = ascii('pulse')
  const good = new Uint8Array(sign('sha512', text, privateKey))
  assert.ok(rsaHolds(key, text, good))
  assert.ok(!rsaHolds(key, ascii('pulsf'), good))
  assert.ok(!rsaHolds(key, text, new Uint8Array(sign('sha256', text, privateKey))))
  assert.ok(!rsaHolds(key, text, concat(uint(1, 0), good)))
  if (BigInt(`0x${hex(good)}`) + modulus < 2n ** 2048n)
    assert.ok(!rsaHolds(key, text, uint(256, BigInt(`0x${hex(good)}`) + modulus)))
  const digest = createHash('sha512').update(text).digest()
  const raw = (...parts) => new Uint8Array(privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, concat(...parts)))
  const info = unhex('3051300d060960864801650304020305000440')
  const bare = unhex('304f300b0609608648016503040203' + '0440') // without the NULL
  const ff = count => new Uint8Array(count).fill(255)
  assert.ok(rsaHolds(key, text, raw(uint(2, 1), ff(256 - 3 - 83), uint(1, 0), info, digest)))
  // Bleichenbacher's: less padding, and something behind the digest that a lax reader passes over.
  assert.ok(!rsaHolds(key, text, raw(uint(2, 1), ff(8), uint(1, 0), info, digest, new Uint8Array(162))))
  assert.ok(!rsaHolds(key, text, raw(uint(2, 1), ff(256 - 3 - 81), uint(1, 0), bare, digest)))
  assert.ok(!rsaHolds(key, text, raw(uint(2, 2), ff(256 - 3 - 83), uint(1, 0), info, digest)))
  assert.ok(!rsaHolds(key, text, raw(uint(2, 1), ff(256 - 3 - 83), uint(1, 1), info, digest)))
})

// The example with drand, with a pulse in the beacon's place.
function drawOf(line, close, pulse) {
  const v = vectors.with_drand
  const freeze = v.freeze_txt.replace(/contributor 4 .*/, `contributor 4 nist ${line}`).replace(/close .*/, `close ${close}`)
  const owner = unhex(v.contributions[1].r)
  return spoken(v, freeze, { owner, [line.split(' ')[0]]: pulse })
}

const close = '2026-08-31T19:02:00Z'

test('a draw by a pulse holds with the certificate, and is left without it', () => {
  const files = drawOf('2 1921300', close, whole)
  const sure = verify(files, { drawOnly: true, nistCertificate: certificate })
  assert.equal(sure.verdict, 0, JSON.stringify(sure.reason))
  assert.equal(sure.level, 2) // a witness; the pulse adds no level
  assert.equal(sure.beaconLeft, false)
  const unsure = verify(files, { drawOnly: true })
  assert.equal(unsure.verdict, 3)
  assert.deepEqual(unsure.checks.filter(row => row.status === 'left' && row.about === 'beacon').map(row => row.code), ['beacon-value'])
})

test('a pulse of another place, status, time, form or key fails its check', () => {
  const options = { drawOnly: true, nistCertificate: certificate }
  const reason = (files, given = options) => verify(files, given).reason?.code
  for (const given of [options, { drawOnly: true }]) {
    assert.equal(reason(drawOf('2 1921301', close, whole), given), 'beacon-value')
    assert.equal(reason(drawOf('3 1921300', close, whole), given), 'beacon-value')
    assert.equal(reason(drawOf('2 1921300', close, pulseBytes({ ...published(1921300), statusCode: 1 })), given), 'beacon-value')
    assert.equal(reason(drawOf('2 1921300', '2026-08-31T19:02:01Z', whole), given), 'beacon-time')
  }
  const changed = pulseBytes({ ...published(1921300), precommitmentValue: '00'.repeat(64) })
  assert.equal(reason(drawOf('2 1921300', close, changed)), 'beacon-value')
  assert.equal(reason(drawOf('2 1936066', close, pulseBytes(published(1936066)))), 'beacon-value')
  const files = drawOf('2 1921300', close, whole)
  const text = new TextDecoder().decode(files.get('contributions.txt'))
  for (const odd of [hex(whole).slice(0, 1600), '00'.repeat(64)]) {
    files.set('contributions.txt', ascii(text.replace(hex(whole), odd)))
    assert.equal(reason(files), 'beacon-form')
  }
  files.set('contributions.txt', ascii(text.replace(hex(whole), '00'.repeat(2049))))
  assert.equal(reason(files), 'hash-form')
})
