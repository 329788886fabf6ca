// A pulse of NIST's randomness beacon 2.0, from the bytes that its outputValue is the SHA-512 of:
// docs/DRAW.md, Pulses of NIST.
import { sha512 } from '@noble/hashes/sha2.js'
import { bigint } from './bytes.js'
import { Fault } from './fault.js'
import { seconds } from './record.js'

const most = 2048
const hashLength = 64
const links = 5 // previous, hour, day, month, year

class Reader {
  constructor(bytes) {
    this.bytes = bytes
    this.at = 0
  }

  take(length) {
    if (this.at + length > this.bytes.length) throw new Fault('beacon-form')
    return this.bytes.subarray(this.at, (this.at += length))
  }

  number(length) {
    return bigint(this.take(length))
  }

  field(least, longest) {
    const length = Number(this.number(4))
    if (length < least || length > longest) throw new Fault('beacon-form')
    return this.take(length)
  }

  hash() {
    return this.field(hashLength, hashLength)
  }
}

export function parsePulse(bytes) {
  if (bytes.length > most) throw new Fault('beacon-form')
  const r = new Reader(bytes)
  r.field(1, 255) // uri
  r.field(1, 32) // version
  const cipherSuite = r.number(4)
  r.number(4) // period
  const certificate = r.hash()
  const chain = r.number(8)
  const number = r.number(8)
  const at = seconds(String.fromCharCode(...r.field(24, 24)), 3)
  r.hash() // localRandomValue
  r.hash() // external.sourceId
  r.number(4) // external.statusCode
  r.hash() // external.value
  for (let i = 0; i < links; i++) r.hash()
  r.hash() // precommitmentValue
  const status = Number(r.number(4))
  const message = bytes.subarray(0, r.at)
  const signature = bytes.subarray(r.at)
  if (cipherSuite !== 0n || at === null || signature.length < 256 || signature.length > 1024)
    throw new Fault('beacon-form')
  return { certificate, chain, number, at, status, message, signature, value: sha512(bytes) }
}

// Whether it is the pulse that a contributor names, with its status good: 0, or 2 when it came late.
// The signature is not asked here.
export const isPulseOf = (pulse, contributor) => String(pulse.chain) === contributor.name &&
  pulse.number === BigInt(contributor.round) && [0, 2].includes(pulse.status)
