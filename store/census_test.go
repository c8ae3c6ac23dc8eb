package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"clave/census"
	"clave/identity"
	"clave/store"
	"clave/store/storetest"
	"clave/test/load/people"

	"github.com/google/go-cmp/cmp"
)

const mariaRow = "12345678Z,dni,MARÍA,EJEMPLO,DE LA PRUEBA,1980-02-29,BAA000589,2021-10-01,2031-10-01,CALLE INVENTADA 1,28001,MADRID,MADRID,ES,,"

// load imports the lines below a header.
func (r *register) load(t testing.TB, lines ...string) census.Result {
	t.Helper()
	result, err := r.loadFile(context.Background(), strings.NewReader(census.Header()+"\n"+strings.Join(lines, "\n")+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func (r *register) loadFile(ctx context.Context, file io.Reader) (census.Result, error) {
	return census.Import(ctx, r.census, file, census.Options{Now: r.now})
}

func TestImport(t *testing.T) {
	t.Parallel()
	eachRegister(t, func(t *testing.T, r *register) {
		other := strings.Replace(mariaRow, "12345678Z", "11111111H", 1)
		t.Run("what the row says comes back", func(t *testing.T) {
			if diff := cmp.Diff(r.load(t, mariaRow, "bad"), census.Result{Imported: 1, Rejected: 1}); diff != "" {
				t.Error(diff)
			}
			if got := r.candidate(t, "12345678Z"); got.Reference != spaniard(t, "12345678Z") || got.Deceased {
				t.Errorf("got %v", got)
			}
		})
		t.Run("held documents are replaced, the last row of a file counts", func(t *testing.T) {
			got := r.load(t, other, strings.Replace(mariaRow, "MARÍA", "FIRST", 1), strings.Replace(mariaRow, "MARÍA", "LAST", 1), other)
			if diff := cmp.Diff(got, census.Result{Imported: 2, Replaced: 1, Repeated: 2}); diff != "" {
				t.Error(diff)
			}
			if got := r.candidate(t, "12345678Z").Reference.GivenName; got != "LAST" {
				t.Errorf("got %q, want LAST", got)
			}
		})
		t.Run("death comes and is taken back", func(t *testing.T) {
			r.load(t, strings.Replace(mariaRow, "ES,,", "ES,2026-01-02,", 1))
			if got := r.candidate(t, "12345678Z"); !got.Deceased || got.State != identity.Deceased {
				t.Errorf("got %v, %v", got.Deceased, got.State)
			}
			r.load(t, mariaRow)
			if got := r.candidate(t, "12345678Z"); got.Deceased || got.State != identity.Unregistered {
				t.Errorf("got %v, %v", got.Deceased, got.State)
			}
		})
		t.Run("an empty file leaves everything as it was", func(t *testing.T) {
			before, err := r.census.Last(context.Background())
			if err != nil || before.IsZero() {
				t.Fatal(before, err)
			}
			r.now = r.now.Add(time.Hour)
			if diff := cmp.Diff(r.load(t), census.Result{}); diff != "" {
				t.Error(diff)
			}
			if got, err := r.census.Last(context.Background()); err != nil || !got.Equal(before) {
				t.Errorf("got %v, %v, want %v", got, err, before)
			}
		})
	})
}

func TestImportedCitizensComeBack(t *testing.T) {
	t.Parallel()
	eachRegister(t, func(t *testing.T, r *register) {
		const citizens = 3000
		population := people.New(42)
		result, err := r.loadFile(context.Background(), population.File(citizens))
		if diff := cmp.Diff(result, census.Result{Imported: citizens}); diff != "" || err != nil {
			t.Fatal(diff, err)
		}
		for i := range citizens {
			want := population.Citizen(i)
			got, err := r.persons.Candidate(context.Background(), want.Document)
			if err != nil || got.Reference != want || got.Deceased != want.Deceased() || !got.Known {
				t.Fatalf("citizen %d does not come back: %v", i, err)
			}
			if right := want.Contrast(); got.Matches(right) == want.Deceased() {
				t.Fatalf("citizen %d: the right datum matches %v, deceased %v", i, got.Matches(right), want.Deceased())
			}
		}
	})
}

func TestPersonFollowsDocument(t *testing.T) {
	t.Parallel()
	eachRegister(t, func(t *testing.T, r *register) {
		card := "X1234567L,foreigner_card,MARÍA,EJEMPLO,,1980-02-29,E12345678,2021-10-01,2031-10-01,CALLE INVENTADA 1,28001,MADRID,MADRID,ES,,"
		r.load(t, card, strings.ReplaceAll(card, "X1234567L", "Y1234567X"))
		r.enrol(t, registered(t, "X1234567L", "+34600000001"), registered(t, "Y1234567X", "+34600000002"), registered(t, "11111111H", "+34600000003"))
		const person = identity.PersonID("person-X1234567L")

		got := r.load(t, mariaRow+"X1234567L", strings.ReplaceAll(mariaRow, "12345678Z", "11111111H")+"Y1234567X")
		if diff := cmp.Diff(got, census.Result{Imported: 2, Followed: []identity.PersonID{person}}); diff != "" {
			t.Error(diff)
		}
		now := r.candidate(t, "12345678Z")
		if now.PersonID != person || now.State != identity.Registered || now.Phone != phone(t, "+34600000001") {
			t.Errorf("the new document: got %v", now)
		}
		if before := r.candidate(t, "X1234567L"); before.PersonID != "" || before.State != identity.Unregistered {
			t.Errorf("the old document: got %v", before)
		}
		s, err := r.persons.Standing(context.Background(), person)
		if err != nil || s.Identity.Document != document(t, "12345678Z") {
			t.Errorf("got %v, %v", s.Identity, err)
		}
		if own := r.candidate(t, "11111111H"); own.PersonID != "person-11111111H" {
			t.Errorf("a document with a person of its own: got %v", own.PersonID)
		}
		if other := r.candidate(t, "Y1234567X"); other.PersonID != "person-Y1234567X" {
			t.Errorf("a person whose new document is taken: got %v", other.PersonID)
		}
		if again := r.load(t, mariaRow+"X1234567L"); len(again.Followed) != 0 {
			t.Errorf("followed again: %v", again.Followed)
		}
	})
}

func TestImportDiesInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, phase := range []census.Phase{census.Waiting, census.Reading, census.Merging} {
		t.Run(string(phase), func(t *testing.T) {
			t.Parallel()
			eachRegister(t, func(t *testing.T, r *register) {
				r.load(t, mariaRow)
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				_, err := census.Import(ctx, r.census, people.New(1).File(20_000), census.Options{Now: r.now, Progress: func(p census.Progress) {
					if p.Phase == phase && (phase != census.Reading || p.Rows > 10_000) {
						cancel()
					}
				}})
				if err == nil {
					t.Fatal("a cancelled import succeeded")
				}
				r.nothingBut(t, 1)
				if got := r.load(t, mariaRow); got.Replaced != 1 {
					t.Errorf("the next import: got %+v", got)
				}
			})
		})
	}
}

// nothingBut checks how many documents are held, and that no staging is left.
func (r *register) nothingBut(t *testing.T, want int) {
	t.Helper()
	n, err := r.db.CountReference(context.Background())
	if err != nil || n != want {
		t.Errorf("got %d documents, %v, want %d", n, err, want)
	}
	if err := r.db.FindStaging(context.Background()); err == nil {
		t.Error("the staging table is left behind")
	}
}

// importChild is the environment variable that tells the test's own process,
// started again, which database to import into.
const importChild = "CLAVE_TEST_IMPORT_INTO"

// TestImportChild imports from its standard input; TestImportIsKilled starts it.
func TestImportChild(t *testing.T) {
	url := os.Getenv(importChild)
	if url == "" {
		return
	}
	db, err := store.Open(context.Background(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := newRegister(t, db)
	_, err = census.Import(context.Background(), r.census, os.Stdin, census.Options{Now: r.now, Progress: func(p census.Progress) {
		if p.Rows > 10_000 {
			fmt.Fprintln(os.Stderr, "halfway")
		}
	}})
	t.Fatal("the import ended", err)
}

func TestImportIsKilled(t *testing.T) {
	t.Parallel()
	for engine, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLiteURL, "postgres": storetest.PostgresURL} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := url(t)
			r := newRegister(t, storetest.Open(t, address))
			r.load(t, mariaRow)

			child := exec.Command(os.Args[0], "-test.run=^TestImportChild$", "-test.timeout=60s")
			child.Env = append(os.Environ(), importChild+"="+address)
			file, err := child.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			said, err := child.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(file, people.New(1).File(20_000)); err != nil { // and no end of file
				t.Fatal(err)
			}
			if _, err := io.ReadFull(said, make([]byte, len("halfway"))); err != nil {
				t.Fatal(err)
			}
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = child.Wait() // says that it was killed

			if got := r.load(t, mariaRow); got.Replaced != 1 || got.Imported != 1 {
				t.Errorf("the next import: got %+v", got)
			}
			r.nothingBut(t, 1)
		})
	}
}

