// oidc-provider as the authorization server of one MCP server: dynamic registration, client metadata documents, PKCE,
// resource indicators, JWT access tokens and refresh tokens. Whoever comes is signed in as the subject at once.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

console.info = console.warn = () => {}; // notices about a set-up for production

const [resource, subject] = process.argv.slice(2);
const scopes = ["checkout:read", "checkout:preview", "checkout:create", "checkout:confirm"];
const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  jwks: { keys: [{ ...key, kid: "signing", use: "sig", alg: "ES256" }] },
  scopes: ["openid", "offline_access", ...scopes],
  clientDefaults: { id_token_signed_response_alg: "ES256" },
  fetch: (address, { dispatcher: _, ...options }) => fetch(address, options), // its own refuses this machine
  pkce: { required: () => true },
  issueRefreshToken: async () => true,
  findAccount: async (_, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    registration: { enabled: true },
    clientIdMetadataDocument: { enabled: true, ack: "draft-02" },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: async (_, indicator) => {
        if (indicator !== resource) throw new Error("no such resource");
        const signing = { sign: { alg: "ES256" } };
        return { scope: scopes.join(" "), audience: resource, accessTokenFormat: "jwt", accessTokenTTL: 600, jwt: signing };
      },
      useGrantedResource: async () => true,
    },
  },
});

// The person: signs in and agrees to everything that is asked for.
async function agree(request, response) {
  const { params, grantId, session } = await provider.interactionDetails(request, response);
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session?.accountId ?? subject, clientId: params.client_id });
  grant.addOIDCScope(`openid offline_access ${params.scope ?? ""}`);
  grant.addResourceScope(resource, params.scope ?? "");
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(request, response, { login: { accountId: subject }, consent });
}

const answer = provider.callback();
server.on("request", (request, response) => {
  const { pathname, searchParams } = new URL(request.url, issuer);
  console.log(JSON.stringify({ method: request.method, path: pathname, query: Object.fromEntries(searchParams) }));
  const answering = (pathname.startsWith("/interaction/") ? agree : answer)(request, response);
  answering.catch((error) => response.writeHead(500).end(String(error)));
});
console.log(issuer);
