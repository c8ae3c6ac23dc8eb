package identity

// callingCode returns the country code with which the digits begin, or "" when
// none is assigned. No code is the beginning of another one.
// Source: ITU-T E.164, list of assigned country codes (ITU Operational Bulletin
// 1114, annex).
func callingCode(digits string) string {
	for length := 1; length <= 3 && length <= len(digits); length++ {
		if assigned(length, number(digits[:length])) {
			return digits[:length]
		}
	}
	return ""
}

// assigned reports whether a code of that many digits belongs to a country or a
// worldwide service.
func assigned(length, code int) bool {
	switch length {
	case 1:
		return code == 1 || code == 7
	case 2:
		switch code {
		case 20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49,
			51, 52, 53, 54, 55, 56, 57, 58, 60, 61, 62, 63, 64, 65, 66,
			81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98:
			return true
		}
		return false
	}
	switch code / 10 {
	case 22, 23, 24, 26, 35, 50, 59, 68: // whole decades, but for what follows
		return code != 684 && code != 693
	case 25:
		return code != 259
	case 37:
		return true
	}
	switch code {
	case 211, 212, 213, 216, 218, 290, 291, 297, 298, 299,
		380, 381, 382, 383, 385, 386, 387, 389, 420, 421, 423,
		670, 672, 673, 674, 675, 676, 677, 678, 679, 690, 691, 692,
		800, 808, 850, 852, 853, 855, 856, 870, 878, 880, 881, 882, 883, 886, 888,
		960, 961, 962, 963, 964, 965, 966, 967, 968, 970, 971, 972, 973, 974, 975, 976, 977, 979,
		992, 993, 994, 995, 996, 998:
		return true
	}
	return false
}
