// A real OpenID provider (oidc-provider) for the tests, as a process of its own: `node provider.mjs REDIRECT_URI`.
// PUT /test changes what it does: {people: {name: claims}, fault: {...}, new_key: "same kid" | "new kid"}.

import { randomUUID } from "node:crypto";
import http from "node:http";
import { SignJWT, decodeJwt, exportJWK, generateKeyPair, importJWK } from "jose";
import { Provider } from "oidc-provider";

const [redirectUri] = process.argv.slice(2);
const server = http.createServer((request, answer) => handle(request, answer));
let people = {};
let fault = {};
let key;
let handle = () => {};

server.listen(0, "127.0.0.1", async () => {
  await renew(randomUUID());
  console.log(server.address().port);
});

async function makeKey(kid) {
  const pair = await generateKeyPair("RS256", { extractable: true });
  return { ...(await exportJWK(pair.privateKey)), kid, alg: "RS256", use: "sig" };
}

async function renew(kid) {
  key = await makeKey(kid);
  const provider = new Provider(`http://localhost:${server.address().port}`, {
    jwks: { keys: [key] },
    clients: [{ client_id: "register", client_secret: "s".repeat(40), redirect_uris: [redirectUri] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
  });
  provider.use(misbehave);
  const callback = provider.callback();
  handle = (request, answer) => (request.url === "/test" ? control(request, answer) : callback(request, answer));
}

async function control(request, answer) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const asked = JSON.parse(Buffer.concat(parts));
  people = asked.people ?? people;
  fault = asked.fault ?? {};
  if (asked.new_key) await renew(asked.new_key === "new kid" ? randomUUID() : key.kid);
  answer.writeHead(204).end();
}

/** Stall, break, or tell lies in a token that is otherwise the provider's own. */
async function misbehave(ctx, next) {
  if (fault.path === ctx.path && fault.stall_s) await new Promise((done) => setTimeout(done, fault.stall_s * 1000));
  await next();
  if (fault.path === ctx.path && fault.status) ctx.status = fault.status;
  if (fault.path === ctx.path && fault.body !== undefined) ctx.body = fault.body;
  if (ctx.path === "/token" && fault.token && ctx.body?.id_token) {
    const claims = { ...decodeJwt(ctx.body.id_token), ...fault.token };
    for (const name of fault.without ?? []) delete claims[name];
    const signing = fault.foreign_key ? await makeKey(key.kid) : key;
    ctx.body = { ...ctx.body, id_token: await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: key.kid }).sign(await importJWK(signing)) };
  }
  if (ctx.path === "/me" && fault.me) ctx.body = { ...ctx.body, ...fault.me };
}
