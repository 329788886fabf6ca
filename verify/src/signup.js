// Sign-ups stay sealed until the freeze: signups.txt opens the entries of signups.bin.
import { Record, compare, listMax, seconds } from './record.js'
import { ascii, equal, hash, hex, lp, tag, unhex } from './bytes.js'
import { leaf } from './list.js'

export const sealOf = (draw, agency, salt) => hash(tag('signup'), lp(ascii(draw)), lp(ascii(agency)), salt)

// Each entry of u16(length) || entry; returns whether the bytes end with the last one.
function* entries(bytes) {
  let at = 0
  while (at + 2 <= bytes.length) {
    const end = at + 2 + bytes[at] * 256 + bytes[at + 1]
    if (end > bytes.length) break
    yield bytes.subarray(at + 2, end)
    at = end
  }
  return at === bytes.length
}

export function parseSignups(txt, bin) {
  const r = new Record(txt)
  const signups = []
  const parts = entries(bin)
  if (r.count() > 2 * listMax) r.fail('number-form')
  while (!r.atEnd()) {
    const signup = { id: r.next().id(), salt: r.bytes(16) }
    r.done()
    if (signups.length > 0 && compare(signups.at(-1).id, signup.id) >= 0) r.fail('signup-set')
    const part = parts.next()
    if (part.done) r.fail('signup-entry')
    signup.entry = part.value
    signup.leaf = hex(leaf(part.value))
    signups.push(signup)
  }
  const rest = parts.next()
  if (!rest.done || !rest.value) r.fail('signup-entry')
  return signups
}

// The draw itself, or the round's when the draw is a tie or coefficient: <round's draw>.<purpose>.
function isOfDraw(of, draw) {
  return of === draw || (draw.startsWith(of + '.') && /^[a-z][^.]*$/.test(draw.slice(of.length + 1)))
}

// The code of the check that a sign-up breaks, or null.
export function signupFault(signup, draw) {
  const text = String.fromCharCode(...signup.entry)
  const head = /^fairlot-entry\/v1 signup ([A-Za-z0-9][A-Za-z0-9._-]{0,63}) - ([0-9TZ:.-]+) -\n/.exec(text)
  if (head === null || !isOfDraw(head[1], draw) || seconds(head[2], 6) === null) return 'signup-entry'
  const payload = /^\{"draw":"([A-Za-z0-9._-]+)","seal":"([0-9a-f]{64})"\}\n$/.exec(text.slice(head[0].length))
  if (payload === null || payload[1] !== head[1]) return 'signup-entry'
  return equal(sealOf(head[1], signup.id, signup.salt), unhex(payload[2])) ? null : 'signup-seal'
}
