// Reads a receipt as anybody could: with an independent JWS library and our published keys.
//
// Standard input: {"jwks": …, "receipt": "…", "typ": "…"}. Standard output: {"header", "members"}
// of a receipt that verifies, else {"refused": the library's code}.

import { compactVerify, createLocalJWKSet, errors } from 'jose';

let text = '';
for await (const chunk of process.stdin) text += chunk;
const { jwks, receipt, typ } = JSON.parse(text);

const read = async () => {
  const keys = createLocalJWKSet(jwks);
  const { payload, protectedHeader } = await compactVerify(receipt, keys, { algorithms: ['EdDSA'] });
  if (protectedHeader.typ !== typ) return { refused: 'ANOTHER_TYP' };
  return { header: protectedHeader, members: JSON.parse(new TextDecoder().decode(payload)) };
};

const told = await read().catch((fault) => {
  if (fault instanceof errors.JOSEError) return { refused: fault.code };
  throw fault;
});
process.stdout.write(JSON.stringify(told));
