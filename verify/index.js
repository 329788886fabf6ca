// The second verifier of fairlot-draw/v1: see README.md and docs/DRAW.md.
export { verify } from './src/verify.js'
export { describe } from './src/report.js'
export { untar } from './src/tar.js'
export { checks } from './src/check.js'
export { checkRound, quicknet } from './src/drand.js'
export { parseCertificate } from './src/nist.js'
export { logKey } from './src/note.js'
