// One attempt is checked in the order freeze, texts, lists, sign-ups, values, result, void; then the
// attempts are compared with one another.  A step that fails leaves the checks that depend on it
// unreached; the others go on, so that one report names all that is wrong.
import { Fault } from './fault.js'
import { checks, codes } from './check.js'
import { checkRound, roundTime } from './drand.js'
import { compare } from './record.js'
import { equal, hash, hex } from './bytes.js'
import { integer, orderOf } from './order.js'
import { isPulse, isSigned, parsePulse } from './nist.js'
import { checkJournal } from './journal.js'
import { isBeacon, parseFreeze } from './freeze.js'
import { parseCandidates, parseExcluded } from './list.js'
import { parseContributions, seedOf, valueOf } from './contribution.js'
import { parseResult, parseVoid } from './result.js'
import { parseSignups, signupFault } from './signup.js'

const attemptsMax = 1000
const beaconDelay = 120
const known = ['freeze.txt', 'candidates.txt', 'excluded.txt', 'contributions.txt', 'result.txt',
  'signups.txt', 'signups.bin', 'notice.txt', 'rules.txt', 'void.txt', 'void-signatures.txt']

// What may be absent when only the draw's own records are asked about.
const beside = new Set(['journal', 'texts', 'signup'])

class Attempt {
  constructor(number, files, beside) {
    this.number = number // null until its records say it
    this.files = files // name -> list of bytes
    this.beside = beside // those that stand once for all attempts
    this.rows = new Map(codes.map(code => [code, { status: 'unreached' }]))
    this.freeze = this.lists = this.given = this.values = this.result = this.void = null
  }

  set(code, status, where = {}) {
    // The first failure is the one to look at.
    if (this.rows.get(code).status !== 'fails') this.rows.set(code, { status, ...where })
  }

  fails(code, file = null, line = 0, about = '') {
    this.set(code, 'fails', { file, line, about })
  }

  left(code, about) {
    this.set(code, 'left', { about })
  }

  status(code) {
    return this.rows.get(code).status
  }

  // Every check of the group that nobody looked at yet.
  rest(group, status, about) {
    for (const check of checks)
      if (check.group === group && this.status(check.code) === 'unreached')
        this.set(check.code, status, about === undefined ? {} : { about })
  }

  // What is left of a group holds, unless one of it fails: then nobody looked at the rest.
  close(group) {
    if (!checks.some(check => check.group === group && this.status(check.code) === 'fails'))
      this.rest(group, 'holds')
  }

  // The bytes of a file, or undefined.
  file(name) {
    return this.files.get(name)?.at(-1)
  }

  // The same of a file beside the attempts' folders.
  shared(name) {
    return this.beside.get(name)?.at(-1)
  }

  need(name) {
    const bytes = this.file(name)
    if (bytes === undefined) this.left('files-present', name)
    return bytes
  }

  // What `parse` makes of a record, or null with the check that does not hold noted.
  read(file, parse) {
    try {
      return parse()
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault
      this.fails(fault.code, file, fault.line)
      return null
    }
  }

  get drawId() {
    return this.freeze?.draw ?? this.void?.draw ?? null
  }
}

function checkFreeze(t) {
  const bytes = t.file('freeze.txt')
  if (bytes === undefined) {
    // An attempt may be void before its freeze.
    if (t.file('void.txt') === undefined) t.left('files-present', 'freeze.txt')
    return
  }
  t.freeze = t.read('freeze.txt', () => parseFreeze(bytes))
  if (t.freeze === null) return
  t.number ??= t.freeze.attempt
  if (t.freeze.attempt !== t.number) t.fails('attempt-number', 'freeze.txt', 4)
  t.rest('freeze', 'holds')
}

function checkText(t, code, file, want) {
  const bytes = t.file(file)
  if (bytes === undefined) t.left(code, file)
  else if (hex(hash(bytes)) === want) t.set(code, 'holds')
  else t.fails(code, file)
}

