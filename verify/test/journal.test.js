// The proofs of a transcript: the example with drand, with a journal made here.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { drawFiles, vectors } from './example.js'
import { Log, publicKey, secret, sign, vkey } from './log.js'
import { logKey, verify } from '../index.js'
import { ascii, concat, hash, hex, uint } from '../src/bytes.js'
import { parseContributions, valueOf } from '../src/contribution.js'
import { isSignature } from '../src/ed25519.js'
import { parseFreeze } from '../src/freeze.js'
import { quicknet } from '../src/drand.js'
import { types } from '../src/note.js'

const v = vectors.with_drand
const freeze = parseFreeze(ascii(v.freeze_txt))
const name = `${freeze.origin}/journal`
const day = at => `${new Date(at * 1000).toISOString().slice(0, 19)}.000000Z`
const witness = freeze.contributors[2].name
const round = quicknet.genesis + (freeze.contributors[3].round - 1) * quicknet.period

// Everything as it should be, but for what `change` says.
function transcript({ age = 604800, seen = round - 1, cosigner = 2, signer = 1, early = false, late = false, signed = seen, length } = {}) {
  const log = Object.assign(new Log(name, signer), { length })
  const files = drawFiles(v)
  const given = parseContributions(files.get('contributions.txt'), freeze)
  const put = (file, bytes) => files.set(`${file}.tlog-proof`, bytes)
  for (const c of freeze.contributors.filter(one => one.source === 'vrf-p256'))
    put(`key-${c.name}`, log.add('key-announced', c.name, day(freeze.closeAt - age),
      `{"kind":"vrf-p256","name":"${c.name}","public_key":"${hex(c.key)}"}\n`))
  put(`cosign-${witness}`, log.add('key-announced', witness, day(freeze.closeAt - age),
    `{"kind":"ed25519-cosignature","name":"${witness}","public_key":"${hex(publicKey(cosigner))}"}\n`))
  const contribute = i => {
    const c = freeze.contributors[i]
    const value = hex(valueOf(freeze, c, given[i]))
    const proof = value === hex(given[i]) ? '' : `"proof":"${hex(given[i])}",`
    put(`value-${i + 1}`, log.add('contribution', freeze.draw, day(freeze.closeAt), `{"attempt":1,"draw":"${freeze.draw}",` +
      `"index":${i + 1},"kind":"${c.source}","name":"${c.name}",${proof}"value":"${value}"}\n`, [[witness, 2, seen, signed]]))
  }
  if (early) contribute(0)
  put('freeze', log.add('freeze', freeze.draw, day(freeze.closeAt), files.get('freeze.txt')))
  freeze.contributors.forEach((_, i) => !(early && i === 0) && contribute(i))
  if (late) put('value-2', log.prove(log.entries.length - 3, [[witness, 2, seen]]))
  put('result', log.add('result', freeze.draw, day(freeze.closeAt),
    `{"attempt":1,"draw":"${freeze.draw}","result":"${hex(hash(files.get('result.txt')))}","winners":[]}\n`))
  files.set('rules.txt', ascii('fairlot-policy/v1\nvrf_key_age 7d\n'))
  files.set('log.vkey', ascii(vkey(name, types.log, 1)))
  files.set('witnesses.vkeys', ascii(vkey(witness, types.cosigner, 2)))
  return files
}

const journal = ['log-key', 'proof', 'key-age', 'spoken-in-turn', 'cosignature', 'beacon-seen']

// The checks of the journal that do not hold, with their state; rules.txt is not the frozen one here.
function states(files, options = {}) {
  const report = verify(files, { drawOnly: true, ...options })
  const odd = report.checks.filter(({ code, status }) => journal.includes(code) && status !== 'holds')
  return Object.fromEntries(odd.map(({ code, status, file, about }) => [code, status === 'left' ? about : file ?? status]))
}

test('each check of the journal holds where all is as it should be', () => assert.deepEqual(states(transcript()), {}))

test('a witness that saw the values before the round gives level 3, and only then', () => {
  const level = files => {
    files.delete('rules.txt')
    return verify(files, { drawOnly: true }).level
  }
  assert.equal(level(transcript()), 3)
  const files = transcript()
  files.delete('witnesses.vkeys')
  assert.equal(level(files), 2)
})

