// A headless Chromium over the DevTools protocol: JSON messages, each ended by NUL, on descriptors 3
// (to it) and 4 (from it).  https://chromedevtools.github.io/devtools-protocol/
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const deadline = 30000

// The promise's value, or an error that names what did not come.
export function within(promise, what, ms = deadline) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

export class Chromium {
  #asked = new Map()
  #awaited = []
  #number = 0
  #rest = Buffer.alloc(0)

  constructor(flags = []) {
    this.home = mkdtempSync(join(tmpdir(), 'fairlot-chromium-'))
    // Only pages of the test are shown, and containers have no name spaces to build a sandbox of.
    const args = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-crash-reporter',
      `--user-data-dir=${this.home}`, '--remote-debugging-pipe', ...flags, 'about:blank']
    this.process = spawn('chromium', args, {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, HOME: this.home, XDG_CONFIG_HOME: this.home, XDG_CACHE_HOME: this.home },
    })
    this.ended = new Promise(resolve => this.process.on('exit', resolve))
    this.process.on('error', error => this.#fail(error))
    this.ended.then(status => this.#fail(new Error(`chromium ended with ${status}`)))
    this.process.stdio[3].on('error', () => {})
    this.process.stdio[4].on('data', bytes => this.#take(bytes))
  }

  #fail(error) {
    for (const { reject } of [...this.#asked.values(), ...this.#awaited]) reject(error)
    this.#asked.clear()
    this.#awaited = []
  }

  #take(bytes) {
    this.#rest = Buffer.concat([this.#rest, bytes])
    for (let end; (end = this.#rest.indexOf(0)) !== -1; this.#rest = this.#rest.subarray(end + 1)) {
      const message = JSON.parse(this.#rest.subarray(0, end).toString())
      if (message.id === undefined) this.#awaited = this.#awaited.filter(wait => !wait.take(message))
      else {
        const { resolve, reject } = this.#asked.get(message.id)
        this.#asked.delete(message.id)
        if (message.error === undefined) resolve(message.result)
        else reject(new Error(message.error.message))
      }
    }
  }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.#number
    const answer = new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }))
    this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    return within(answer, method)
  }

  event(name, sessionId) {
    const comes = new Promise((resolve, reject) => this.#awaited.push({
      reject,
      take: ({ method, params, sessionId: of }) => method === name && of === sessionId && (resolve(params), true),
    }))
    return within(comes, name)
  }

  async tab() {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true })
    const tab = new Tab(this, sessionId)
    for (const domain of ['Page', 'Runtime', 'DOM', 'Network', 'Log']) await tab.send(`${domain}.enable`)
    return tab
  }

  async close() {
    await this.send('Browser.close').catch(() => {})
    await within(this.ended, 'the end of chromium').catch(() => this.process.kill('SIGKILL'))
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 })
  }
}

class Tab {
  constructor(chromium, session) {
    this.chromium = chromium
    this.session = session
  }

  send(method, params) {
    return this.chromium.send(method, params, this.session)
  }

  async open(url) {
    const loaded = this.chromium.event('Page.loadEventFired', this.session)
    const { errorText } = await this.send('Page.navigate', { url })
    if (errorText !== undefined) throw new Error(`${url}: ${errorText}`)
    await loaded
  }

  // The value of an expression in the page; of a promise, what it gives.
  async value(expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate',
      { expression, awaitPromise: true, returnByValue: true })
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  // The value, once there is one: looked at after each change of the document.
  when(expression) {
    return this.value(`new Promise(resolve => {
      const look = () => { const value = ${expression}; if (value) { watcher.disconnect(); resolve(value) } }
      const watcher = new MutationObserver(look)
      watcher.observe(document, { subtree: true, childList: true, attributes: true })
      look()
    })`)
  }

  async choose(selector, files) {
    const { root } = await this.send('DOM.getDocument')
    const { nodeId } = await this.send('DOM.querySelector', { nodeId: root.nodeId, selector })
    await this.send('DOM.setFileInputFiles', { nodeId, files })
  }

  async screenshot() {
    await this.send('Emulation.setDeviceMetricsOverride', { width: 1000, height: 1400, deviceScaleFactor: 1, mobile: false })
    const { data } = await this.send('Page.captureScreenshot', { format: 'png' })
    return Buffer.from(data, 'base64')
  }
}
