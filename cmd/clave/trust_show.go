package main

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"text/tabwriter"
	"time"

	"clave/conf"
	"clave/providers/certificate/trust"
	"clave/providers/certificate/trustedlist"
)

// trustCommand is `clave trust`.
type trustCommand struct {
	Show    trustShowCommand    `cmd:"" help:"Show the authorities that are trusted, from where, and until when."`
	Refresh trustRefreshCommand `cmd:"" help:"Fetch the trusted list now; nodes take it within a minute, or at a SIGHUP."`
}

// trustShowCommand is `clave trust show`.
type trustShowCommand struct {
	Config string `default:"/etc/clave/clave.yaml" env:"CLAVE_CONFIG" help:"Settings of the installation."`
}

// Run writes one authority a line: those of the files, and those of the list as it is
// stored.
func (c *trustShowCommand) Run(ctx context.Context, out io.Writer, log *slog.Logger) error {
	settings, err := withCertificates(c.Config)
	if err != nil {
		return err
	}
	files, err := trust.Load(settings.Certificate.Authorities, time.Now())
	if err != nil {
		return fmt.Errorf("reading the authorities: %w", err)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "FROM\tUNTIL\tAUTHORITY\tPROVIDER\tSHA-256")
	for _, f := range files {
		authorityLine(table, "file", f, "-")
	}
	var told string
	if settings.Certificate.TrustedList.Address != "" {
		list, version, err := storedList(ctx, c.Config, settings, log, (*trustedlist.Keeper).Stored)
		if err != nil {
			return err
		}
		if list == nil {
			told = "no trusted list is stored; fetch it with `clave trust refresh`\n"
		} else {
			told = aboutList(list, version, settings.Certificate.TrustedList, time.Now())
			for _, a := range list.Trusted(time.Now()) {
				authorityLine(table, "list", a.Certificate, a.Provider)
			}
			for _, a := range list.Withdrawn() {
				authorityLine(table, "withdrawn", a.Certificate, a.Provider)
			}
		}
	}
	if _, err := io.WriteString(out, told); err != nil {
		return err
	}
	return table.Flush()
}

func authorityLine(out io.Writer, from string, c *x509.Certificate, provider string) {
	sum := sha256.Sum256(c.Raw)
	fmt.Fprintf(out, "%s\t%s\t%q\t%s\t%s\n", from, c.NotAfter.UTC().Format(time.DateOnly), c.Subject.CommonName, provider, hex.EncodeToString(sum[:]))
}

// aboutList says which list it is, and what is wrong with its time.
func aboutList(l *trustedlist.List, v trustedlist.Version, s conf.TrustedList, now time.Time) string {
	text := fmt.Sprintf("trusted list %d of %s, issued %s, next by %s, fetched %s, signed by %q whose certificate ends %s\n", l.Sequence, s.Territory,
		day(l.Issued), day(l.NextUpdate), day(v.FetchedAt), l.Signer.Subject.CommonName, day(l.Signer.NotAfter))
	switch until := l.NextUpdate.Add(s.Grace); {
	case now.After(until):
		text += "it is too old: its authorities are not trusted any more\n"
	case l.Expired(now):
		text += "it is past its time, and used until " + day(until) + "\n"
	}
	return text
}

// trustRefreshCommand is `clave trust refresh`.
type trustRefreshCommand struct {
	Config string `default:"/etc/clave/clave.yaml" env:"CLAVE_CONFIG" help:"Settings of the installation."`
}

// Run fetches the list, and says which it is.
func (c *trustRefreshCommand) Run(ctx context.Context, out io.Writer, log *slog.Logger) error {
	settings, err := withCertificates(c.Config)
	if err != nil {
		return err
	}
	if settings.Certificate.TrustedList.Address == "" {
		return errors.New("the settings name no trusted list; give certificate.trusted_list.address")
	}
	list, version, err := storedList(ctx, c.Config, settings, log, (*trustedlist.Keeper).RefreshNow)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, aboutList(list, version, settings.Certificate.TrustedList, time.Now()))
	return err
}

// withCertificates reads the settings of an installation that has the method.
func withCertificates(path string) (*conf.Config, error) {
	settings, err := conf.Load(path, os.Getenv, time.Now())
	if err == nil && settings.Certificate.Host == "" {
		err = errors.New("the settings turn the method certificate off: nobody is trusted")
	}
	return settings, err
}

// storedList gives the list after the act; nil when there is none.
func storedList(ctx context.Context, path string, s *conf.Config, log *slog.Logger, act func(*trustedlist.Keeper, context.Context) error) (*trustedlist.List, trustedlist.Version, error) {
	a, err := place{Config: path}.open(ctx)
	if err != nil {
		return nil, trustedlist.Version{}, err
	}
	defer a.close()
	keeper := newKeeper(a.db, s.Certificate.TrustedList, settings{Log: log, Now: a.now})
	if err := act(keeper, ctx); err != nil {
		return nil, trustedlist.Version{}, err
	}
	list, version := keeper.List()
	return list, version, nil
}
