// What the journal says of an attempt, by the proofs that its transcript carries: docs/DRAW.md, Proofs.
import { ascii, equal, hash, hex } from './bytes.js'
import { roundTime } from './drand.js'
import { isSignature } from './ed25519.js'
import { Fault } from './fault.js'
import { isBeacon } from './freeze.js'
import { parsePulse } from './nist.js'
import { cosignatures, parseVkey, textOf, types } from './note.js'
import { parseProof, payloadText } from './proof.js'
import { Record, compare, one } from './record.js'

const isWitness = (contributor, i) => i >= 2 && contributor.source === 'vrf-p256'

// What ends a check: it is left for want of a file, it is skipped, or it fails.
class End extends Error {
  constructor(status, file, about = '', line = 0) {
    super(status)
    Object.assign(this, { status, file, about, line })
  }
}

// For want of a file, or of what stands here instead.
const absent = file => new End('left', file)
const skipped = () => new End('unreached')
const failed = (file, about, line) => new End('fails', file, about, line)

function parseLogKey(bytes, origin) {
  const text = textOf(bytes) ?? ''
  const vkey = /^[^\n]*\n$/.test(text) ? parseVkey(text.slice(0, -1), types.log) : null
  return vkey !== null && vkey.name === `${origin}/journal` ? vkey : null
}

// The lines that LF ends, and whether it ends the last.
function linesOf(bytes) {
  const lines = []
  let at = 0
  for (let end; (end = bytes.indexOf(10, at)) !== -1; at = end + 1) lines.push(bytes.subarray(at, end))
  return { lines, whole: at === bytes.length }
}

// The keys of witnesses.vkeys, or the number of the first line that has another form.
function parseVkeys(bytes) {
  const { lines, whole } = linesOf(bytes)
  const keys = lines.map(line => parseVkey(textOf(line) ?? '', types.cosigner))
  const order = lines.map(hex)
  const wrong = keys.findIndex((key, i) => key === null || (i > 0 && compare(order[i - 1], order[i]) >= 0))
  if (wrong !== -1) return { fault: wrong + 1 }
  return whole ? { keys } : { fault: lines.length + 1 }
}

// --- the proofs, by what they are about ---

function contributionPayload(t, i) {
  const { draw, attempt, contributors } = t.freeze
  const { source, name } = contributors[i]
  const given = equal(t.given[i], t.values[i]) ? '' : `"proof":"${hex(t.given[i])}",`
  return `{"attempt":${attempt},"draw":"${draw}","index":${i + 1},"kind":"${source}","name":"${name}",` +
    `${given}"value":"${hex(t.values[i])}"}\n`
}

function isResult({ freeze }, text, bytes) {
  const start = `{"attempt":${freeze.attempt},"draw":"${freeze.draw}","result":"${hex(hash(bytes))}"`
  return text.startsWith(`${start},`) || text.startsWith(`${start}}`)
}

const announces = (text, kind, name, key) =>
  [`"kind":"${kind}"`, `"name":"${name}"`, `"public_key":"${key}"`].every(member => text.includes(member))

const cosignKeyOf = text => /"public_key":"([0-9a-f]{64})"/.exec(text)?.[1] ?? null

const isCosignKey = (text, name) => cosignKeyOf(text) !== null &&
  announces(text, 'ed25519-cosignature', name, cosignKeyOf(text))

// In the order in which they are looked for: { name, kind, subject, is }, `is` of an entry.
function wanted(t) {
  const { draw, contributors } = t.freeze
  const of = (name, kind, is) => ({ file: `${name}.tlog-proof`, kind, subject: draw, is })
  const announced = (prefix, { name }, is) =>
    ({ file: `${prefix}-${name}.tlog-proof`, kind: 'key-announced', subject: name, is })
  const same = bytes => ({ payload }) => equal(payload, bytes)
  const list = [of('freeze', 'freeze', same(t.file('freeze.txt')))]
  t.values?.forEach((value, i) => value !== null &&
    list.push(of(`value-${i + 1}`, 'contribution', same(ascii(contributionPayload(t, i))))))
  const result = t.file('result.txt')
  if (result !== undefined) list.push(of('result', 'result', entry => isResult(t, payloadText(entry), result)))
  const ended = t.file('void.txt')
  if (ended !== undefined) list.push(of('void', 'void', same(ended)))
  const keyed = contributors.filter(({ source }) => source === 'vrf-p256')
  for (const c of keyed)
    list.push(announced('key', c, entry => announces(payloadText(entry), 'vrf-p256', c.name, hex(c.key))))
  for (const c of contributors.filter(isWitness))
    list.push(announced('cosign', c, entry => isCosignKey(payloadText(entry), c.name)))
  return list
}

