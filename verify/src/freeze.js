// freeze.txt: the record that fixes everything a draw depends on.
import { Record, compare, isId, listMax, numberMax, one, seconds } from './record.js'
import { concat, hash, hex, tag } from './bytes.js'
import { isKey } from './vrf.js'

// The numbers are the type bytes of the seed; 5 and 6 are reserved.
export const sources = { 'vrf-p256': 1, commit: 2, drand: 3, nist: 4 }
export const isBeacon = contributor => contributor.source === 'drand' || contributor.source === 'nist'

const most = 64
const methods = ['fisher-yates', 'weighted', 'integer']
const isLabel = text => text.length <= 255 && text.split('/').every(isId)

function head(r) {
  const f = {}
  r.protocol()
  f.origin = one(r, 'origin', () => r.word())
  if (f.origin.length > 255) r.fail('id-form')
  f.draw = one(r, 'draw', () => r.word())
  if (!isId(f.draw)) r.fail('id-form')
  f.attempt = one(r, 'attempt', () => r.int(1, listMax))
  f.previous = one(r, 'previous', () => r.word())
  if (f.previous === '-') f.previous = null
  else if (!/^[0-9a-f]{64}$/.test(f.previous)) r.fail('hash-form')
  f.notice = one(r, 'notice', () => r.hash())
  f.rules = one(r, 'rules', () => r.hash())
  f.method = one(r, 'method', () => r.word())
  if (!methods.includes(f.method)) r.fail('method')
  f.winners = one(r, 'winners', () => r.int(0, listMax))
  return f
}

function options(r, f) {
  f.label = ''
  f.range = null
  f.quotas = []
  if (r.keyIf('label')) {
    f.label = r.word()
    r.done()
    if (!isLabel(f.label)) r.fail('label')
  }
  if (r.keyIf('range')) {
    const lo = r.int(0, numberMax)
    const hi = r.int(0, numberMax)
    r.done()
    if (lo > hi || hi - lo >= 2 ** 31) r.fail('range')
    f.range = { lo, hi }
  }
  if ((f.range !== null) !== (f.method === 'integer')) r.fail('range')
  let sum = 0
  while (r.keyIf('quota')) {
    if (f.quotas.length === most) r.fail('quota')
    const quota = { stratum: r.id(), winners: r.int(1, listMax) }
    r.done()
    sum += quota.winners
    const sorted = f.quotas.length === 0 || compare(f.quotas.at(-1).stratum, quota.stratum) < 0
    if (!sorted || sum > f.winners || f.method !== 'fisher-yates' || f.label !== '') r.fail('quota')
    f.quotas.push(quota)
  }
}

// Who may stand at which place: operator, owner, then witnesses, a beacon only last.
function place(r, before, c) {
  const first = [['vrf-p256', 'operator'], ['commit', 'owner']][before.length]
  if (first !== undefined && (c.source !== first[0] || c.name !== first[1])) r.fail('contributor-first')
  if (first === undefined && (c.source === 'commit' || isBeacon(before.at(-1)))) r.fail('contributor-order')
  for (const other of before) {
    if (other.name === c.name) r.fail('contributor-name')
    if (c.key !== undefined && other.key !== undefined && hex(other.key) === hex(c.key))
      r.fail('contributor-key')
  }
  if (c.key !== undefined && !isKey(c.key)) r.fail('key-point')
}

function contributor(r, before) {
  const number = r.int(0, numberMax)
  const c = { source: r.word(), name: r.id() }
  if (number !== before.length + 1 || before.length === most) r.fail('contributor-order')
  if (!Object.hasOwn(sources, c.source)) r.fail('record-form')
  if (c.source === 'vrf-p256') c.key = r.bytes(33)
  else if (c.source === 'commit') c.commitment = r.hash()
  else if (c.source === 'drand') c.chain = r.hash()
  if (isBeacon(c)) c.round = r.int(1, numberMax)
  r.done()
  place(r, before, c)
  return c
}

export function parseFreeze(bytes) {
  const r = new Record(bytes)
  const f = head(r)
  options(r, f)
  r.key('candidates')
  f.candidates = { count: r.int(0, listMax), root: r.hash() }
  r.done()
  if (f.winners < 1 || f.winners > f.candidates.count) r.fail('winners')
  r.key('excluded')
  f.excluded = { count: r.int(0, listMax), root: r.hash() }
  r.done()
  f.contributors = []
  while (r.keyIf('contributor')) f.contributors.push(contributor(r, f.contributors))
  if (f.contributors.length < 2) r.fail('contributor-first')
  f.close = one(r, 'close', () => r.word())
  f.closeAt = seconds(f.close)
  if (f.closeAt === null) r.fail('close')
  r.end()
  f.hash = hash(bytes)
  f.alpha = concat(tag('vrf'), f.hash)
  return f
}
