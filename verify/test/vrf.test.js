// RFC 9381, Appendix B.1, examples 10 to 12, and what must be refused (section 5.4.4 and 5.3).
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { isKey, prove, publicKey, verify } from '../src/vrf.js'
import { ascii, concat, hex, uint, unhex } from '../src/bytes.js'

const key1 = ['c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
  '0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6']
const key2 = ['2ca1411a41b17b24cc8c3b089cfd033f1920202a6c0de8abb97df1498d50d2c8',
  '03596375e6ce57e0f20294fc46bdfcfd19a39f8161b58695b3ec5b3d16427c274d']
const examples = [
  [...key1, 'sample',
    '035b5c726e8c0e2c488a107c600578ee75cb702343c153cb1eb8dec77f4b5071b4a53f0a46f018bc2c56e58d383f2305e0' +
    '975972c26feea0eb122fe7893c15af376b33edf7de17c6ea056d4d82de6bc02f',
    'a3ad7b0ef73d8fc6655053ea22f9bede8c743f08bbed3d38821f0e16474b505e'],
  [...key1, 'test',
    '034dac60aba508ba0c01aa9be80377ebd7562c4a52d74722e0abae7dc3080ddb56c19e067b15a8a8174905b13617804534' +
    '214f935b94c2287f797e393eb0816969d864f37625b443f30f1a5a33f2b3c854',
    'a284f94ceec2ff4b3794629da7cbafa49121972671b466cab4ce170aa365f26d'],
  [...key2, 'Example using ECDSA key from Appendix L.4.2 of ANSI.X9-62-2005',
    '03d03398bf53aa23831d7d1b2937e005fb0062cbefa06796579f2a1fc7e7b8c667d091c00b0f5c3619d10ecea44363b5a5' +
    '99cadc5b2957e223fec62e81f7b4825fc799a771a3d7334b9186bdbee87316b1',
    '90871e06da5caa39a3c61578ebb844de8635e27ac0b13e829997d0d95dd98c19'],
]
const order = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'
const prime = 'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff'

const [, key, alpha, proof] = examples[0]
const check = (changed, of = alpha, by = key) => verify(unhex(by), ascii(of), changed)
const refuse = (changed, code, ...more) => assert.throws(() => check(changed, ...more), { code })
const part = (at, bytes) => {
  const changed = unhex(proof)
  changed.set(bytes, at)
  return changed
}

test('the examples of RFC 9381 are reproduced', () => {
  for (const [secret, key, alpha, proof, value] of examples) {
    assert.equal(hex(publicKey(unhex(secret))), key)
    assert.equal(hex(prove(unhex(secret), ascii(alpha))), proof)
    assert.equal(hex(verify(unhex(key), ascii(alpha), unhex(proof))), value)
  }
})

test('a proof of another length is refused', () => {
  for (const length of [0, 80]) refuse(unhex(proof).subarray(0, length), 'vrf-length')
  refuse(concat(unhex(proof), uint(1, 0)), 'vrf-length')
})

test('Gamma with another prefix, beyond p or off the curve is refused', () => {
  for (const prefix of [0, 1, 4, 5, 6, 7, 255]) refuse(part(0, [prefix]), 'vrf-gamma')
  refuse(part(1, unhex(prime)), 'vrf-gamma')
  refuse(part(1, new Uint8Array(32).fill(255)), 'vrf-gamma')
  refuse(part(1, uint(32, 1)), 'vrf-gamma') // x = 1 has no y on P-256
  refuse(part(0, [2]), 'vrf-proof') // the other root: a point, but not this proof's
})

test('s at or beyond the order is refused', () => {
  refuse(part(49, unhex(order)), 'vrf-scalar')
  refuse(part(49, uint(32, BigInt('0x' + order) - 1n)), 'vrf-proof')
  refuse(part(49, new Uint8Array(32).fill(255)), 'vrf-scalar')
})

test('every changed byte, another alpha and another key are refused', () => {
  for (let i = 0; i < 81; i++) assert.throws(() => check(part(i, [unhex(proof)[i] ^ 16])))
  refuse(unhex(proof), 'vrf-proof', 'sampl')
  refuse(unhex(proof), 'vrf-proof', alpha, key2[1])
  refuse(unhex(proof), 'key-point', alpha, '00' + key.slice(2))
  refuse(part(33, new Uint8Array(48)), 'vrf-proof') // U and V at infinity have no string
})

test('a key is a compressed point and nothing else', () => {
  const uncompressed = '04' + key.slice(2) + '00'.repeat(32)
  assert.ok(isKey(unhex(key)))
  for (const other of ['', '00', uncompressed, '02' + prime, `02${hex(uint(32, 1))}`])
    assert.equal(isKey(unhex(other)), false, other)
})