// The proofs of an attempt: by file { index, entry, checkpoint }, or null for one that does not hold.
class Proofs {
  constructor(t, log) {
    this.found = new Map()
    for (const { file, kind, subject, is } of wanted(t)) {
      const bytes = t.file(file)
      if (t.files.get(file)?.length > 1) t.fails('files-present', file)
      if (bytes === undefined) continue
      const proof = parseProof(bytes, log)
      const holds = proof !== null && proof.entry.kind === kind && proof.entry.subject === subject && is(proof.entry)
      this.found.set(file, holds ? proof : null)
    }
  }

  need(name) {
    const file = `${name}.tlog-proof`
    const proof = this.found.get(file)
    if (proof === undefined) throw absent(file)
    return proof ?? (() => { throw skipped() })()
  }
}

// --- the checks ---

// The transcript's, which must be the one that the verifying person has; that one alone will do.
function checkLogKey(t, { logKey }) {
  const bytes = t.shared('log.vkey')
  if (logKey !== undefined && logKey.name !== `${t.freeze.origin}/journal`) throw failed('freeze.txt', '', 2)
  if (bytes === undefined && logKey === undefined) throw absent('log.vkey')
  const log = bytes === undefined ? logKey : parseLogKey(bytes, t.freeze.origin)
  if (log === null || (logKey !== undefined && log.line !== logKey.line)) throw failed('log.vkey', '', 1)
  return log
}

function checkProof(t, proofs) {
  const files = wanted(t).map(({ file }) => file)
  const wrong = files.find(file => proofs.found.get(file) === null)
  if (wrong !== undefined) throw failed(wrong)
  const missing = files.find(file => !proofs.found.has(file))
  if (missing !== undefined) throw absent(missing)
}

function checkTurns(t, proofs) {
  if (t.file('contributions.txt') === undefined) throw absent('contributions.txt')
  if (t.given === null) throw skipped()
  const before = [proofs.need('freeze')]
  t.given.forEach((_, i) => {
    if (t.values[i] === null) throw skipped()
    const value = proofs.need(`value-${i + 1}`)
    const inTurn = i === 0 ? value.index > before[0].index
      : before.every(({ checkpoint }) => checkpoint.size <= value.index)
    if (!inTurn) throw failed(`value-${i + 1}.tlog-proof`, t.freeze.contributors[i].name)
    before.push(value)
  })
}

// vrf_key_age of rules.txt in microseconds, or null.
function ageOf(rules) {
  const text = textOf(rules) ?? ''
  const line = text.split('\n').find(one => one.split(' ')[0] === 'vrf_key_age') ?? ''
  const [, count, unit] = /^vrf_key_age (0|[1-9][0-9]{0,5})([shd])$/.exec(line) ?? []
  if (count === undefined || Number(count) > 100000) return null
  return BigInt(count) * BigInt({ s: 1, h: 3600, d: 86400 }[unit]) * 1000000n
}

function checkKeyAge(t, proofs) {
  const rules = t.file('rules.txt')
  if (rules === undefined) throw absent('rules.txt')
  const age = ageOf(rules)
  if (age === null) throw absent('rules.txt')
  for (const { source, name } of t.freeze.contributors) {
    if (source !== 'vrf-p256') continue
    const { entry, index } = proofs.need(`key-${name}`)
    if (entry.at + age > BigInt(t.freeze.closeAt) * 1000000n) throw failed(`key-${name}.tlog-proof`, name)
    if (index >= proofs.need('freeze').index) throw failed(`key-${name}.tlog-proof`, name)
  }
}

// The keys by which witnesses cosign, as listed; what needs them ends where they are not readable.
function listed(t) {
  if (t.shared('witnesses.vkeys') === undefined) throw absent('witnesses.vkeys')
  const { keys } = parseVkeys(t.shared('witnesses.vkeys'))
  if (keys === undefined) throw skipped()
  return keys
}

const holder = (keys, name, key) => keys.find(one => one.name === name && hex(one.key) === key)

// The keys that witnesses announced and that are listed.
function cosigners(t, proofs, witnesses) {
  const keys = listed(t)
  return witnesses.map(({ name }) => {
    const proof = proofs.need(`cosign-${name}`)
    const key = holder(keys, name, cosignKeyOf(payloadText(proof.entry)))
    if (key === undefined) throw failed('witnesses.vkeys', name)
    return key
  })
}

function checkCosignature(t, proofs, witnesses) {
  const announced = cosigners(t, proofs, witnesses)
  let any = false
  for (const [file, proof] of proofs.found) {
    if (proof === null) continue
    for (const key of announced)
      for (const time of cosignatures(proof.checkpoint, key)) {
        if (time === null) throw failed(file, key.name)
        any = true
      }
  }
  if (!any) throw absent('cosignature')
}

function beaconMillis(beacon, given) {
  if (beacon.source === 'nist') return parsePulse(given).millis
  const at = roundTime(beacon.chain, beacon.round)
  return at === null ? null : at * 1000
}

