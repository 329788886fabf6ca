// candidates.txt and excluded.txt: who may win and who may not, as frozen.
import { Record, compare, isId, listMax } from './record.js'
import { ascii, hash, hex, uint } from './bytes.js'

const weightMax = 2 ** 31

// RFC 6962: leaf 00 || bytes, node 01 || left || right.
export const leaf = bytes => hash(uint(1, 0), bytes)

// The tree's root over leaves that come one by one; complete subtrees wait by height.
export class Tree {
  constructor() {
    this.waiting = []
  }

  add(leafHash) {
    let node = leafHash
    let height = 0
    for (; this.waiting[height] !== undefined; height++) {
      node = hash(uint(1, 1), this.waiting[height], node)
      this.waiting[height] = undefined
    }
    this.waiting[height] = node
  }

  root() {
    const whole = this.waiting.filter(node => node !== undefined)
    if (whole.length === 0) return hash(new Uint8Array(0))
    return whole.reduce((right, left) => hash(uint(1, 1), left, right))
  }
}

// Lines with an id each, sorted bytewise; `take` reads what follows the id.
function parse(bytes, take) {
  const r = new Record(bytes)
  const items = []
  const tree = new Tree()
  if (r.count() > listMax) r.fail('number-form')
  while (!r.atEnd()) {
    const item = { id: r.next().id() }
    const after = take(r, item)
    const order = items.length === 0 ? -1 : compare(items.at(-1).id, item.id)
    if (order >= 0) r.fail(order === 0 ? 'list-unique' : 'list-order')
    after?.()
    tree.add(leaf(ascii(r.line)))
    items.push(item)
  }
  return { items, root: hex(tree.root()) }
}

export function parseCandidates(bytes) {
  let sum = 0
  return parse(bytes, (r, item) => {
    item.weight = r.int(0, weightMax)
    const stratum = r.word()
    item.leaf = r.hash()
    r.done()
    if (item.weight === 0) r.fail('weight-zero')
    if (stratum !== '-' && !isId(stratum)) r.fail('id-form')
    item.stratum = stratum === '-' ? null : stratum
    sum += item.weight
    return () => sum > weightMax && r.fail('weight-sum')
  })
}

export function parseExcluded(bytes) {
  return parse(bytes, (r, item) => {
    item.reason = r.id()
    item.leaf = r.hash()
    r.done()
  })
}
