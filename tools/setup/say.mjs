/**
 * Everything set-up says goes to stderr: stdout belongs to the command that is run afterwards (a bench prints JSON there).
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`set-up: ${text}\n`);
}

/**
 * @param {number} ms
 * @returns {string} `8 s`, `4 min 10 s`
 */
export function duration(ms) {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
