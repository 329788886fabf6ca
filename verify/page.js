// The page of index.html: takes a transcript from a fairlot or from a file and verifies it here.
import { describe, untar, verify } from './index.js'

const at = id => document.getElementById(id)
const chinese = navigator.language.startsWith('zh')

function show(bytes) {
  const report = verify(untar(bytes), { drawOnly: true })
  at('report').textContent = describe(report, chinese)
  at('report').dataset.verdict = report.verdict
}

// `load` gives the bytes; what goes wrong is shown in the report's place.
async function run(load) {
  at('report').textContent = '…'
  try {
    show(new Uint8Array(await load()))
  } catch (error) {
    at('report').textContent = String(error.message ?? error)
    at('report').dataset.verdict = '2'
  }
}

async function load() {
  const draw = encodeURIComponent(at('draw').value.trim())
  const url = new URL(`/v1/draws/${draw}/transcript`, at('server').value.trim())
  const answer = await fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer' })
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`)
  return answer.arrayBuffer()
}

at('form').addEventListener('submit', event => {
  event.preventDefault()
  run(load)
})
at('file').addEventListener('change', ({ target }) => target.files.length > 0 && run(() => target.files[0].arrayBuffer()))

// index.html?server=https://…&draw=… fills the form.
for (const [name, value] of new URLSearchParams(location.search))
  if (name === 'server' || name === 'draw') at(name).value = value
