package oidc

// Limits of ui_locales. Our choice: there are six languages.
const (
	maxLocales     = 8
	maxLocaleBytes = 35 // BCP 47 (RFC 5646), section 4.4.1
)

// ruleLocales notes the languages that the relying party prefers. What is not a
// language tag is ignored.
// Source: OpenID Connect Core 1.0, section 3.1.2.1.
func ruleLocales(a *ask) *Refusal {
	for _, tag := range words(a.get("ui_locales")) {
		if len(a.languages) < maxLocales && isTag(tag) {
			a.languages = append(a.languages, tag)
		}
	}
	return nil
}

func isTag(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isLetterOrDigit(c) && c != '-' {
			return false
		}
	}
	return s != "" && len(s) <= maxLocaleBytes
}
