package smsc

import "strings"

// The tables of the far end, written out apart from the product's own so that
// a mistake in one shows against the other.
// Source: 3GPP TS 23.038, section 6.2.1.
var (
	defaultAlphabet = [16]string{
		"@£$¥èéùì", "òÇ\nØø\rÅå", "Δ_ΦΓΛΩΠΨ", "ΣΘΞ\x1bÆæßÉ",
		" !\"#¤%&'", "()*+,-./", "01234567", "89:;<=>?",
		"¡ABCDEFG", "HIJKLMNO", "PQRSTUVW", "XYZÄÖÑÜ§",
		"¿abcdefg", "hijklmno", "pqrstuvw", "xyzäöñüà",
	}
	extensionTable = map[byte]rune{
		10: '\f', 20: '^', 40: '{', 41: '}', 47: '\\',
		60: '[', 61: '~', 62: ']', 64: '|', 101: '€',
	}
)

// DecodeGSM7 reads septets, one an octet, as a phone does. An octet above 127,
// a lone escape or an unknown extension reads as "\ufffd".
func DecodeGSM7(septets []byte) string {
	var b strings.Builder
	for i := 0; i < len(septets); i++ {
		s := septets[i]
		switch {
		case s > 127:
			b.WriteRune('\ufffd')
		case s != 27:
			b.WriteRune([]rune(defaultAlphabet[s/8])[s%8])
		default:
			i++
			if i < len(septets) && extensionTable[septets[i]] != 0 {
				b.WriteRune(extensionTable[septets[i]])
			} else {
				b.WriteRune('\ufffd')
			}
		}
	}
	return b.String()
}

// UnpackGSM7 reads all septets that fit into octets after fill bits. A
// carriage return that only fills the last seven bits is dropped.
// Source: 3GPP TS 23.038, section 6.1.2.3.1.
func UnpackGSM7(octets []byte, fill int) []byte {
	var septets []byte
	for bit := fill; bit+7 <= len(octets)*8; bit += 7 {
		var s byte
		for i := range 7 {
			at := bit + i
			s |= octets[at/8] >> (at % 8) & 1 << i
		}
		septets = append(septets, s)
	}
	if n := len(septets); n > 0 && septets[n-1] == '\r' && fill+7*n == len(octets)*8 {
		septets = septets[:n-1]
	}
	return septets
}
