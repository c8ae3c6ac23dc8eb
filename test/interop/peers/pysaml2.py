"""An application behind pysaml2: logs in, shows what it sees, logs out.

Its settings come as JSON in the only argument.
"""

import json
import sys
import uuid
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.metadata import create_metadata_string
from saml2.saml import NAMEID_FORMAT_PERSISTENT
from saml2.samlp import NameIDPolicy

SETTINGS = json.loads(sys.argv[1])
AT = SETTINGS["at"]

CONFIG = SPConfig().load({
    "entityid": AT + "/metadata",
    "xmlsec_binary": SETTINGS["xmlsec1"],
    "key_file": SETTINGS["key"],
    "cert_file": SETTINGS["certificate"],
    "encryption_keypairs": [{"key_file": SETTINGS["key"], "cert_file": SETTINGS["certificate"]}],
    "metadata": {"local": [SETTINGS["metadata"]]},
    "allow_unknown_attributes": True,
    "service": {"sp": {
        "endpoints": {
            "assertion_consumer_service": [(AT + "/acs", BINDING_HTTP_POST)],
            "single_logout_service": [(AT + "/slo", BINDING_HTTP_REDIRECT), (AT + "/slo", BINDING_HTTP_POST)],
        },
        "authn_requests_signed": True,
        "logout_requests_signed": True,
        "logout_responses_signed": True,
        "want_response_signed": True,
        "want_assertions_signed": True,
        "signing_algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "digest_algorithm": "http://www.w3.org/2001/04/xmlenc#sha256",
        "name_id_format": [NAMEID_FORMAT_PERSISTENT],
    }},
})
CLIENT = Saml2Client(config=CONFIG)
OUTSTANDING = {}
SESSIONS = {}


def context(cls):
    return {"requested_authn_context": {"authn_context_class_ref": [cls], "comparison": "minimum"}}


WAYS = {
    "/home": {},
    "/silent": {"is_passive": "true"},
    "/high": context(SETTINGS["high"]),
    "/classic": {"requested_authn_context": {"authn_context_class_ref": [SETTINGS["password"]]}},
    "/posted": {"binding": BINDING_HTTP_POST},
}


class Application(BaseHTTPRequestHandler):
    def say(self, status, text, kind="text/plain", headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind + "; charset=utf-8")
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def apply(self, info):
        """Do what pysaml2 wants done with a message."""
        headers = dict(info["headers"])
        if "Location" in headers:
            return self.say(303, "", headers=[("Location", headers["Location"])])
        return self.say(200, "".join(info["data"]), "text/html")

    def session(self):
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get(SETTINGS["cookie"])
        return cookie.value if cookie else None

    def do_POST(self):
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer(dict(parse_qsl(form)), BINDING_HTTP_POST)

    def do_GET(self):
        self.answer(dict(parse_qsl(urlsplit(self.path).query)), BINDING_HTTP_REDIRECT)

    def answer(self, given, binding):
        try:
            self.route(urlsplit(self.path).path, given, binding)
        except Exception as error:
            self.say(500, f"{type(error).__name__}: {error}\n")
            raise

    def route(self, path, given, binding):
        if path == "/metadata":
            return self.say(200, create_metadata_string(None, config=CONFIG, sign=True), "application/samlmetadata+xml")
        if path == "/acs":
            return self.arrive(given, binding)
        if path == "/logout":
            pending = CLIENT.global_logout(SESSIONS[self.session()].name_id)
            binding, info = next(iter(pending.values()))
            return self.apply(info)
        if path == "/slo":
            return self.leave(given, binding)
        if path not in WAYS:
            return self.say(404, "")
        known = SESSIONS.get(self.session())
        if known:
            return self.show(known)
        way = dict(WAYS[path])
        policy = NameIDPolicy(format=NAMEID_FORMAT_PERSISTENT, allow_create="true")
        request, info = CLIENT.prepare_for_authenticate(name_id_policy=policy, **way)
        OUTSTANDING[request] = "/home"
        return self.apply(info)

    def arrive(self, given, binding):
        response = CLIENT.parse_authn_request_response(given["SAMLResponse"], binding, OUTSTANDING)
        session = str(uuid.uuid4())
        SESSIONS[session] = response
        self.say(303, "", headers=[("Location", "/home"), ("Set-Cookie", f"{SETTINGS['cookie']}={session}; HttpOnly; SameSite=Lax; Path=/")])

    def leave(self, given, binding):
        if "SAMLRequest" in given:
            known = SESSIONS.pop(self.session())
            return self.apply(CLIENT.handle_logout_request(
                given["SAMLRequest"], known.name_id, binding, relay_state=given.get("RelayState"), sign=True))
        response = CLIENT.parse_logout_request_response(given["SAMLResponse"], binding)
        response.verify()
        SESSIONS.pop(self.session(), None)
        self.say(200, "logged out\n")

    def show(self, known):
        said = known.authn_info()[0]
        lines = [f"name={known.name_id.text}", f"context={said[0]}"]
        lines += [f"{name}={'|'.join(values)}" for name, values in known.ava.items()]
        self.say(200, "\n".join(lines) + "\n")


ThreadingHTTPServer(("127.0.0.1", int(SETTINGS["port"])), Application).serve_forever()