func TestTwoImportsAtOnce(t *testing.T) {
	t.Parallel()
	eachRegister(t, func(t *testing.T, r *register) {
		const citizens = 1000
		results, errs := make([]census.Result, 2), make([]error, 2)
		var wg sync.WaitGroup
		for i := range results {
			wg.Go(func() {
				results[i], errs[i] = r.loadFile(context.Background(), people.New(uint64(i)).File(citizens))
			})
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if results[0].Imported != citizens || results[1].Imported != citizens || results[0].Replaced+results[1].Replaced != citizens {
			t.Errorf("got %+v: one of the two comes second and replaces all", results)
		}
	})
}

func TestAReaderSeesNothingOfAnImportUnderWay(t *testing.T) {
	t.Parallel()
	eachRegister(t, func(t *testing.T, r *register) {
		r.load(t, mariaRow)
		changed := strings.Replace(mariaRow, "MARÍA", "CHANGED", 1)
		seen := 0
		_, err := census.Import(context.Background(), r.census, strings.NewReader(census.Header()+"\n"+changed), census.Options{Now: r.now, Progress: func(p census.Progress) {
			if got := r.candidate(t, "12345678Z").Reference.GivenName; got != "MARÍA" {
				t.Errorf("%s: got %q", p.Phase, got)
			}
			seen++
		}})
		if err != nil || seen < 3 {
			t.Fatal(seen, err)
		}
		if got := r.candidate(t, "12345678Z").Reference.GivenName; got != "CHANGED" {
			t.Errorf("afterwards: got %q", got)
		}
	})
}

func TestImportJoinsATransaction(t *testing.T) {
	t.Parallel()
	eachRegister(t, func(t *testing.T, r *register) {
		r.load(t, mariaRow)
		stop := errors.New("the audit trail is full")
		err := r.db.Tx(context.Background(), func(ctx context.Context) error {
			if _, err := r.loadFile(ctx, people.New(1).File(10)); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		r.nothingBut(t, 1)
	})
}

func TestErrorsOfAnImportNameNobody(t *testing.T) {
	t.Parallel()
	eachRegister(t, func(t *testing.T, r *register) {
		var rejects bytes.Buffer
		broken := io.MultiReader(strings.NewReader(census.Header()+"\n"+mariaRow+"\n"+mariaRow+"bad\n"), failing{})
		_, err := census.Import(context.Background(), r.census, broken, census.Options{Now: r.now, Rejects: &rejects})
		if err == nil {
			t.Fatal("a broken file was imported")
		}
		for _, secret := range personalValues(spaniard(t, "12345678Z"), census.Registration{}) {
			if contains(err.Error(), secret) {
				t.Errorf("%q is in %v", secret, err)
			}
		}
	})
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }
