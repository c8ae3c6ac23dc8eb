package trustedlist

import (
	"time"

	"clave/internal/xmlsig"
)

// What a list and its services say. Source: ETSI TS 119 612 v2.3.1, sections 5.3.1,
// 5.3.3, 5.5.1.1, 5.5.4 and 5.5.9.4, and annex D.
const (
	typeEU          = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric"
	issuesQualified = "http://uri.etsi.org/TrstSvc/Svctype/CA/QC"
	statusGranted   = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted"
	forSignatures   = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/ForeSignatures"
)

// versions of the format that we read: 5 is that of v2.1.1 and v2.2.1, 6 of v2.3.1.
// Source: ETSI TS 119 612, section 5.3.1 of each.
const oldestVersion, newestVersion = 5, 6

// Limits of a list. The Spanish one had 1.4 MB and some 25 000 elements in 2019.
// Source: our choice, several times that.
const (
	maxBytes    = 8 << 20
	maxDepth    = 40
	maxElements = 200_000
)

var limits = xmlsig.Limits{Bytes: maxBytes, Depth: maxDepth, Elements: maxElements}

// How the list is fetched. Source: our choice. A list is issued again every few weeks,
// and at once when somebody is withdrawn.
const (
	// fetchPatience is for the answer to begin, and fetchTimeout for all of it.
	fetchPatience = 30 * time.Second
	fetchTimeout  = time.Minute
	// retryAfter is how long a node waits when the list could not be had.
	retryAfter = 10 * time.Minute
)

// maxName bounds the names of providers and services, which only operators see.
const maxName = 200
