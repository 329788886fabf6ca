// A real round of quicknet, and what is not one.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { checkHex, checkRound, quicknet, roundTime } from '../src/drand.js'
import { concat, hash, hex, ascii, uint, unhex } from '../src/bytes.js'
import { vectors } from './example.js'

const [, chain, round] = /drand quicknet ([0-9a-f]+) (\d+)/.exec(vectors.with_drand.freeze_txt)
const { signature } = vectors.with_drand.contributions.find(({ type }) => type === 'drand')

test('the hash of the chain is that of its key, times and name', () => {
  const group = unhex('f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e')
  const info = concat(uint(4, quicknet.period), uint(8, quicknet.genesis), unhex(quicknet.key), group,
    ascii('quicknet'))
  assert.equal(hex(hash(info)), quicknet.hash)
  assert.equal(chain, quicknet.hash)
})

test('the signature of a round holds for this round only, and no other signature does', () => {
  assert.equal(checkHex(Number(round), signature), true)
  assert.equal(checkHex(Number(round) + 1, signature), false)
  for (const at of [0, 1, 95]) {
    const digit = signature[at] === '8' ? '9' : '8'
    assert.equal(checkHex(Number(round), signature.slice(0, at) + digit + signature.slice(at + 1)), false)
  }
  const negated = unhex(signature)
  negated[0] ^= 0x20
  assert.equal(checkHex(Number(round), hex(negated)), false)
  assert.equal(checkHex(Number(round), 'c0' + '00'.repeat(47)), false) // the point at infinity
  for (const other of ['', 'zz', signature.slice(2), signature + '00', 'ff'.repeat(48)])
    assert.equal(checkHex(Number(round), other), false)
})

test('of another chain nothing is said', () => {
  assert.equal(checkRound('00'.repeat(32), 1, unhex(signature)), null)
  assert.equal(roundTime('00'.repeat(32), 1), null)
  assert.equal(roundTime(quicknet.hash, 1), 1692803367)
  assert.equal(roundTime(quicknet.hash, 2 ** 32), null)
})

test('drand-check answers by its exit status', () => {
  const program = fileURLToPath(new URL('../bin/drand-check.js', import.meta.url))
  const run = (...args) => spawnSync(process.execPath, [program, ...args]).status
  assert.equal(run(round, signature), 0)
  assert.equal(run(round, signature, chain), 0)
  assert.equal(run('1', signature), 1)
  assert.equal(run(round, signature, '00'.repeat(32)), 1)
  assert.equal(run(round), 2)
  assert.equal(run('01', signature), 2)
  assert.equal(run(round, 'xyz'), 2)
})
