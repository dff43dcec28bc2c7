// An OpenID Connect provider for the tests: the certified `oidc-provider`, with made-up people.
//
// A person signs in by the name that the test puts into `login_hint`, and agrees to everything.
// The provider tells more about people than it was asked for, as some do. Settings come from the
// environment; the first line on standard output says where it listens.

import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const { CLIENT_ID, CLIENT_SECRET, REDIRECT_URI } = process.env;

const told = (subject) => ({
  sub: subject,
  nickname: `${subject} the nickname`,
  picture: `https://pictures.example/${subject}.png`,
  email: `canary-email-${subject}@example.com`,
  email_verified: true,
  phone_number: 'canary-phone',
  birthdate: 'canary-birthdate',
});

const settings = {
  clients: [
    { client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] },
  ],
  claims: {
    profile: ['nickname', 'picture', 'email', 'email_verified', 'phone_number', 'birthdate'],
  },
  conformIdTokenClaims: false,
  cookies: { keys: ['only for tests'] },
  features: { devInteractions: { enabled: false } },
  findAccount: (_context, subject) => ({ accountId: subject, claims: () => told(subject) }),
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  ttl: { AccessToken: 60, Grant: 600, IdToken: 60, Interaction: 600, Session: 600 },
};

const agree = async (provider, request, response) => {
  const { params, prompt, session } = await provider.interactionDetails(request, response);
  if (params.login_hint === 'refuses') {
    const result = { error: 'access_denied', error_description: 'The person said no' };
    return provider.interactionFinished(request, response, result);
  }
  if (prompt.name === 'login') {
    const result = { login: { accountId: params.login_hint } };
    return provider.interactionFinished(request, response, result);
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const result = { consent: { grantId: await grant.save() } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, settings);
  const serve = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return serve(request, response);
    return agree(provider, request, response).catch((fault) => response.destroy(fault));
  });
  console.log(JSON.stringify({ issuer }));
});
