// An application behind node-saml: logs in, shows what it sees, logs out. Its settings
// come as JSON in the only argument.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const settings = JSON.parse(process.argv[2]);
const { SAML, ValidateInResponseTo } = createRequire(settings.node + "/")("@node-saml/node-saml");

const key = readFileSync(settings.key, "utf8");
const certificate = readFileSync(settings.certificate, "utf8");
const common = {
  issuer: settings.at + "/metadata",
  callbackUrl: settings.at + "/acs",
  logoutCallbackUrl: settings.at + "/slo",
  entryPoint: settings.sso,
  logoutUrl: settings.slo,
  idpIssuer: settings.idp,
  idpCert: settings.idpCertificates,
  audience: settings.at + "/metadata",
  privateKey: key,
  decryptionPvk: key,
  signatureAlgorithm: "sha256",
  digestAlgorithm: "sha256",
  identifierFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
  validateInResponseTo: ValidateInResponseTo.always,
  racComparison: "minimum",
  authnContext: ["http://eidas.europa.eu/LoA/low"],
};
const ways = {
  home: new SAML(common),
  silent: new SAML({ ...common, passive: true }),
  high: new SAML({ ...common, authnContext: [settings.high] }),
  classic: new SAML({ ...common, authnContext: undefined, racComparison: undefined }),
  // It looks for InResponseTo in responses to logins alone, and misses it in others.
  out: new SAML({ ...common, validateInResponseTo: ValidateInResponseTo.ifPresent }),
  posted: new SAML({ ...common, authnRequestBinding: "HTTP-POST", skipRequestCompression: true }),
};
// They share what they asked for, since answers come to one address.
for (const way of Object.values(ways)) way.cacheProvider = ways.home.cacheProvider;

const sessions = new Map();

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Object.fromEntries(new URLSearchParams(Buffer.concat(parts).toString()));
}

function shown(profile) {
  const lines = ["name=" + profile.nameID];
  lines.push("context=" + (/AuthnContextClassRef[^>]*>([^<]*)</.exec(profile.getAssertionXml()) ?? [])[1]);
  for (const [name, value] of Object.entries(profile.attributes)) lines.push(name + "=" + value);
  return lines.join("\n") + "\n";
}

async function answer(request, response) {
  const url = new URL(request.url, settings.at);
  const session = new RegExp(`\\b${settings.cookie}=([^;]*)`).exec(request.headers.cookie ?? "")?.[1];
  const go = (to, headers) => response.writeHead(303, { location: to, ...headers }).end();
  const say = (text) => response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end(text);
  switch (url.pathname) {
    case "/metadata":
      return response.writeHead(200, { "content-type": "application/samlmetadata+xml" })
        .end(ways.home.generateServiceProviderMetadata(certificate, certificate));
    case "/acs": {
      const { profile } = await ways.home.validatePostResponseAsync(await body(request));
      if (!profile) throw new Error("nobody is there"); // what node-saml makes of NoPassive
      const id = crypto.randomUUID();
      sessions.set(id, profile);
      return go("/home", { "set-cookie": `${settings.cookie}=${id}; HttpOnly; SameSite=Lax; Path=/` });
    }
    case "/logout":
      return go(await ways.out.getLogoutUrlAsync(sessions.get(session), "", {}));
    case "/slo": {
      const form = request.method === "POST" ? await body(request) : undefined;
      const { profile, loggedOut } = form?.SAMLRequest ? await ways.out.validatePostRequestAsync(form)
        : form ? await ways.out.validatePostResponseAsync(form)
          : await ways.out.validateRedirectAsync(Object.fromEntries(url.searchParams), url.search.slice(1));
      if (!loggedOut) throw new Error("not logged out");
      if (profile) { // somebody else's wish
        for (const [id, p] of sessions) {
          if (p.nameID === profile.nameID && p.sessionIndex === profile.sessionIndex) sessions.delete(id);
        }
        const relay = form?.RelayState ?? url.searchParams.get("RelayState") ?? "";
        return go(await ways.out.getLogoutResponseUrlAsync(profile, relay, {}, true));
      }
      sessions.delete(session);
      return say("logged out\n");
    }
    default: {
      const way = ways[url.pathname.slice(1)];
      if (!way) return response.writeHead(404).end();
      if (sessions.has(session)) return say(shown(sessions.get(session)));
      if (way === ways.posted) {
        return response.writeHead(200, { "content-type": "text/html" }).end(await way.getAuthorizeFormAsync("", undefined, {}));
      }
      return go(await way.getAuthorizeUrlAsync("", undefined, {}));
    }
  }
}

createServer((request, response) => answer(request, response).catch((error) => {
  console.error(error);
  response.writeHead(500, { "content-type": "text/plain; charset=utf-8" }).end(String(error) + "\n");
})).listen(settings.port, "127.0.0.1");
