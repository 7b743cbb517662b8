// An OpenID provider for tests: oidc-provider with accounts that a test logs in, disables and whose keys it replaces.
// Usage: node server.js FOLDER PORT SECONDS. FOLDER/jwks.json holds the private keys; the first of an algorithm
// signs. An access token lives for SECONDS.
// Requests under /test/ stand for what people do in a browser and administrators in a console.

import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

import { Provider, errors } from 'oidc-provider';

const [folder, port, life] = process.argv.slice(2);
const ISSUER = `http://127.0.0.1:${port}`;
const API = 'https://api.shop.example';
const CLIENT = 'shop-app';

const clients = [
  {
    client_id: CLIENT,
    client_secret: 'app-not-a-secret',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: ['https://shop.example/back'],
    response_types: ['code'],
  },
  // monitor may ask about every token, stranger about its own only: to stranger all others are "inactive".
  ...['monitor', 'stranger'].map((name) => ({
    client_id: name,
    client_secret: `${name}-not-a-secret`,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  })),
];

const disabled = new Set();
let checked = false; // whether a disabled account is refused; the careless default does as many providers do

async function findAccount(_ctx, id) {
  if (checked && disabled.has(id)) return undefined;
  return { accountId: id, claims: async () => ({ sub: id }) };
}

// What the provider keeps stands outside it, so that grants outlive a change of keys.
const kept = new Map();
class Adapter {
  constructor(model) { this.model = model; }

  key(id) { return `${this.model}:${id}`; }

  async upsert(id, payload) { kept.set(this.key(id), payload); }

  async find(id) { return kept.get(this.key(id)); }

  async findByUid(uid) { return [...kept.values()].find((payload) => payload.uid === uid); }

  async findByUserCode(code) { return [...kept.values()].find((payload) => payload.userCode === code); }

  async consume(id) { kept.get(this.key(id)).consumed = Math.floor(Date.now() / 1000); }

  async destroy(id) { kept.delete(this.key(id)); }

  async revokeByGrantId(grant) {
    for (const [key, payload] of kept) if (payload.grantId === grant) kept.delete(key);
  }
}

let sequence = 0;
function issued(token, account, kind) {
  const parts = token.split('.');
  const jwt = parts.length === 3;
  const read = (part) => JSON.parse(Buffer.from(part, 'base64url'));
  const claims = jwt ? read(parts[1]) : {};
  sequence += 1;
  appendFileSync(path.join(folder, 'issuance.log'), `${JSON.stringify({
    time: new Date().toISOString(),
    event: `${kind}.issued`,
    iss: ISSUER,
    jti: claims.jti,
    token_sha256: createHash('sha256').update(token).digest('hex'),
    kid: jwt ? read(parts[0]).kid : undefined,
    sub: claims.sub ?? account,
    exp: claims.exp,
    node: 'login-1',
    seq: sequence,
  })}\n`);
}

const resource = {
  scope: 'members:read', audience: API, accessTokenTTL: Number(life), accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } },
};

function made(jwks) {
  const provider = new Provider(ISSUER, {
    adapter: Adapter,
    clients,
    findAccount,
    jwks,
    cookies: { keys: ['not-a-secret'] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    scopes: ['openid', 'offline_access'],
    ttl: { AccessToken: Number(life), RefreshToken: 14 * 86400, Grant: 14 * 86400, ClientCredentials: 600, IdToken: 3600 },
    rotateRefreshToken: false,
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => client.clientId === 'monitor' || token.clientId === client.clientId,
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, name) => {
          if (name !== API) throw new errors.InvalidTarget();
          return resource;
        },
        useGrantedResource: () => true,
      },
    },
  });
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.oidc?.route === 'token' && ctx.body?.access_token) {
      issued(ctx.body.access_token, ctx.oidc.entities.Account?.accountId, 'access_token');
    }
  });
  return provider;
}

let provider = made(JSON.parse(readFileSync(path.join(folder, 'jwks.json'))));
let handle = provider.callback();

// A login with consent to everything: one grant, one refresh token, one token for the API (JWT), one opaque.
async function login(account, seconds) {
  const client = await provider.Client.find(CLIENT);
  const grant = new provider.Grant({ accountId: account, clientId: CLIENT });
  grant.addOIDCScope('openid offline_access');
  grant.addResourceScope(API, 'members:read');
  const of = { accountId: account, client, grantId: await grant.save(), gty: 'authorization_code' };
  const refresh = new provider.RefreshToken({ ...of, scope: 'openid offline_access members:read', resource: API });
  const opaque = new provider.AccessToken({ ...of, scope: 'openid' });
  const access = new provider.AccessToken({
    ...of, scope: 'members:read', expiresIn: seconds ?? Number(life), resourceServer: new provider.ResourceServer(API, resource),
  });
  const tokens = { access: await access.save(), opaque: await opaque.save(), refresh: await refresh.save() };
  issued(tokens.access, account, 'access_token');
  issued(tokens.opaque, account, 'access_token');
  issued(tokens.refresh, account, 'refresh_token');
  return tokens;
}

const actions = {
  '/test/login': ({ account, life: seconds }) => login(account, seconds),
  '/test/disable': ({ account }) => { disabled.add(account); return {}; },
  '/test/enable': ({ account }) => { disabled.delete(account); return {}; },
  '/test/careful': ({ careful }) => { checked = careful; return {}; },
  '/test/keys': (jwks) => { provider = made(jwks); handle = provider.callback(); return {}; },
};

createServer(async (request, response) => {
  const action = request.method === 'POST' && actions[request.url];
  if (!action) {
    handle(request, response);
    return;
  }
  let body = '';
  for await (const part of request) body += part;
  try {
    const answer = JSON.stringify(await action(JSON.parse(body)));
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  } catch (error) {
    response.writeHead(500).end(`${error.stack}\n`);
  }
}).listen(Number(port), '127.0.0.1');
