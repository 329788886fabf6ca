// result.txt, a convenience: after the last value anyone can compute it; and void.txt.
import { Record, listMax, one, seconds } from './record.js'
import { aboutFreeze } from './contribution.js'

// { seed, order } or { seed, value }.  That the order is the right one is for the caller to compare.
export function parseResult(bytes, freeze, candidates) {
  const r = new Record(bytes)
  aboutFreeze(r, freeze, 'result-head')
  const result = { seed: one(r, 'seed', () => r.hash()) }
  if (freeze.method === 'integer') {
    result.value = one(r, 'value', () => r.big(0, 2n ** 64n - 1n))
  } else {
    const left = new Set(candidates.map(({ id }) => id))
    r.key('order')
    result.order = []
    while (r.fields.length > 0) {
      const id = r.id()
      if (!left.delete(id)) r.fail('permutation')
      result.order.push(id)
    }
    if (left.size > 0) r.fail('permutation')
  }
  r.end()
  return result
}

export function parseVoid(bytes) {
  const r = new Record(bytes)
  r.protocol()
  const v = { draw: one(r, 'void', () => r.id()) }
  v.attempt = one(r, 'attempt', () => r.int(1, listMax))
  v.freeze = one(r, 'freeze', () => r.word())
  if (v.freeze === '-') v.freeze = null
  else if (!/^[0-9a-f]{64}$/.test(v.freeze)) r.fail('hash-form')
  v.reason = one(r, 'reason', () => r.id())
  v.stalled = one(r, 'stalled', () => r.idOrDash())
  v.by = one(r, 'by', () => [r.idOrDash(), r.idOrDash()])
  if ((v.by[0] === null) !== (v.by[1] === null) || (v.by[0] !== null && v.by[0] === v.by[1]))
    r.fail('void-people')
  v.at = one(r, 'at', () => r.word())
  if (seconds(v.at) === null) r.fail('record-form')
  r.end()
  return v
}
