'use strict'
// A stream of numbers from a seed that is printed and can be given as FAIRLOT_SEED, so that a
// failure can be repeated (mulberry32).
const seed = Number(process.env.FAIRLOT_SEED ?? Date.now() % 1000000007)
console.log(`FAIRLOT_SEED=${seed}`)

let state = seed >>> 0
function random() {
  state = (state + 0x6d2b79f5) >>> 0
  let t = Math.imul(state ^ (state >>> 15), state | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

const below = n => Math.floor(random() * n)
const pick = list => list[below(list.length)]

module.exports = { below, pick }
