package broker

import (
	"time"

	"clave/identity"
	"clave/internal/packed"
)

// The first byte of what the browser holds. A record of another version is none:
// the citizen is told that the login is unknown and starts anew from the service.
const (
	packedRequest = 1 // a request, in the order of pack
	packedPointer = 2 // the request is kept in a row
)

// pack writes a request for the browser. Its id is not in it: the seal is bound
// to that.
func (r Request) pack() []byte {
	w := packed.Writer{Bytes: append(make([]byte, 0, 512), packedRequest)}
	w.Flags(r.Passive, r.Fresh, r.Ask, r.MaxAge != nil, r.Certificate)
	w.String(r.Front)
	w.String(r.RelyingParty)
	w.Time(r.OpenedAt)
	w.Time(r.Deadline)
	w.Int(int64(r.Level))
	w.Int(int64(r.Registration))
	packed.Strings(&w, r.Methods)
	if r.MaxAge != nil {
		w.Int(int64(*r.MaxAge))
	}
	w.String(r.Subject)
	packed.Strings(&w, r.Languages)
	w.String(r.Hint)
	packed.Strings(&w, r.Attributes)
	w.String(string(r.Return))
	return w.Bytes
}

// unpack reads what pack wrote behind the first byte; false when it is something else.
func unpack(id LoginID, record []byte) (Request, bool) {
	in := packed.NewReader(record)
	flags := in.Flags()
	r := Request{
		ID: id, Passive: flags.At(0), Fresh: flags.At(1), Ask: flags.At(2), Certificate: flags.At(4),
		Front: in.String(), RelyingParty: in.String(), OpenedAt: in.Time(), Deadline: in.Time(),
		Level: identity.Level(in.Int()), Registration: identity.Registration(in.Int()),
		Methods: packed.ReadStrings[identity.Method](in),
	}
	if flags.At(3) {
		age := time.Duration(in.Int())
		r.MaxAge = &age
	}
	r.Subject = in.String()
	r.Languages = packed.ReadStrings[string](in)
	r.Hint = in.String()
	r.Attributes = packed.ReadStrings[identity.Attribute](in)
	if state := in.String(); state != "" {
		r.Return = []byte(state)
	}
	return r, in.Done()
}
