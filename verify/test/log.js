// A journal of a transcript: its entries, each with a checkpoint of its own, and the files of
// docs/DRAW.md, Proofs.
import { ed25519 } from '@noble/curves/ed25519.js'
import { ascii, concat, hash, hex, uint } from '../src/bytes.js'
import { leaf } from '../src/list.js'
import { keyId, types } from '../src/note.js'

export const base64 = bytes => Buffer.from(bytes).toString('base64')
export const secret = number => new Uint8Array(32).fill(number)
export const publicKey = number => ed25519.getPublicKey(secret(number))
export const sign = (number, bytes) => ed25519.sign(bytes, secret(number))

export function vkey(name, type, number) {
  const key = publicKey(number)
  return `${name}+${hex(keyId(name, type, key))}+${base64(concat(uint(1, type), key))}\n`
}

const half = count => 2 ** (31 - Math.clz32(count - 1))

function root(leaves) {
  if (leaves.length === 1) return leaves[0]
  const k = half(leaves.length)
  return hash(uint(1, 1), root(leaves.slice(0, k)), root(leaves.slice(k)))
}

function path(leaves, index) {
  if (leaves.length === 1) return []
  const k = half(leaves.length)
  return index < k ? [...path(leaves.slice(0, k), index), root(leaves.slice(k))]
    : [...path(leaves.slice(k), index - k), root(leaves.slice(0, k))]
}

const line = (name, type, number, bytes) =>
  `— ${name} ${base64(concat(keyId(name, type, publicKey(number)), bytes))}\n`

// length: bytes of a checkpoint's text, filled up by an extension line.
export class Log {
  constructor(name, number) {
    Object.assign(this, { name, number, entries: [] })
  }

  // A new entry, and its tlog-proof under the checkpoint that ends with it.
  add(kind, subject, time, payload, cosigned = []) {
    this.entries.push(concat(ascii(`fairlot-entry/v1 ${kind} ${subject} system:x ${time} -\n`),
      typeof payload === 'string' ? ascii(payload) : payload))
    return this.prove(this.entries.length - 1, cosigned)
  }

  // Under a checkpoint of all entries; cosigned: [name, number, time, the time that is signed].
  prove(index, cosigned = []) {
    const entry = this.entries[index]
    const leaves = this.entries.map(leaf)
    const short = `${this.name}\n${leaves.length}\n${base64(root(leaves))}\n`
    const text = this.length === undefined ? short : `${short.padEnd(this.length - 1, 'x')}\n`
    const lines = [line(this.name, types.log, this.number, sign(this.number, ascii(text)))]
    for (const [name, number, at, signed = at] of cosigned) {
      const signature = sign(number, ascii(`cosignature/v1\ntime ${signed}\n${text}`))
      lines.push(line(name, types.cosigner, number, concat(uint(8, at), signature)))
    }
    const hashes = path(leaves, index).map(one => `${base64(one)}\n`).join('')
    return ascii(`c2sp.org/tlog-proof@v1\nextra ${base64(entry)}\nindex ${index}\n${hashes}\n${text}\n${lines.join('')}`)
  }
}