function checkLists(t) {
  const files = [t.need('candidates.txt')]
  if (files[0] === undefined) return
  files.push(t.need('excluded.txt'))
  if (files[1] === undefined) return
  const candidates = t.read('candidates.txt', () => parseCandidates(files[0]))
  const excluded = t.read('excluded.txt', () => parseExcluded(files[1]))
  if (candidates === null || excluded === null) return
  const ids = new Set(excluded.items.map(({ id }) => id))
  const both = candidates.items.find(({ id }) => ids.has(id))
  if (both !== undefined) t.fails('list-both', 'excluded.txt', 0, both.id)
  const frozen = t.freeze
  const differs = [
    ['candidate-count', 'candidates.txt', candidates.items.length !== frozen.candidates.count],
    ['candidate-root', 'candidates.txt', candidates.root !== frozen.candidates.root],
    ['excluded-count', 'excluded.txt', excluded.items.length !== frozen.excluded.count],
    ['excluded-root', 'excluded.txt', excluded.root !== frozen.excluded.root],
  ].find(([, , is]) => is)
  if (differs !== undefined) t.fails(differs[0], differs[1])
  t.close('list')
  if (differs === undefined && both === undefined)
    t.lists = { candidates: candidates.items, excluded: excluded.items }
}

function checkSignups(t) {
  const txt = t.file('signups.txt')
  const bin = t.file('signups.bin')
  if (txt === undefined || bin === undefined) {
    t.rest('signup', 'left', 'signups.txt')
    return
  }
  const signups = t.read('signups.txt', () => parseSignups(txt, bin))
  if (signups === null) return
  const listed = [...t.lists.candidates, ...t.lists.excluded].sort((a, b) => compare(a.id, b.id))
  const length = Math.min(listed.length, signups.length)
  let n = 0
  for (; n < length && signups[n].id === listed[n].id; n++) {
    const fault = signupFault(signups[n], t.freeze.draw)
    if (fault !== null) t.fails(fault, 'signups.bin', n + 1, signups[n].id)
    if (signups[n].leaf !== listed[n].leaf) t.fails('signup-leaf', 'signups.bin', n + 1, signups[n].id)
  }
  if (n < listed.length || n < signups.length)
    t.fails('signup-set', 'signups.txt', n + 1, (listed[n] ?? signups[n]).id)
  t.close('signup')
}

function checkBeacon(t, contributor, given, options) {
  const pulse = contributor.source === 'nist' ? parsePulse(given) : null
  const at = pulse === null ? roundTime(contributor.chain, contributor.round) : pulse.time
  if (at === null) t.left('beacon-time', 'beacon')
  else if (at < t.freeze.closeAt + beaconDelay) t.fails('beacon-time', pulse === null ? 'freeze.txt' : 'contributions.txt', 0, contributor.name)
  const other = pulse !== null && !isPulse(pulse, contributor.name, contributor.round)
  const answer = other ? false : options.beacon(contributor, given)
  if (answer === false) t.fails('beacon-value', 'contributions.txt', 0, contributor.name)
  else if (answer !== true) t.left('beacon-value', 'beacon')
}

// The values by contributor, or null unless each gave one that counts.
function checkValues(t, options) {
  const bytes = t.need('contributions.txt')
  if (bytes === undefined) return null
  const given = t.read('contributions.txt', () => parseContributions(bytes, t.freeze))
  if (given === null) return null
  t.given = given
  const { contributors } = t.freeze
  const values = given.map((value, i) => {
    const contributor = contributors[i]
    try {
      const counts = valueOf(t.freeze, contributor, value)
      if (isBeacon(contributor)) checkBeacon(t, contributor, value, options)
      return counts
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault
      t.fails(fault.code, 'contributions.txt', i + 5, contributor.name)
      return null
    }
  })
  const complete = given.length === contributors.length
  if (given.length < 2) t.set('commitment', 'none')
  if (!complete || !isBeacon(contributors.at(-1)))
    for (const code of ['beacon-form', 'beacon-time', 'beacon-value']) t.set(code, 'none')
  if (!complete) {
    const where = { file: 'contributions.txt', line: 0, about: contributors[given.length].name }
    const ended = t.file('void.txt') !== undefined
    const claimed = t.file('result.txt') !== undefined
    t.set('contribution-count', claimed ? 'fails' : ended ? 'none' : 'left', where)
  }
  t.close('value')
  t.values = values
  return complete && !values.includes(null) ? values : null
}

function checkResult(t, values) {
  const { method, label, range } = t.freeze
  const { candidates } = t.lists
  const seed = seedOf(t.freeze, values)
  t.result = { seed: hex(seed) }
  if (method === 'integer') t.result.value = integer(seed, label, range.lo, range.hi)
  else t.result.order = orderOf(t.freeze, candidates, seed).map(index => candidates[index].id)
  const bytes = t.file('result.txt')
  if (bytes === undefined) {
    t.rest('result', 'left', 'result.txt')
    return
  }
  const claimed = t.read('result.txt', () => parseResult(bytes, t.freeze, candidates))
  if (claimed === null) return
  if (claimed.seed !== t.result.seed) t.fails('seed', 'result.txt', 5)
  if (method === 'integer') {
    t.set('permutation', 'none')
    t.set('order', 'none')
    if (claimed.value !== BigInt(t.result.value)) t.fails('integer', 'result.txt', 6)
  } else {
    t.set('integer', 'none')
    const wrong = claimed.order.find((id, i) => id !== t.result.order[i])
    if (wrong !== undefined) t.fails('order', 'result.txt', 6, wrong)
  }
  t.close('result')
}

