// ECVRF-P256-SHA256-TAI of RFC 9381 (suite 01), whose section numbers stand beside the functions.
import { p256 } from '@noble/curves/nist.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { Fault } from './fault.js'
import { bigint, concat, equal, hash, uint } from './bytes.js'

const { Point } = p256
const order = Point.Fn.ORDER
const prime = Point.Fp.ORDER
const suite = uint(1, 1)
const byte = value => uint(1, value)

export const proofLength = 81

// A compressed point, or null.  The library would also take other forms, which the draw does not.
function decode(bytes) {
  if (bytes.length !== 33 || (bytes[0] !== 2 && bytes[0] !== 3)) return null
  if (bigint(bytes.subarray(1)) >= prime) return null
  try {
    return Point.fromHex(bytes)
  } catch {
    return null
  }
}

const encode = point => point.toBytes(true)
const times = (point, scalar) => point.multiplyUnsafe(scalar)

export const isKey = bytes => decode(bytes) !== null

// 5.4.1.1, try and increment
function toCurve(key, alpha) {
  for (let counter = 0; counter < 256; counter++) {
    const x = hash(suite, byte(1), key, alpha, byte(counter), byte(0))
    const point = decode(concat(byte(2), x))
    if (point !== null) return point
  }
  throw new Error('no point in 256 tries')
}

// 5.4.3; null when a point is at infinity, which no proof made by 5.1 leads to.
function challenge(points) {
  if (points.some(point => point.is0())) return null
  return hash(suite, byte(2), ...points.map(encode), byte(0)).subarray(0, 16)
}

// 5.2; the cofactor is 1.
const proofValue = gamma => hash(suite, byte(3), gamma, byte(0))

// 5.3: the value (beta), or a fault with the code of the check that does not hold.
export function verify(key, alpha, proof) {
  if (proof.length !== proofLength) throw new Fault('vrf-length')
  const Y = decode(key)
  if (Y === null) throw new Fault('key-point')
  const gamma = decode(proof.subarray(0, 33))
  if (gamma === null) throw new Fault('vrf-gamma')
  const given = proof.subarray(33, 49)
  const s = bigint(proof.subarray(49))
  if (s >= order) throw new Fault('vrf-scalar')
  const c = bigint(given)
  const H = toCurve(key, alpha)
  const U = times(Point.BASE, s).subtract(times(Y, c))
  const V = times(H, s).subtract(times(gamma, c))
  const found = challenge([Y, H, gamma, U, V])
  if (found === null || !equal(found, given)) throw new Fault('vrf-proof')
  return proofValue(proof.subarray(0, 33))
}

// RFC 6979 section 3.2 with SHA-256, over bytes that are hashed: 5.4.2.1.
function nonce(secret, bytes) {
  const seed = concat(secret, uint(32, bigint(hash(bytes)) % order))
  let k = new Uint8Array(32)
  let v = new Uint8Array(32).fill(1)
  for (const round of [0, 1]) {
    k = hmac(sha256, k, concat(v, byte(round), seed))
    v = hmac(sha256, k, v)
  }
  for (;;) {
    v = hmac(sha256, k, v)
    const candidate = bigint(v)
    if (candidate > 0n && candidate < order) return candidate
    k = hmac(sha256, k, concat(v, byte(0)))
    v = hmac(sha256, k, v)
  }
}

export const publicKey = secret => encode(Point.BASE.multiply(bigint(secret)))

// 5.1.  For tests: it takes time that depends on the secret.
export function prove(secret, alpha) {
  const x = bigint(secret)
  const Y = Point.BASE.multiply(x)
  const H = toCurve(encode(Y), alpha)
  const gamma = H.multiply(x)
  const k = nonce(secret, encode(H))
  const c = challenge([Y, H, gamma, Point.BASE.multiply(k), H.multiply(k)])
  return concat(encode(gamma), c, uint(32, (k + bigint(c) * x) % order))
}
