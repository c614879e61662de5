/**
 * The marks by which the engine tells values that are more than JSON. They are constants of the protocol:
 * https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/rpc.go and `resource/sig/sig.go` beside it.
 */

/** An object that has this key is not a plain object; its value says what it is. */
export const signatureKey = '4dabf18193072939515e22adb298388d';

export const signatures = {
  secret: '1b47061264138c4ac30d75fd1eb44270',
  resourceReference: '5cf8f73096256a8f31e491e813e4eb8e',
  outputValue: 'd0e6a833031e9bbcd3f4e8bde6ca49a4',
  asset: 'c44067f5952c0a294b673a41bacd8c17',
  archive: '0def7320c3a5731c473e5ecbe6d01bc7',
} as const;

/** What goes out for a value that is not known yet: the string's mark, which the engine takes for any type. */
export const unknownString = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** A value that is not known yet arrives as one of these strings, by the type it will have. */
export const unknownStrings: ReadonlySet<string> = new Set([
  '1c4a061d-8072-4f0a-a4cb-0ff528b18fe7', // boolean
  '3eeb2bf0-c639-47a8-9e75-3b44932eb421', // number
  unknownString,
  '6a19a0b0-7e62-4c92-b797-7f8e31da9cc2', // array
  '030794c1-ac77-496b-92df-f27374a8bd58', // asset
  'e48ece36-62e2-4504-bad9-02848725956a', // archive
  'dd056dcd-154b-4c76-9bd3-c8f88648b5ff', // object
]);
