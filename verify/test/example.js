// The examples of tests/vectors/draw.json as transcripts.
import { readFileSync } from 'node:fs'
import { ascii, concat, hex, unhex } from '../src/bytes.js'
import { seedOf, valueOf } from '../src/contribution.js'
import { parseFreeze } from '../src/freeze.js'
import { parseCandidates } from '../src/list.js'
import { orderOf } from '../src/order.js'
import { prove } from '../src/vrf.js'

export const vectors = JSON.parse(readFileSync(new URL('../../tests/vectors/draw.json', import.meta.url)))
export const examples = Object.keys(vectors).filter(name => vectors[name].freeze_txt !== undefined)

export const givenOf = ({ pi, r, signature }) => pi ?? r ?? signature

export function drawFiles(v) {
  const [, , draw, attempt] = v.freeze_txt.split('\n')
  const values = v.contributions.map((c, i) => `value ${i + 1} ${c.type} ${givenOf(c)}\n`)
  const contributions = `fairlot-draw/v1\n${draw}\n${attempt}\nfreeze ${v.F}\n${values.join('')}`
  return new Map([
    ['freeze.txt', ascii(v.freeze_txt)],
    ['candidates.txt', ascii(v.candidates_txt)],
    ['excluded.txt', ascii(v.excluded_txt)],
    ['contributions.txt', ascii(contributions)],
    ['result.txt', ascii(v.result_txt)],
  ])
}

/* The example with another freeze: every contributor speaks again, with `given` (name -> bytes) for
 * those that have no key, and the result follows. */
export function spoken(v, freezeText, given) {
  const freeze = parseFreeze(ascii(freezeText))
  const secret = name => unhex(name === 'operator' ? vectors.keys.operator_sk : vectors.keys.auditor_sk)
  const said = freeze.contributors.map(({ name, source }) =>
    source === 'vrf-p256' ? prove(secret(name), freeze.alpha) : given[name])
  const head = `fairlot-draw/v1\ndraw ${freeze.draw}\nattempt ${freeze.attempt}\nfreeze ${hex(freeze.hash)}\n`
  const lines = said.map((bytes, i) => `value ${i + 1} ${freeze.contributors[i].source} ${hex(bytes)}\n`)
  const seed = seedOf(freeze, said.map((bytes, i) => valueOf(freeze, freeze.contributors[i], bytes)))
  const { items } = parseCandidates(ascii(v.candidates_txt))
  const order = orderOf(freeze, items, seed).map(index => items[index].id)
  return new Map([...drawFiles(v),
    ['freeze.txt', ascii(freezeText)],
    ['contributions.txt', ascii(head + lines.join(''))],
    ['result.txt', ascii(`${head}seed ${hex(seed)}\norder ${order.join(' ')}\n`)]])
}

// A ustar archive of these files.
export function tar(files) {
  const parts = []
  for (const [name, bytes] of files) {
    const head = new Uint8Array(512)
    const put = (at, text) => head.set(ascii(text), at)
    put(0, name)
    put(124, bytes.length.toString(8).padStart(11, '0'))
    put(148, '        ')
    put(156, '0')
    put(257, 'ustar\0' + '00')
    const sum = head.reduce((total, byte) => total + byte, 0)
    put(148, sum.toString(8).padStart(6, '0') + '\0 ')
    parts.push(head, bytes, new Uint8Array((512 - (bytes.length % 512)) % 512))
  }
  return concat(...parts, new Uint8Array(1024))
}
