// A C2SP tlog-proof whose extra data is the entry, and the entry itself.
import { equal, hash, uint } from './bytes.js'
import { leaf } from './list.js'
import { index, parseCheckpoint, textOf, unbase64 } from './note.js'
import { seconds } from './record.js'

const fileMax = 262144
const entryMax = 65535
const hashesMax = 64

const latin1 = new TextDecoder('latin1')
const node = (left, right) => hash(uint(1, 1), left, right)

// RFC 9162, 2.1.3.2: whether the path leads from the leaf at this index to the root.
export function leads(leafHash, at, size, path, root) {
  if (at >= size) return false
  let fn = at
  let sn = size - 1n
  let r = leafHash
  for (const p of path) {
    if (sn === 0n) return false
    if ((fn & 1n) === 1n || fn === sn) {
      r = node(p, r)
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n
        sn >>= 1n
      }
    } else r = node(r, p)
    fn >>= 1n
    sn >>= 1n
  }
  return sn === 0n && equal(r, root)
}

// Microseconds since 1970 of a time with six digits of fraction, or null.
function micros(text) {
  const whole = seconds(text, 6)
  return whole === null ? null : BigInt(whole) * 1000000n + BigInt(text.slice(-7, -1))
}

// fairlot-entry/v1 <kind> <subject> <actor> <time> <index|->, LF, payload.
function parseEntry(bytes) {
  const text = latin1.decode(bytes)
  const end = text.indexOf('\n')
  const [protocol, kind, subject, actor, time, superseded, ...more] = text.slice(0, Math.max(end, 0)).split(' ')
  if (end === -1 || protocol !== 'fairlot-entry/v1' || superseded === undefined || more.length > 0) return null
  if ([kind, subject, actor].includes('') || (superseded !== '-' && index(superseded) === null)) return null
  const at = micros(time)
  return at === null ? null : { kind, subject, at, payload: bytes.subarray(end + 1) }
}

// { index, entry, checkpoint }, or null when it is no proof under a checkpoint of this log.
export function parseProof(bytes, log) {
  if (bytes.length > fileMax) return null
  const text = latin1.decode(bytes)
  const gap = text.indexOf('\n\n')
  const [protocol, extra, numbered, ...hashes] = text.slice(0, Math.max(gap, 0)).split('\n')
  if (gap === -1 || protocol !== 'c2sp.org/tlog-proof@v1' || hashes.length > hashesMax) return null
  if (!extra?.startsWith('extra ') || !numbered?.startsWith('index ')) return null
  const whole = unbase64(extra.slice(6))
  const at = index(numbered.slice(6))
  const path = hashes.map(unbase64)
  if (whole === null || whole.length > entryMax || at === null) return null
  if (path.some(part => part === null || part.length !== 32)) return null
  const checkpoint = parseCheckpoint(bytes.subarray(gap + 2), log)
  if (checkpoint === null || !leads(leaf(whole), at, checkpoint.size, path, checkpoint.root)) return null
  const entry = parseEntry(whole)
  return entry === null ? null : { index: at, entry, checkpoint }
}

export const payloadText = ({ payload }) => textOf(payload) ?? ''
