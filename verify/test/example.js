// The examples of tests/vectors/draw.json as transcripts.
import { readFileSync } from 'node:fs'
import { ascii } from '../src/bytes.js'

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
