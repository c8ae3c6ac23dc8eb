// Package gsm7 knows the GSM 7 bit default alphabet: which characters a short
// message may hold at seven bits each, how they are coded, packed and split,
// and how other characters are brought into the alphabet without changing what
// a reader understands.
//
// It knows nothing of messages, codes or carriers.
//
// Source: 3GPP TS 23.038, sections 6.1.2.1 (packing) and 6.2.1 (alphabet and
// extension table); 3GPP TS 23.040, section 9.2.3.24 (what a part may hold).
package gsm7
