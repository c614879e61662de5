/** Where a value stands inside a property map: `['hosts', 3, 'comment']`. */
export type PropertyPath = readonly (string | number)[];

/** The path as Pulumi writes it: `hosts[3].comment`, `tags["a b"]`. */
export function formatPath(path: PropertyPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') {
      text += `[${part}]`;
    } else if (/^[A-Za-z_$][\w$]*$/.test(part)) {
      text += text === '' ? part : `.${part}`;
    } else {
      text += `[${JSON.stringify(part)}]`;
    }
  }
  return text;
}

/** The top-level property of a path in Pulumi's writing; the engine wants it named beside each detailed difference. */
export function rootOfPath(path: string): string {
  const quoted = /^\["((?:[^"\\]|\\.)*)"\]/.exec(path);
  if (quoted) return quoted[1]?.replace(/\\(.)/g, '$1') ?? path;
  return /^[^.[]+/.exec(path)?.[0] ?? path;
}