test('what a maker gets wrong fails the check that is about it', () => {
  assert.deepEqual(states(transcript({ age: 604799 })), { 'key-age': 'key-operator.tlog-proof' })
  assert.deepEqual(states(transcript({ seen: round })), { 'beacon-seen': 'value-3.tlog-proof' })
  assert.deepEqual(states(transcript({ early: true })), { 'spoken-in-turn': 'value-1.tlog-proof' })
  assert.deepEqual(states(transcript({ late: true })), { 'spoken-in-turn': 'value-3.tlog-proof' })
  assert.deepEqual(states(transcript({ signed: 1 })), { cosignature: 'value-1.tlog-proof', 'beacon-seen': 'unreached' })
  assert.deepEqual(states(transcript({ cosigner: 3 })), { cosignature: 'witnesses.vkeys', 'beacon-seen': 'unreached' })
  assert.deepEqual(states(transcript({ length: 4096 })), {})
  assert.equal(states(transcript({ length: 4097 })).proof, 'freeze.tlog-proof')
  assert.equal(states(transcript({ signer: 3 })).proof, 'freeze.tlog-proof')
})

test('whether a beacon was seen is asked of the value\'s proof first, then of the cosignatures', () => {
  const files = transcript({ signed: 1 })
  files.delete('value-3.tlog-proof')
  const { cosignature, 'beacon-seen': seen } = states(files)
  assert.deepEqual({ cosignature, seen }, { cosignature: 'value-1.tlog-proof', seen: 'value-3.tlog-proof' })
})

test('each changed byte of a proof breaks it, or a cosignature in it', () => {
  const whole = transcript()
  const bytes = whole.get('value-1.tlog-proof')
  for (let i = 0; i < bytes.length; i += 23) {
    const changed = bytes.slice()
    changed[i] ^= 1
    const odd = states(new Map([...whole, ['value-1.tlog-proof', changed]]))
    assert.ok(odd.proof === 'value-1.tlog-proof' || odd.cosignature !== undefined || i > bytes.length - 200, `byte ${i}`)
  }
})

test('an absent file leaves what needs it', () => {
  const without = (...names) => {
    const files = transcript()
    for (const file of names) files.delete(file)
    return states(files)
  }
  assert.deepEqual(without('log.vkey'), Object.fromEntries(journal.map(code => [code, 'log.vkey'])))
  assert.deepEqual(without('value-2.tlog-proof', 'result.tlog-proof'),
    { proof: 'value-2.tlog-proof', 'spoken-in-turn': 'value-2.tlog-proof' })
  assert.deepEqual(without('rules.txt'), { 'key-age': 'rules.txt' })
})

test('the key that somebody has must be the transcript\'s, and is enough', () => {
  const mine = logKey(vkey(name, types.log, 1))
  const files = transcript()
  assert.deepEqual(states(files, { logKey: mine }), {})
  assert.equal(states(files, { logKey: logKey(vkey(name, types.log, 3)) })['log-key'], 'log.vkey')
  assert.equal(states(files, { logKey: logKey(vkey('other/journal', types.log, 1)) })['log-key'], 'freeze.txt')
  files.delete('log.vkey')
  assert.deepEqual(states(files, { logKey: mine }), {})
  assert.throws(() => logKey('name+00000000+AA=='), /not the verifier key/)
})

test('a signature of Ed25519 has S below the order, and its R by encoding', () => {
  const message = ascii('text')
  const good = sign(1, message)
  assert.ok(isSignature(publicKey(1), message, good))
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  const s = BigInt(`0x${hex(good.slice(32).reverse())}`) + order
  assert.ok(!isSignature(publicKey(1), message, concat(good.slice(0, 32), uint(32, s).reverse())))
  for (let i = 0; i < 64; i += 7) {
    const changed = good.slice()
    changed[i] ^= 4
    assert.ok(!isSignature(publicKey(1), message, changed))
  }
  assert.ok(!isSignature(publicKey(2), message, good) && !isSignature(secret(0), message, good.slice(1)))
})
