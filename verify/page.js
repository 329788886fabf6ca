// The page of index.html: takes a transcript from a fairlot or from a file and verifies it here.
import { logKey, parseCertificate, untar, verify } from './index.js'
import { show, showError } from './src/show.js'

const at = id => document.getElementById(id)
const root = document.documentElement
let last = () => {}

async function options() {
  const [certificate] = at('certificate').files
  return {
    drawOnly: true,
    logKey: at('log').value.trim() === '' ? undefined : logKey(at('log').value),
    nistCertificate: certificate === undefined ? undefined : parseCertificate(await certificate.text()),
  }
}

// `load` gives the bytes; what goes wrong is shown in the report's place.
async function run(load) {
  delete at('report').dataset.verdict
  at('report').replaceChildren('…')
  try {
    const report = verify(untar(new Uint8Array(await load())), await options())
    last = () => show(at('report'), report, root.lang === 'zh')
  } catch (error) {
    last = () => showError(at('report'), String(error.message ?? error))
  }
  last()
}

async function load() {
  const draw = encodeURIComponent(at('draw').value.trim())
  const url = new URL(`/v1/draws/${draw}/transcript`, at('server').value.trim())
  const answer = await fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer' })
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`)
  return answer.arrayBuffer()
}

function speak(language) {
  root.lang = language
  last()
}

at('form').addEventListener('submit', event => {
  event.preventDefault()
  run(load)
})
at('file').addEventListener('change', ({ target }) => target.files.length > 0 && run(() => target.files[0].arrayBuffer()))
at('language').addEventListener('click', () => speak(root.lang === 'zh' ? 'en' : 'zh'))
speak(navigator.language.startsWith('zh') ? 'zh' : 'en')

// index.html?server=https://…&draw=… fills the form.
for (const [name, value] of new URLSearchParams(location.search))
  if (name === 'server' || name === 'draw') at(name).value = value
