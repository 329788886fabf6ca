// C2SP verifier keys, signed notes, and the checkpoints and cosignatures in them.
import { ascii, bigint, concat, equal, hash, hex, uint } from './bytes.js'
import { isSignature } from './ed25519.js'

const nameMax = 255
const signatureMax = 1020
const signaturesMax = 100
const checkpointMax = 4096
const numberMax = 2n ** 63n

export const types = { log: 1, cosigner: 4 }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const isName = text => text !== '' && !/[\0- +\x7f]/.test(text) && ascii(text).length <= nameMax

// null unless it is UTF-8.
export function textOf(bytes) {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

// Base64 with padding, in the one spelling that the bytes have; else null.
export function unbase64(text) {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return null
  const binary = atob(text)
  return btoa(binary) === text ? Uint8Array.from(binary, c => c.charCodeAt(0)) : null
}

// Decimal without leading zero and below 2^63, or null.
export function index(text) {
  const value = /^(0|[1-9][0-9]{0,18})$/.test(text) ? BigInt(text) : numberMax
  return value < numberMax ? value : null
}

export const keyId = (name, type, key) =>
  hash(ascii(name), uint(1, 10), uint(1, type), key).subarray(0, 4)

// <name>+<key id>+<base64 of type || key>, without LF.
export function parseVkey(line, type) {
  const [, name, id, base64] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s.exec(line) ?? []
  const bytes = base64 === undefined ? null : unbase64(base64)
  if (bytes === null || !isName(name) || bytes.length !== 33 || bytes[0] !== type) return null
  const vkey = { name, id: keyId(name, type, bytes.subarray(1)), key: bytes.subarray(1), line }
  return hex(vkey.id) === id ? vkey : null
}

// The key of a log as somebody has it; throws an Error where it is none.
export function logKey(text) {
  const vkey = parseVkey(text.trim(), types.log)
  if (vkey === null) throw new Error('not the verifier key of a log: <name>+<key id>+<base64>')
  return vkey
}

function parseSignature(line) {
  const [, name, base64] = /^— ([^ ]*) ([^ ]*)$/s.exec(line) ?? []
  const bytes = base64 === undefined ? null : unbase64(base64)
  if (bytes === null || !isName(name) || bytes.length < 5 || bytes.length > signatureMax + 4) return null
  return { name, id: bytes.subarray(0, 4), bytes: bytes.subarray(4) }
}

// { text, body, signatures }: body is what is signed, the bytes of text.
export function parseNote(bytes) {
  const whole = textOf(bytes)
  if (whole === null || /[\0-\x09\x0b-\x1f]/.test(whole)) return null
  const gap = whole.lastIndexOf('\n\n')
  if (gap === -1 || !whole.endsWith('\n')) return null
  const text = whole.slice(0, gap + 1)
  const lines = whole.slice(gap + 2, -1).split('\n')
  if (lines.length > signaturesMax) return null
  const signatures = lines.map(parseSignature)
  return signatures.includes(null) ? null : { text, body: ascii(text), signatures }
}

const isBy = (signature, vkey) => signature.name === vkey.name && equal(signature.id, vkey.id)

// A note that is a checkpoint of the log: { size, root, body, signatures }; null if it is not, or if
// its key did not sign it.
export function parseCheckpoint(bytes, log) {
  const note = parseNote(bytes)
  if (note !== null && note.body.length > checkpointMax) return null
  const [name, count, base64, ...more] = note?.text.slice(0, -1).split('\n') ?? []
  if (base64 === undefined || name !== log.name || more.includes('')) return null
  const size = index(count)
  const root = unbase64(base64)
  if (size === null || size === 0n || root === null || root.length !== 32) return null
  const own = note.signatures.filter(signature => isBy(signature, log))
  if (own.length === 0 || !own.every(({ bytes }) => isSignature(log.key, note.body, bytes))) return null
  return { size, root, body: note.body, signatures: note.signatures }
}

// When the cosigner says it saw the checkpoint, in seconds; null when its signature does not hold.
function cosignedAt({ key }, checkpoint, { bytes }) {
  if (bytes.length !== 72) return null
  const time = bigint(bytes.subarray(0, 8))
  if (time >= numberMax) return null
  const message = concat(ascii(`cosignature/v1\ntime ${time}\n`), checkpoint.body)
  return isSignature(key, message, bytes.subarray(8)) ? time : null
}

// The times of a checkpoint's cosignatures by this key; null among them where one does not hold.
export const cosignatures = (checkpoint, vkey) =>
  checkpoint.signatures.filter(signature => isBy(signature, vkey)).map(one => cosignedAt(vkey, checkpoint, one))
