// An OpenID Connect provider that shows its pages: the certified `oidc-provider`, whose own login and
// consent pages take any name for a person. Like the one beside its packages, it tells about people
// what it wasn't asked for; the first line on standard output says where it listens.

import { createServer } from 'node:http';
import Provider from '../identity_provider/node_modules/oidc-provider/lib/index.js';

const { CLIENT_ID, CLIENT_SECRET, REDIRECT_URI } = process.env;

const told = (subject) => ({
  sub: subject,
  nickname: `${subject} the nickname`,
  email: `canary-email-${subject}@example.com`,
});

const settings = {
  clients: [
    { client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] },
  ],
  claims: { profile: ['nickname', 'email'] },
  cookies: { keys: ['only for tests'] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_context, subject) => ({ accountId: subject, claims: () => told(subject) }),
  pkce: { required: () => true },
  ttl: { AccessToken: 60, Grant: 600, IdToken: 60, Interaction: 600, Session: 600 },
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  server.on('request', new Provider(issuer, settings).callback());
  console.log(JSON.stringify({ issuer }));
});
