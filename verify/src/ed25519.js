// Ed25519 as docs/DRAW.md has it: RFC 8032, 5.1.7, by the encoding of R and without cofactor.
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { bigint, concat, equal } from './bytes.js'

const { Point } = ed25519
const order = Point.Fn.ORDER

const little = bytes => bigint(bytes.slice().reverse())

export function isSignature(key, message, signature) {
  if (key.length !== 32 || signature.length !== 64) return false
  const r = signature.subarray(0, 32)
  const s = little(signature.subarray(32))
  if (s >= order) return false
  let A
  try {
    A = Point.fromBytes(key, true)
  } catch {
    return false
  }
  const k = little(sha512(concat(r, key, message))) % order
  const R = Point.BASE.multiplyUnsafe(s).subtract(A.multiplyUnsafe(k))
  return equal(R.toBytes(), r)
}