function checkVoid(t) {
  const bytes = t.file('void.txt')
  if (bytes === undefined) return
  t.void = t.read('void.txt', () => parseVoid(bytes))
  if (t.void === null) return
  t.number ??= t.void.attempt
  const about = t.void.attempt === t.number && (t.void.freeze !== null) === t.files.has('freeze.txt')
  const same = t.freeze === null ||
    (t.void.draw === t.freeze.draw && t.void.freeze === hex(t.freeze.hash))
  if (!about || !same) t.fails('void-head', 'void.txt')
}

function checkAttempt(t, options) {
  for (const name of known)
    if (t.files.get(name)?.length > 1) t.fails('files-present', name)
  checkFreeze(t)
  if (t.freeze !== null) {
    checkText(t, 'notice-hash', 'notice.txt', t.freeze.notice)
    checkText(t, 'rules-hash', 'rules.txt', t.freeze.rules)
    checkLists(t)
    if (t.lists !== null) checkSignups(t)
    const values = checkValues(t, options)
    if (values !== null && t.lists !== null) checkResult(t, values)
  }
  checkVoid(t)
  if (t.freeze !== null) checkJournal(t, options)
  else t.rest('journal', 'none')
  if (t.freeze !== null || t.void !== null) t.close('form')
}

// The operator who stalled comes back with another key, a witness not at all, an owner neither.
function isBack(before, freeze) {
  const name = before.void.stalled
  if (name === null) return false
  const key = before.freeze?.contributors.find(c => c.name === name)?.key
  return freeze.contributors.some(c => (c.name === name && name !== 'operator') ||
    (key !== undefined && c.key !== undefined && equal(c.key, key)))
}

function checkSuccession(t, before) {
  const voidBytes = before.file('void.txt') ?? new Uint8Array(0)
  if (t.freeze.previous !== hex(hash(voidBytes))) t.fails('previous', 'freeze.txt', 5)
  if (before.void === null) return
  if (isBack(before, t.freeze)) t.fails('staller-replaced', 'freeze.txt', 0, before.void.stalled)
  if (before.freeze !== null && before.void.reason !== 'list-changed' &&
    before.freeze.candidates.root !== t.freeze.candidates.root)
    t.fails('list-kept', 'freeze.txt')
}

function checkAttempts(attempts, bare, tooMany) {
  const commitments = new Set()
  attempts.forEach((t, i) => {
    const last = i + 1 === attempts.length
    if ((t.number !== i + 1 && !bare) || tooMany) t.fails('attempt-sequence')
    if (t.drawId !== null && attempts[0].drawId !== null && t.drawId !== attempts[0].drawId)
      t.fails('same-draw', null, 0, t.drawId)
    if (t.freeze !== null && i > 0) checkSuccession(t, attempts[i - 1])
    else if (t.freeze !== null && t.number === 1) {
      if (t.freeze.previous !== null) t.fails('previous', 'freeze.txt', 5)
    } else if (t.number > 1) t.rest('attempts', 'left', 'attempt-1')
    const commitment = t.freeze?.contributors[1].commitment
    if (commitments.has(commitment)) t.fails('commitment-reused', 'freeze.txt', 0, 'owner')
    if (commitment !== undefined) commitments.add(commitment)
    if (t.file('void.txt') === undefined && !last) t.fails('void-missing', 'void.txt')
    if (t.void !== null && !last && t.void.by[0] === null) t.fails('void-people', 'void.txt', 7)
    t.rest('attempts', 'holds')
  })
}

// attempt-<n>/NAME -> [n, NAME]; null as n for what stands in no such folder.
function place(name) {
  const [, folder, rest] = /^attempt-([1-9][0-9]*)\/(.*)$/s.exec(name) ?? []
  return Number(folder) <= 1000000 ? [Number(folder), rest] : [null, name]
}

