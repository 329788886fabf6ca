// A transcript's files out of a ustar archive; headers of GNU and pax are passed over.
const block = 512
const filesMax = 10000
const sizeMax = 2 ** 29

const latin1 = new TextDecoder('latin1')
const field = (head, at, length) => latin1.decode(head.subarray(at, at + length)).split('\0')[0]

// At least one octal digit, ended by blank or NUL; null if they are not.
function octal(head, at, length) {
  const found = /^ *([0-7]+)(?:[ \0]|$)/.exec(latin1.decode(head.subarray(at, at + length)))
  return found === null ? null : parseInt(found[1], 8)
}

function sumHolds(head) {
  let sum = 0
  for (let i = 0; i < block; i++) sum += i >= 148 && i < 156 ? 32 : head[i]
  return octal(head, 148, 8) === sum
}

function nameOf(head) {
  const prefix = field(head, 257, 6) === 'ustar' ? field(head, 345, 155) : ''
  const name = field(head, 0, 100)
  return (prefix === '' ? name : `${prefix}/${name}`).replace(/^(\.\/)+/, '')
}

// One folder around everything is taken off, unless it is an attempt's.
export function strip(files) {
  const tops = new Set(files.map(([name]) => name.slice(0, name.indexOf('/') + 1)))
  const [top] = tops
  if (tops.size !== 1 || top === '' || top.startsWith('attempt-')) return files
  if (files.some(([name]) => name === top)) return files
  return files.map(([name, bytes]) => [name.slice(top.length), bytes])
}

// Pairs of name and bytes; a name may come twice, which is for verify() to refuse.
export function untar(bytes) {
  const files = []
  for (let at = 0; ;) {
    const head = bytes.subarray(at, at + block)
    if (head.length < block) throw new Error('the tar has no end')
    if (head.every(byte => byte === 0)) return strip(files)
    const size = octal(head, 124, 12)
    at += block
    if (!sumHolds(head) || size === null || size > bytes.length - at) throw new Error('not a sound tar')
    if (head[156] === 0x30 || head[156] === 0) files.push([nameOf(head), bytes.subarray(at, at + size)])
    if (files.length > filesMax || at > sizeMax) throw new Error('too many files, or too large')
    at += Math.ceil(size / block) * block
  }
}
