// From a seed to an order: the stream of words, numbers without bias, and the methods.
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { ascii, concat, lp, tag, uint } from './bytes.js'

export class Stream {
  constructor(seed, label = '') {
    this.seed = seed
    this.head = concat(tag('stream'), lp(ascii(label)))
    this.block = new DataView(new ArrayBuffer(0))
    this.at = 0
    this.index = 0
    this.taken = 0
  }

  blockAt(index) {
    return hmac(sha256, this.seed, concat(this.head, uint(8, index)))
  }

  // The next big-endian u32.
  word() {
    if (this.at === this.block.byteLength) {
      const { buffer, byteOffset, length } = this.blockAt(this.index++)
      this.block = new DataView(buffer, byteOffset, length)
      this.at = 0
    }
    this.at += 4
    this.taken++
    return this.block.getUint32(this.at - 4)
  }

  // 0 … n-1 for 1 <= n <= 2^31, by rejection; n = 1 takes no word.
  uniform(n) {
    if (n === 1) return 0
    const shift = Math.clz32(n - 1)
    for (;;) {
      const value = this.word() >>> shift
      if (value < n) return value
    }
  }
}

export function shuffle(stream, items) {
  const order = [...items]
  for (let i = 0; i + 1 < order.length; i++) {
    const j = i + stream.uniform(order.length - i)
    const kept = order[i]
    order[i] = order[j]
    order[j] = kept
  }
  return order
}

// Sums of weights by powers of two (Fenwick): sums[i] is that of the lowbit(i) weights before i.
class Weights {
  constructor(weights) {
    this.sums = new Float64Array(weights.length + 1)
    weights.forEach((weight, i) => this.change(i, weight))
    this.total = weights.reduce((sum, weight) => sum + weight, 0)
  }

  change(index, by) {
    for (let i = index + 1; i < this.sums.length; i += i & -i) this.sums[i] += by
  }

  // The first whose cumulative weight exceeds r.
  find(r) {
    let at = 0
    for (let step = 2 ** 20; step > 0; step /= 2)
      if (at + step < this.sums.length && this.sums[at + step] <= r) r -= this.sums[at += step]
    return at
  }

  take(index, weight) {
    this.change(index, -weight)
    this.total -= weight
  }
}

export function weighted(stream, weights) {
  const left = new Weights(weights)
  return weights.map(() => {
    const index = left.find(stream.uniform(left.total))
    left.take(index, weights[index])
    return index
  })
}

// Each quota out of its stratum with a stream of its own; then all others with the main stream.
export function strata(seed, quotas, candidates) {
  const taken = new Set()
  for (const { stratum, winners } of quotas) {
    const members = candidates.flatMap((candidate, i) => (candidate.stratum === stratum ? [i] : []))
    const order = shuffle(new Stream(seed, `stratum/${stratum}`), members)
    for (const index of order.slice(0, winners)) taken.add(index)
  }
  const rest = [...candidates.keys()].filter(index => !taken.has(index))
  return [...taken, ...shuffle(new Stream(seed), rest)]
}

export const integer = (seed, label, lo, hi) => lo + new Stream(seed, label).uniform(hi - lo + 1)

// Indices into the candidates: the first win, the rest are the substitutes.
export function orderOf(freeze, candidates, seed) {
  if (freeze.quotas.length > 0) return strata(seed, freeze.quotas, candidates)
  const stream = new Stream(seed, freeze.label)
  if (freeze.method === 'weighted') return weighted(stream, candidates.map(({ weight }) => weight))
  return shuffle(stream, candidates.keys())
}
