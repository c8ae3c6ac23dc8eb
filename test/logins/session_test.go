package logins

import "testing"

func TestAPageReadsItsSessionOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.proven(t, "silent")
		b.get(t, login).wants(t, "answer ")
		before := w.sessions.times.Load()
		b.get(t, "/mine").wants(t, "ana in the frame of Ana")
		if read := w.sessions.times.Load() - before; read != 1 {
			t.Errorf("read %d times", read)
		}
	})
}

func TestAPageOfASessionThatEndedIsNobodys(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.proven(t, "silent")
		b.get(t, login).wants(t, "answer ")
		other := b.copy()
		b.post("/logout", "")
		b.get(t, "/mine").wants(t, "nobody")
		other.get(t, "/mine").wants(t, "nobody")
	})
}
