// A provider of OpenID Connect for a test: whoever logs in is who they say. `zhou` may dispatch, anybody else has no role.
//     node oidc_provider.mjs NODE_ENV_DIR PORT REDIRECT AFTER_LOGOUT SECRET
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

const [dir, port, redirect, afterLogout, secret] = process.argv.slice(2);
const require = createRequire(path.join(dir, 'package.json'));
const found = await import(pathToFileURL(require.resolve('oidc-provider')).href);
const Provider = found.default?.default ?? found.default ?? found.Provider;

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'chengtu',
    client_secret: secret,
    redirect_uris: [redirect],
    post_logout_redirect_uris: [afterLogout],
    response_types: ['code'],
    grant_types: ['authorization_code'],
  }],
  pkce: { required: () => true },
  conformIdTokenClaims: false,
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], roles: ['roles'] },
  cookies: { keys: ['of a test'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      name: `${id} 岚`,
      preferred_username: id,
      roles: id === 'zhou' ? ['city-dispatch'] : [],
    }),
  }),
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
