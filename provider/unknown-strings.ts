/**
 * The strings that stand for values which are not known yet. They are constants of the engine's protocol:
 * https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/rpc.go
 */

/** What goes out for such a value: the mark of a string, which the engine takes for any type. */
export const unknownString = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** Such a value arrives as one of these, by the type that it will have. */
export const unknownStrings: ReadonlySet<unknown> = new Set([
  '1c4a061d-8072-4f0a-a4cb-0ff528b18fe7', // boolean
  '3eeb2bf0-c639-47a8-9e75-3b44932eb421', // number
  unknownString,
  '6a19a0b0-7e62-4c92-b797-7f8e31da9cc2', // array
  '030794c1-ac77-496b-92df-f27374a8bd58', // asset
  'e48ece36-62e2-4504-bad9-02848725956a', // archive
  'dd056dcd-154b-4c76-9bd3-c8f88648b5ff', // object
]);
