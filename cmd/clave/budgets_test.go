package main

import (
	"strings"
	"testing"

	"clave/conf"
)

// A message whose key has no limit is not sent at all.
func TestEveryMessageHasABudget(t *testing.T) {
	t.Parallel()
	limits := budgets(conf.Limits{SMSHome: 1, SMSAbroad: 2, SMSRelyingParty: 3, MailCodes: 4, SMSCountries: map[string]int{"351": 5}})
	for key, want := range map[string]int64{
		"sms:country:34": 1, "sms:country:33": 2, "sms:country:351": 5, "sms:rp:town": 3, "sms:rp:our registration": 3, "mail:confirmation": 4,
	} {
		longest, got := "", int64(0)
		for _, l := range limits {
			if strings.HasPrefix(key, l.Prefix) && len(l.Prefix) > len(longest) {
				longest, got = l.Prefix, l.Most
			}
		}
		if got != want {
			t.Errorf("%s: got %d, want %d", key, got, want)
		}
	}
}
