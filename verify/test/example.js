// The examples of tests/vectors/draw.json as transcripts.
import { readFileSync } from 'node:fs'
import { ascii, concat } from '../src/bytes.js'

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