function checkSeen(t, proofs, witnesses) {
  const { contributors } = t.freeze
  const beacon = contributors.at(-1)
  const at = beaconMillis(beacon, t.given.at(-1))
  if (at === null) throw absent('beacon')
  if (t.values[contributors.length - 2] === null) throw skipped()
  const { checkpoint } = proofs.need(`value-${contributors.length - 1}`)
  if (['fails', 'unreached'].includes(t.status('cosignature'))) throw skipped()
  const times = cosigners(t, proofs, witnesses).flatMap(key => cosignatures(checkpoint, key))
  if (!times.some(time => time !== null && time * 1000n < BigInt(at)))
    throw failed(`value-${contributors.length - 1}.tlog-proof`, beacon.name)
}

function parseVoidSignatures(bytes, t, ended) {
  const r = new Record(bytes)
  r.protocol()
  const draw = one(r, 'signatures', () => r.id())
  const attempt = one(r, 'attempt', () => r.int(1, 2 ** 32 - 1))
  const of = one(r, 'void', () => r.hash())
  if (draw !== t.freeze.draw || attempt !== t.freeze.attempt || of !== hex(hash(ended)))
    throw new Fault('void-signature')
  const lines = []
  while (r.keyIf('signature')) {
    const line = { witness: r.id(), key: r.bytes(32), signature: r.bytes(64), number: r.number }
    r.done()
    lines.push(line)
  }
  r.end()
  return lines
}

function checkVoidSignature(t, owed, proofs) {
  const bytes = t.file('void-signatures.txt')
  const ended = t.file('void.txt')
  if (bytes === undefined) throw absent('void-signatures.txt')
  const lines = t.read('void-signatures.txt', () => parseVoidSignatures(bytes, t, ended))
  if (lines === null) throw skipped()
  const keys = listed(t)
  lines.forEach(({ witness, key, signature, number }, i) => {
    const inOrder = i === 0 || compare(lines[i - 1].witness, witness) < 0
    if (!inOrder || holder(keys, witness, hex(key)) === undefined || !isSignature(key, ended, signature))
      throw failed('void-signatures.txt', witness, number)
  })
  const missing = owed.find(({ name }) => !lines.some(({ witness }) => witness === name))
  if (missing !== undefined) throw failed('void-signatures.txt', missing.name)
  if (proofs === null) throw t.status('log-key') === 'fails' ? skipped() : absent('log.vkey')
  for (const { name } of owed) {
    const announced = cosignKeyOf(payloadText(proofs.need(`cosign-${name}`).entry))
    const { key, number } = lines.find(({ witness }) => witness === name)
    if (hex(key) !== announced) throw failed('void-signatures.txt', name, number)
  }
}

// One check: what it throws is how it ends.
function run(t, code, check) {
  try {
    const value = check()
    t.set(code, 'holds')
    return value
  } catch (end) {
    if (!(end instanceof End)) throw end
    if (end.status === 'left') t.left(code, end.file)
    else if (end.status === 'fails') t.fails(code, end.file, end.line, end.about)
    return null
  }
}

export function checkJournal(t, options) {
  for (const name of ['log.vkey', 'witnesses.vkeys'])
    if (t.beside.get(name)?.length > 1) t.fails('files-present', name)
  const witnesses = t.freeze.contributors.filter(isWitness)
  const last = t.freeze.contributors.length - 1
  const beacon = isBeacon(t.freeze.contributors[last]) && t.values?.[last] != null
  const owed = t.void?.by[0] == null || t.void.freeze === null ? []
    : witnesses.filter(({ name }) => name !== t.void.stalled ||
      t.freeze.contributors.findIndex(c => c.name === name) < (t.given?.length ?? 0))
  const log = run(t, 'log-key', () => checkLogKey(t, options))
  if (options.logKey !== undefined && t.status('log-key') === 'holds') t.set('log-key', 'holds', { about: 'given' })
  const proofs = log === null ? null : new Proofs(t, log)
  const by = (code, occurs, check) => {
    if (!occurs) t.set(code, 'none')
    else if (t.status('log-key') === 'left') t.left(code, 'log.vkey')
    else if (log !== null) run(t, code, check)
  }
  by('proof', true, () => checkProof(t, proofs))
  by('spoken-in-turn', true, () => checkTurns(t, proofs))
  by('key-age', true, () => checkKeyAge(t, proofs))
  const { fault } = parseVkeys(t.shared('witnesses.vkeys') ?? new Uint8Array(0))
  if (witnesses.length > 0 && fault !== undefined) t.fails('cosignature', 'witnesses.vkeys', fault)
  by('cosignature', witnesses.length > 0, () => checkCosignature(t, proofs, witnesses))
  by('beacon-seen', witnesses.length > 0 && beacon, () => checkSeen(t, proofs, witnesses))
  if (owed.length === 0) t.set('void-signature', 'none')
  else run(t, 'void-signature', () => checkVoidSignature(t, owed, proofs))
  for (const code of ['freeze-once', 'checkpoint']) t.left(code, 'journal')
}
