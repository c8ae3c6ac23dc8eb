package store_test

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"clave/census"
	"clave/store"
	"clave/store/storetest"
	"clave/test/load/people"

	"github.com/jackc/pgx/v5"
)

// personalValues lists what a thief of the database must not find.
func personalValues(r census.Reference, p census.Registration) []string {
	values := []string{
		r.Document.Reveal(), r.GivenName, r.FirstSurname, r.SecondSurname, r.BirthDate.String(), r.SupportNumber,
		r.IssueDate.String(), r.ValidityDate.String(), r.Address.Street, r.Address.PostalCode, r.Address.City,
		r.PreviousDocument.Reveal(), p.Phone.Reveal(), strings.TrimPrefix(p.Phone.Reveal(), "+34"), p.Email.Reveal(),
	}
	kept := values[:0]
	for _, v := range values {
		if v != "" {
			kept = append(kept, v)
		}
	}
	return kept
}

func contains(text, secret string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(secret))
}

// loot is what somebody has who stole a database: what stands there as bytes, and the
// numbers one by one.
type loot struct {
	text    []byte
	numbers []string
}

// lacks tells what must not be found in it, in capitals or small letters.
func (l loot) lacks(t *testing.T, secrets ...string) {
	t.Helper()
	text := bytes.ToLower(l.text)
	for _, secret := range secrets {
		if bytes.Contains(text, bytes.ToLower([]byte(secret))) || slices.Contains(l.numbers, secret) {
			t.Errorf("%q stands in the database in clear", secret)
		}
	}
}

// eachStolen runs a test on a database of either engine that is stolen in its course.
func eachStolen(t *testing.T, test func(t *testing.T, db *store.DB, steal func() loot)) {
	t.Parallel()
	for engine, on := range map[string]struct {
		url  func(testing.TB) string
		read func(t *testing.T, address string) loot
	}{"sqlite": {storetest.SQLiteURL, sqliteFiles}, "postgres": {storetest.PostgresURL, postgresColumns}} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := on.url(t)
			test(t, storetest.Open(t, address), func() loot { return on.read(t, address) })
		})
	}
}

func TestStolenDatabaseNamesNobody(t *testing.T) {
	eachStolen(t, func(t *testing.T, db *store.DB, steal func() loot) {
		r := newRegister(t, db)
		const citizens = 200
		population := people.New(7)
		if _, err := r.loadFile(context.Background(), population.File(citizens)); err != nil {
			t.Fatal(err)
		}
		r.load(t, mariaRow+"X1234567L")
		var all []census.Registration
		for i := range citizens {
			one := population.Registration(i)
			one.Person = ""
			all = append(all, one)
		}
		r.enrol(t, all...)

		stolen := steal()
		if want := citizens * 200; len(stolen.text) < want {
			t.Fatalf("the dump has %d bytes, want %d and more", len(stolen.text), want)
		}
		maria := spaniard(t, "12345678Z")
		maria.PreviousDocument = document(t, "X1234567L")
		secrets := personalValues(maria, census.Registration{})
		for i := range citizens {
			secrets = append(secrets, personalValues(population.Citizen(i), all[i])...)
		}
		stolen.lacks(t, secrets...)
	})
}

// sqliteFiles reads the database file and what lies beside it, byte by byte.
func sqliteFiles(t *testing.T, address string) loot {
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(u.Path + "*")
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, content...)
	}
	return loot{text: all}
}

// postgresColumns reads every column of every table of the schema: blobs as bytes,
// the rest as text. Numbers are apart, because the digits of some time are those of
// some postal code.
func postgresColumns(t *testing.T, address string) (l loot) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `
select data_type in ('smallint', 'integer', 'bigint') as number,
format(case data_type when 'bytea' then 'select %I from %I' else 'select convert_to(%I::text, ''UTF8'') from %I' end, column_name, table_name) as query
from information_schema.columns
where table_schema = current_schema() and table_name <> 'goose_db_version' -- when each migration ran, to the microsecond`)
	if err != nil {
		t.Fatal(err)
	}
	type question struct {
		Number bool
		Query  string
	}
	questions, err := pgx.CollectRows(rows, pgx.RowToStructByPos[question])
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range questions {
		rows, err := conn.Query(ctx, q.Query)
		if err != nil {
			t.Fatal(err)
		}
		values, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
		if err != nil {
			t.Fatal(err)
		}
		if q.Number {
			for _, v := range values {
				l.numbers = append(l.numbers, string(v))
			}
			continue
		}
		l.text = append(append(l.text, bytes.Join(values, []byte("\n"))...), '\n')
	}
	return l
}
