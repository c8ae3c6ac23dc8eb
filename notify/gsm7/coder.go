package gsm7

// Encode gives s as one septet per octet, the form that most message centres
// want. It returns ErrAlphabet for a text that does not fit.
func Encode(s string) ([]byte, error) {
	septets := make([]byte, 0, len(s))
	for _, r := range s {
		septet, extended := code(r)
		if septet == absent {
			return nil, ErrAlphabet
		}
		if extended {
			septets = append(septets, escape)
		}
		septets = append(septets, septet)
	}
	return septets, nil
}

// Pack puts eight septets into seven octets after fill empty bits (0 to 6),
// which a user data header needs to end on a septet's edge. When exactly seven
// bits stay free at the end they hold a carriage return, because a zero there
// would be read as one more "@".
// Source: 3GPP TS 23.038, section 6.1.2.3.1.
func Pack(septets []byte, fill int) []byte {
	if len(septets) == 0 {
		return nil
	}
	bits := fill + 7*len(septets)
	octets := make([]byte, (bits+7)/8)
	place := fill
	put := func(septet byte) {
		wide := uint16(septet&0x7f) << (place % 8)
		octets[place/8] |= byte(wide)
		if wide>>8 != 0 {
			octets[place/8+1] |= byte(wide >> 8)
		}
		place += 7
	}
	for _, septet := range septets {
		put(septet)
	}
	if len(octets)*8-bits == 7 {
		put('\r')
	}
	return octets
}
