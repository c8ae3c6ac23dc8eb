package saml2

// Namespaces. Source: SAML 2.0 Core, section 1.1; SAML 2.0 Metadata, section 2.1; eIDAS
// SAML Message Format 1.2, section 2; XML Encryption 1.1, section 1.3.
const (
	spaceProtocol     = "urn:oasis:names:tc:SAML:2.0:protocol"
	spaceAssertion    = "urn:oasis:names:tc:SAML:2.0:assertion"
	spaceMetadata     = "urn:oasis:names:tc:SAML:2.0:metadata"
	spaceAttributes   = "urn:oasis:names:tc:SAML:metadata:attribute"
	spaceAlgorithms   = "urn:oasis:names:tc:SAML:metadata:algsupport"
	spaceInterface    = "urn:oasis:names:tc:SAML:metadata:ui"
	spaceSignature    = "http://www.w3.org/2000/09/xmldsig#"
	spaceEncryption   = "http://www.w3.org/2001/04/xmlenc#"
	spaceEncryption11 = "http://www.w3.org/2009/xmlenc11#"
	spaceEIDAS        = "http://eidas.europa.eu/saml-extensions"
)

// Bindings. Source: SAML 2.0 Bindings, sections 3.4.2 and 3.5.2.
const (
	BindingRedirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
	BindingPost     = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
)

// Formats of names of subjects. Source: SAML 2.0 Core, section 8.3.
const (
	FormatUnspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
	FormatPersistent  = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
	FormatTransient   = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
)

// AttributeURI is the format of names of attributes that are URIs.
// Source: SAML 2.0 Core, section 8.2.2.
const AttributeURI = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"

// ConsentObtained says that the citizen agreed. Source: SAML 2.0 Core, section 8.4.2.
const ConsentObtained = "urn:oasis:names:tc:SAML:2.0:consent:obtained"

// methodBearer: who has the assertion may use it. Source: SAML 2.0 Profiles, section 3.3.
const methodBearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer"

// StatusPrefix begins all codes of a status. Source: SAML 2.0 Core, section 3.2.2.2.
const StatusPrefix = "urn:oasis:names:tc:SAML:2.0:status:"

// Codes of a status: the first four are for the top.
const (
	StatusSuccess         = StatusPrefix + "Success"
	StatusRequester       = StatusPrefix + "Requester"
	StatusResponder       = StatusPrefix + "Responder"
	StatusVersionMismatch = StatusPrefix + "VersionMismatch"

	StatusAuthnFailed            = StatusPrefix + "AuthnFailed"
	StatusInvalidAttrNameOrValue = StatusPrefix + "InvalidAttrNameOrValue"
	StatusInvalidNameIDPolicy    = StatusPrefix + "InvalidNameIDPolicy"
	StatusNoAuthnContext         = StatusPrefix + "NoAuthnContext"
	StatusNoAvailableIDP         = StatusPrefix + "NoAvailableIDP"
	StatusNoPassive              = StatusPrefix + "NoPassive"
	StatusNoSupportedIDP         = StatusPrefix + "NoSupportedIDP"
	StatusPartialLogout          = StatusPrefix + "PartialLogout"
	StatusProxyCountExceeded     = StatusPrefix + "ProxyCountExceeded"
	StatusRequestDenied          = StatusPrefix + "RequestDenied"
	StatusRequestUnsupported     = StatusPrefix + "RequestUnsupported"
	StatusUnknownPrincipal       = StatusPrefix + "UnknownPrincipal"
)
