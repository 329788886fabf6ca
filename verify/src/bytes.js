// Bytes, hex and hashes, the same in Node and in browsers.
import { sha256 } from '@noble/hashes/sha2.js'

const encoder = new TextEncoder()
const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export const ascii = text => encoder.encode(text)
export const hex = bytes => Array.from(bytes, byte => digits[byte]).join('')

// null unless the text is lower-case hex of whole bytes.
export function unhex(text) {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return null
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function equal(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

// Big-endian, `size` bytes; a number up to 2^53 or a bigint.
export function uint(size, value) {
  const bytes = new Uint8Array(size)
  for (let rest = BigInt(value), i = size; i-- > 0; rest >>= 8n) bytes[i] = Number(rest & 255n)
  return bytes
}

export const bigint = bytes => BigInt('0x0' + hex(bytes))
export const hash = (...parts) => sha256(parts.length === 1 ? parts[0] : concat(...parts))

// docs/DRAW.md, Notation: tag(s) and lp(x).
export const tag = name => ascii(`fairlot-draw/v1/${name}\0`)
export const lp = bytes => concat(uint(1, bytes.length), bytes)
