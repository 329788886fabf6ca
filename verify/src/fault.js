// The one check of src/check.js that does not hold, and the line where that was seen.
export class Fault extends Error {
  constructor(code, line = 0) {
    super(line > 0 ? `${code}, line ${line}` : code)
    this.code = code
    this.line = line
  }
}
