// The known answers of tests/vectors/draw.json, to the byte.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parseFreeze } from '../src/freeze.js'
import { parseCandidates, parseExcluded } from '../src/list.js'
import { commitmentOf, seedOf, valueOf } from '../src/contribution.js'
import { Stream, integer, orderOf, shuffle } from '../src/order.js'
import { ascii, hex, unhex } from '../src/bytes.js'
import { prove } from '../src/vrf.js'
import { drawFiles, examples, givenOf, vectors } from './example.js'
import { verify } from '../index.js'

for (const name of examples)
  test(`${name} gives the known values, seed, blocks, order and result`, () => {
    const v = vectors[name]
    const f = parseFreeze(ascii(v.freeze_txt))
    const { items, root } = parseCandidates(ascii(v.candidates_txt))
    assert.equal(root, f.candidates.root)
    assert.equal(parseExcluded(ascii(v.excluded_txt)).root, f.excluded.root)
    assert.equal(hex(f.hash), v.F)
    assert.equal(hex(f.alpha), v.alpha)
    const secrets = { operator: vectors.keys.operator_sk }
    const values = f.contributors.map((c, i) => {
      const given = unhex(givenOf(v.contributions[i]))
      const value = valueOf(f, c, given)
      assert.equal(c.source, v.contributions[i].type)
      assert.equal(hex(value), v.contributions[i].value)
      if (c.source === 'vrf-p256')
        assert.equal(hex(prove(unhex(secrets[c.name] ?? vectors.keys.auditor_sk), f.alpha)), hex(given))
      if (c.source === 'commit') assert.equal(hex(commitmentOf(f.draw, c.name, given)), v.commitment)
      return value
    })
    const seed = seedOf(f, values)
    assert.equal(hex(seed), v.seed)
    const stream = new Stream(seed) // the vectors have the blocks of the empty label
    assert.deepEqual([0, 1].map(j => hex(stream.blockAt(j))), v.blocks)
    if (f.method === 'integer') assert.equal(integer(seed, f.label, f.range.lo, f.range.hi), v.value)
    else {
      assert.deepEqual(orderOf(f, items, seed), v.permutation)
      assert.deepEqual(v.permutation.map(i => items[i].id), v.order)
    }
    const report = verify(drawFiles(v), { drawOnly: true })
    assert.equal(report.verdict, 0, JSON.stringify(report.reason))
    assert.equal(report.level, 2) // with_drand has no proof that a witness saw the values before it
    assert.equal(report.winners?.join(' '), f.method === 'integer' ? undefined
      : v.order.slice(0, v.winners).join(' '))
  })

test('numbers below n are the known ones, with as many words taken', () => {
  const { seed, label, cases } = vectors.uniform_known_answers
  for (const { n, values, words } of cases) {
    const stream = new Stream(unhex(seed), label)
    assert.deepEqual(values.map(() => stream.uniform(n)), values, `n = ${n}`)
    assert.equal(stream.taken, words)
  }
})

test('the integer and the tie are the known ones', () => {
  const { integer: i, tie } = vectors
  assert.equal(integer(unhex(i.seed), i.label, i.lo, i.hi), i.value)
  const items = Array.from({ length: tie.n }, (_, at) => at)
  assert.deepEqual(shuffle(new Stream(unhex(tie.seed), tie.label), items), tie.permutation)
})

test('the checks are those of lib/draw/check.def, in order and word for word', async () => {
  const { checks } = await import('../src/check.js')
  const def = readFileSync(new URL('../../lib/draw/check.def', import.meta.url), 'utf8')
  const rows = [...def.matchAll(/^CHECK\(\w+, (\w+), "([^"]*)", "([^"]*)", "([^"]*)"\)$/gm)]
  assert.deepEqual(checks, rows.map(([, group, code, zh, en]) => ({ code, group: group.toLowerCase(), zh, en })))
})
