import { diffFile } from './file-quarantine/diff.ts';
import { checkFile } from './file-quarantine/inputs.ts';
import { carryOutFile, removeFile } from './file-quarantine/operations.ts';
import { previewFile } from './file-quarantine/preview.ts';
import { importFile, refreshFile } from './file-quarantine/read.ts';
import type { SinglePorts } from './one-shot/single.ts';
import type { Resource } from './resource.ts';

/** `mde:index:FileQuarantine`: one file is stopped and quarantined, once on each of some machines. */
export function fileQuarantine({ runtime }: SinglePorts): Resource {
  return {
    token: 'mde:index:FileQuarantine',
    check: async (_context, _oldInputs, news) => checkFile(news),
    diff: (context, _id, oldOutputs, oldInputs, news) => diffFile(context, oldOutputs, oldInputs, news, runtime()),
    create: (context, inputs) =>
      context.preview
        ? previewFile(context, inputs, undefined, runtime())
        : carryOutFile(context, inputs, undefined, runtime()),
    read: (context, id, outputs, inputs) =>
      outputs === undefined || Object.keys(outputs).length === 0
        ? importFile(context, id, runtime())
        : refreshFile(context, id, outputs, inputs, runtime()),
    update: (context, _id, oldOutputs, _oldInputs, news) =>
      context.preview
        ? previewFile(context, news, oldOutputs, runtime())
        : carryOutFile(context, news, oldOutputs, runtime()),
    delete: (context, _id, outputs) => removeFile(context, outputs, runtime()),
  };
}