function group(files) {
  const folders = new Map()
  for (const [name, bytes] of files) {
    const [number, rest] = place(name)
    if (!folders.has(number)) folders.set(number, new Map())
    const folder = folders.get(number)
    folder.set(rest, [...(folder.get(rest) ?? []), bytes])
  }
  const bare = folders.get(null) ?? new Map()
  folders.delete(null)
  if (folders.size === 0) return { attempts: [new Attempt(null, bare, bare)], bare: true, tooMany: false }
  const numbers = [...folders.keys()].slice(0, attemptsMax).sort((a, b) => a - b)
  const attempts = numbers.map(number => new Attempt(number, folders.get(number), bare))
  return { attempts, bare: false, tooMany: folders.size > attemptsMax }
}

// 0 all holds, 1 something fails, 3 something could not be checked.
function judge(attempts, drawOnly) {
  const rows = attempts.flatMap(t => checks.map(({ code, group }) => [group, t.status(code)]))
  if (rows.some(([, status]) => status === 'fails')) return 1
  const left = ([group, status]) => status === 'left' && !(drawOnly && beside.has(group))
  return rows.some(left) ? 3 : 0
}

// L1: operator and owner.  L2: and a witness.  L3: and a drand round that was checked, and before it a
// witness had seen the others' values.
function levelOf(t) {
  const others = t.freeze.contributors.slice(2)
  if (!others.some(c => c.source === 'vrf-p256')) return 1
  const codes = ['beacon-value', 'beacon-time', 'beacon-seen']
  const drand = others.some(c => c.source === 'drand') && codes.every(code => t.status(code) === 'holds')
  return drand ? 3 : 2
}

const witnessesOf = ({ freeze }) =>
  (freeze?.contributors ?? []).slice(2).filter(({ source }) => source === 'vrf-p256').map(({ name }) => name)

// The witness that an attempt was voided for, as one that stalled; null if none.
const spentIn = t => (t.void?.reason === 'contributor-stalled' && witnessesOf(t).includes(t.void.stalled)
  ? t.void.stalled : null)

function report(attempts, verdict) {
  const last = attempts.at(-1)
  const drawn = last.result !== null
  const level = verdict !== 1 && drawn && last.void === null ? levelOf(last) : 0
  const rows = attempts.flatMap(t => checks.map(({ code }) => {
    const { status, file, line, about } = t.rows.get(code)
    const where = file == null ? undefined : line > 0 ? `${file}:${line}` : file
    return { attempt: t.number ?? 0, code, status, where, file, line, about }
  }))
  return {
    ok: verdict === 0,
    verdict,
    level,
    beaconLeft: drawn && last.status('beacon-value') === 'left',
    checks: rows,
    reason: rows.find(({ status }) => status === 'fails') ?? null,
    draw: last.drawId,
    attempts: attempts.map(t => ({ number: t.number ?? 0, void: t.void, spent: spentIn(t) })),
    witnesses: witnessesOf(last),
    freeze: last.freeze === null ? null : hex(last.freeze.hash),
    seed: last.result?.seed ?? null,
    order: last.result?.order ?? null,
    winners: last.result?.order?.slice(0, last.freeze.winners) ?? null,
    value: last.result?.value ?? null,
    candidates: last.lists?.candidates.length ?? null,
  }
}

// What can be told here of a beacon's value: quicknet's rounds, and pulses of the certificate given.
function beaconCheck(certificate) {
  return (contributor, given) => {
    if (contributor.source === 'drand') return checkRound(contributor.chain, contributor.round, given)
    return certificate === undefined ? null : isSigned(parsePulse(given), certificate)
  }
}

/* files: a Map or list of pairs from name to bytes, or an object, named as in the transcript
 * (attempt-<n>/freeze.txt, or freeze.txt when one attempt is given).
 * options.drawOnly: what needs the journal, and absent notice, rules and sign-ups, do not count.
 * options.logKey: of the journal, by logKey(), where the transcript's must be that one.
 * options.nistCertificate: of NIST's beacon, by parseCertificate().
 * options.beacon(contributor, given): true, false, or null when it cannot be told; by default drand's
 * quicknet is checked, and NIST's pulses where their certificate is given. */
export function verify(files, options = {}) {
  const list = typeof files[Symbol.iterator] === 'function' ? files : Object.entries(files)
  const { attempts, bare, tooMany } = group(list)
  const given = { beacon: options.beacon ?? beaconCheck(options.nistCertificate), logKey: options.logKey }
  for (const t of attempts) checkAttempt(t, given)
  checkAttempts(attempts, bare, tooMany)
  return report(attempts, judge(attempts, options.drawOnly === true))
}
