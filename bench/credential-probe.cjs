// Preloaded into the plugin by a bench: writes a line to file descriptor 3 once @azure/identity has been loaded,
// be it a property of what a bundle's second file exports or the package itself.

const { writeSync } = require('node:fs');

const credentials = '@azure/identity';
// Undocumented, and what every `require` goes through: the documented hooks see files, not what a bundle holds.
/** @type {{ _load: (this: unknown, request: string, ...rest: unknown[]) => any }} */
const modules = Object(require('node:module'));
const load = modules._load;
let told = false;

function tell() {
  if (told) return;
  told = true;
  writeSync(3, `${credentials} loaded\n`);
}

/** @type {typeof load} */
modules._load = function (request, ...rest) {
  const exported = load.call(this, request, ...rest);
  if (request === credentials) tell();
  if (!request.endsWith('/libraries.cjs')) return exported;
  return new Proxy(exported, {
    get(target, name, receiver) {
      const library = Reflect.get(target, name, receiver);
      if (name === credentials) tell();
      return library;
    },
  });
};
