// Package xmlsig reads signed XML as strictly as it can, and signs it: the only
// place that decides whether a signature on XML holds. Trusted lists and SAML stand
// on it.
//
//	bytes ──Parse──► Document, of which nothing is proven
//	                    │ Verify(element, trust)
//	                    ▼
//	                 Signed: the element anew, read from the bytes that were signed
//
// Three ideas keep out the usual attacks:
//
//   - The caller says which element it wants signed, and the signature has to be that
//     element's own child and refer to that element. A signature somewhere else in the
//     document proves nothing here (signature wrapping).
//   - The caller gets what the signature covers, parsed again from the canonical bytes,
//     and nothing else. What was added, split by comments or shown to one parser only
//     is not in it, whatever mistake a canonicaliser may have.
//   - Everything is an allow-list: what XML may have in it, transforms, algorithms,
//     keys. Keys come from the caller, never from the message.
//
// Not read at all: document types and so entities, processing instructions, other
// encodings than UTF-8. Decided for the caller: SHA-1 and weak keys are refused.
//
// Source: XML Signature Syntax and Processing Version 1.1 (W3C, 2013), and its Best
// Practices (W3C, 2013).
package xmlsig
