// The files of a folder over HTTP on a loopback port that the kernel chooses.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname } from 'node:path'

const types = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript' }

// { url, close }.  `asked` collects the paths that were.
export async function serve(folder, asked = []) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost/')
    asked.push(pathname)
    try {
      const bytes = await readFile(new URL(`.${pathname}`, folder))
      response.writeHead(200, { 'Content-Type': types[extname(pathname)] ?? 'application/octet-stream' }).end(bytes)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections?.()
      return new Promise(resolve => server.close(resolve))
    },
  }
}
