package registrartest

import (
	"testing"
)

// Acts shows each act with its effects and refusals.
func Acts(t *testing.T, p Parts) {
	for name, test := range map[string]func(t *testing.T, w *World){
		"a letter registers at basic level":                        registersByLetter,
		"a certificate and an office register at advanced level":   registersStrongly,
		"who is not in the register registers not at all":          registersNobodyUnknown,
		"weak evidence does nothing":                               refusesWeakEvidence,
		"a letter after an advanced registration ends at basic":    letterEndsAtBasic,
		"a taken phone leaves its holder registered without it":    takesPhones,
		"two citizens exchange their phones":                       exchangesPhones,
		"a renewed document counts from now on":                    renews,
		"changing the phone ends what the old one proved":          changesPhones,
		"who lost the phone gives a new one":                       givesNewPhones,
		"an e-mail is confirmed by its own code":                   changesEmails,
		"the level rises once":                                     raisesOnce,
		"an activation code is issued once and replaced":           regenerates,
		"a password rests on the registration in which it was set": passwords,
		"a device rests on registration and phone":                 devices,
		"a withdrawal ends everything":                             withdraws,
		"a revocation stays until it is lifted":                    revokes,
		"who died is gone":                                         dies,
		"a changed document keeps the person":                      follows,
		"an officer does nothing to their own record":              refusesOwnRecord,
		"a transaction that is rolled back leaves nothing":         rollsBack,
		"notices hold nothing personal":                            keepsNoticesClean,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, New(t, p))
		})
	}
}
