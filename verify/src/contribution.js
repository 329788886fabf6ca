// What each contributor gives, what it counts as, and the seed that follows.
import { Record, one } from './record.js'
import { ascii, concat, equal, hash, hex, lp, tag, uint, unhex } from './bytes.js'
import { Fault } from './fault.js'
import { sources } from './freeze.js'
import { parsePulse, pulseValue } from './nist.js'
import * as vrf from './vrf.js'

const givenMax = 2048
const roundLengths = [48, 96]

export const commitmentOf = (draw, name, r) => hash(tag('commit'), lp(ascii(draw)), lp(ascii(name)), r)

// The lines that contributions.txt and result.txt begin with; `code` when they are not this freeze's.
export function aboutFreeze(r, freeze, code) {
  r.protocol()
  const draw = one(r, 'draw', () => r.id())
  const attempt = one(r, 'attempt', () => r.int(1, 2 ** 32 - 1))
  const of = one(r, 'freeze', () => r.hash())
  if (draw !== freeze.draw || attempt !== freeze.attempt || of !== hex(freeze.hash)) r.fail(code)
}

// What was given, by contributor in order, as far as they have spoken.
export function parseContributions(bytes, freeze) {
  const r = new Record(bytes)
  const given = []
  aboutFreeze(r, freeze, 'contribution-head')
  while (r.keyIf('value')) {
    const number = r.int(0, 2 ** 32 - 1)
    const source = r.word()
    const text = r.word()
    r.done()
    if (number !== given.length + 1 || freeze.contributors[given.length]?.source !== source)
      r.fail('contribution-order')
    const value = text.length > 2 * givenMax ? null : unhex(text)
    if (value === null) r.fail('hash-form')
    given.push(value)
  }
  r.end()
  return given
}

// The value that counts of what one contributor gave.  Whether a beacon said it is not asked here.
export function valueOf(freeze, contributor, given) {
  switch (contributor.source) {
    case 'vrf-p256':
      return vrf.verify(contributor.key, freeze.alpha, given)
    case 'commit':
      if (given.length !== 32 ||
        !equal(commitmentOf(freeze.draw, contributor.name, given), unhex(contributor.commitment)))
        throw new Fault('commitment')
      return given
    case 'drand':
      if (!roundLengths.includes(given.length)) throw new Fault('beacon-form')
      return hash(given)
    default:
      if (parsePulse(given) === null) throw new Fault('beacon-form')
      return pulseValue(given)
  }
}

export function seedOf(freeze, values) {
  const parts = freeze.contributors.map((contributor, i) =>
    concat(uint(1, sources[contributor.source]), uint(2, values[i].length), values[i]))
  return hash(tag('seed'), freeze.hash, uint(2, parts.length), ...parts)
}
