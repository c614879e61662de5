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

/** The opposite of `formatPath`; it reads as far as it understands. */
export function parsePath(text: string): PropertyPath {
  const parts: (string | number)[] = [];
  const step = /\.?([A-Za-z_$][\w$]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;
  for (let found = step.exec(text); found !== null; found = step.exec(text)) {
    const [, name, index, quoted] = found;
    if (name !== undefined) parts.push(name);
    else if (index !== undefined) parts.push(Number(index));
    else if (quoted !== undefined) {
      const key = textOf(quoted);
      if (key === undefined) break;
      parts.push(key);
    }
  }
  return parts;
}

/** Undefined where the quotes hold what JSON does not know. */
function textOf(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}
