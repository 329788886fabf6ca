// Pulses of NIST's beacon 2.0 as docs/DRAW.md lays them out, and the signature that a certificate's
// RSA key makes of them (RFC 8017, 8.2.2).
import { sha512 } from '@noble/hashes/sha2.js'
import { bigint, concat, equal, hex, unhex } from './bytes.js'
import { seconds } from './record.js'

const pulseMax = 2048
const hashLength = 64
const modulusBitsMin = 2048
const latin1 = new TextDecoder('latin1')

// Takes fields from the front; null once there is not enough or a length is another.
class Fields {
  constructor(bytes) {
    this.bytes = bytes
    this.at = 0
    this.sound = true
  }

  take(length) {
    if (!this.sound || length > this.bytes.length - this.at) {
      this.sound = false
      return new Uint8Array(0)
    }
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  number(size) {
    return bigint(this.take(size))
  }

  // What follows its length in four bytes.
  counted(min, max) {
    const length = Number(this.number(4))
    if (length < min || length > max) this.sound = false
    return this.take(length)
  }

  hash() {
    return this.counted(hashLength, hashLength)
  }
}

// What a draw asks of a pulse, or null when the bytes have another form.
export function parsePulse(bytes) {
  const f = new Fields(bytes)
  if (bytes.length > pulseMax) return null
  f.counted(1, 255) // uri
  f.counted(1, 32) // version
  const cipherSuite = f.number(4)
  f.number(4) // period
  const pulse = { certificateId: f.hash(), chain: f.number(8), index: f.number(8) }
  const stamp = latin1.decode(f.counted(24, 24))
  pulse.time = seconds(stamp, 3)
  pulse.millis = pulse.time * 1000 + Number(stamp.slice(20, 23))
  f.hash() // localRandomValue
  f.hash() // external.sourceId
  f.number(4) // external.statusCode
  for (let i = 0; i < 7; i++) f.hash() // external.value, five of before, precommitmentValue
  pulse.status = f.number(4)
  pulse.signed = bytes.subarray(0, f.at)
  pulse.signature = bytes.subarray(f.at)
  const { length } = pulse.signature
  return f.sound && cipherSuite === 0n && pulse.time !== null && length >= 256 && length <= 1024 ? pulse : null
}

// Whether it is this pulse of this chain, and one that a draw may use: 2 came late, 1 and 3 begin a
// new chain or lost the precommitment.
export const isPulse = (pulse, chain, index) =>
  `${pulse.chain}` === chain && pulse.index === BigInt(index) && (pulse.status === 0n || pulse.status === 2n)

export const pulseValue = bytes => sha512(bytes)

// --- certificates ---

// An element of DER at the front: its tag, what is in it, and what follows.
function der(bytes) {
  if (bytes.length < 2) throw new Error('the certificate ends early')
  let length = bytes[1]
  let at = 2
  if (length >= 0x80) {
    const count = length - 0x80
    if (count < 1 || count > 3 || bytes.length < 2 + count) throw new Error('a length of the certificate is not DER')
    length = Number(bigint(bytes.subarray(2, 2 + count)))
    at += count
  }
  if (length > bytes.length - at) throw new Error('the certificate ends early')
  return { tag: bytes[0], inner: bytes.subarray(at, at + length), after: bytes.subarray(at + length) }
}

function inside(bytes, tag) {
  const element = der(bytes)
  if (element.tag !== tag) throw new Error('not an X.509 certificate of an RSA key')
  return element
}

const sequence = 0x30
const integer = 0x02
const rsaEncryption = unhex('06092a864886f70d0101010500')

// Certificate { tbs { [0] version, serial, algorithm, issuer, validity, subject, key }, … }: RFC 5280, 4.1.
function keyOf(bytes) {
  const certificate = inside(bytes, sequence)
  if (certificate.after.length > 0) throw new Error('something follows the certificate')
  let rest = inside(certificate.inner, sequence).inner
  if (rest[0] === 0xa0) rest = der(rest).after
  rest = inside(rest, integer).after
  for (let i = 0; i < 4; i++) rest = inside(rest, sequence).after
  const info = inside(rest, sequence).inner
  const algorithm = inside(info, sequence)
  const bits = inside(algorithm.after, 0x03).inner
  if (!equal(algorithm.inner, rsaEncryption) || bits[0] !== 0) throw new Error('not an X.509 certificate of an RSA key')
  const key = inside(bits.subarray(1), sequence).inner
  const modulus = inside(key, integer)
  return { modulus: bigint(modulus.inner), exponent: bigint(inside(modulus.after, integer).inner) }
}

// { id, modulus, exponent } of the first certificate in a PEM text; throws an Error with the reason.
export function parseCertificate(pem) {
  const text = typeof pem === 'string' ? pem : latin1.decode(pem)
  const body = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/.exec(text)
  if (body === null) throw new Error('no certificate in PEM form')
  const bytes = Uint8Array.from(atob(body[1].replace(/\s/g, '')), c => c.charCodeAt(0))
  const key = keyOf(bytes)
  if (key.modulus.toString(2).length < modulusBitsMin) throw new Error(`the RSA key has less than ${modulusBitsMin} bits`)
  return { id: hex(sha512(bytes)), ...key }
}

function power(base, exponent, modulus) {
  let result = 1n
  for (let e = exponent, b = base % modulus; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * b) % modulus
    b = (b * b) % modulus
  }
  return result
}

const digestInfo = unhex('3051300d060960864801650304020305000440')

// The whole padded digest is made and compared: nothing of it is read from the signature.
export function rsaHolds({ modulus, exponent }, signed, signature) {
  const length = Math.ceil(modulus.toString(2).length / 8)
  const s = bigint(signature)
  if (signature.length !== length || s >= modulus) return false
  const digest = concat(digestInfo, sha512(signed))
  const padding = new Uint8Array(length - digest.length - 3).fill(0xff)
  const want = concat(Uint8Array.of(0, 1), padding, Uint8Array.of(0), digest)
  return power(s, exponent, modulus) === bigint(want)
}

// Whether the pulse names this certificate and its key signed it.
export const isSigned = (pulse, certificate) =>
  hex(pulse.certificateId) === certificate.id && rsaHolds(certificate, pulse.signed, pulse.signature)
