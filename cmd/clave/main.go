// Command clave is the whole product: the sandbox, the server, and the
// operator's commands.
package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

type commands struct {
	Dev   devCommand   `cmd:"" help:"Run the complete sandbox on this machine."`
	Audit auditCommand `cmd:"" help:"Check and read the audit trail."`

	Profile string `hidden:"" type:"path" help:"Write where the processor's time goes to this file, for go tool pprof."`
}

func main() {
	var c commands
	parsed := kong.Parse(&c, kong.Name("clave"), kong.UsageOnError())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	parsed.BindTo(ctx, (*context.Context)(nil))
	parsed.BindTo(os.Stdout, (*io.Writer)(nil))
	finish, err := profile(c.Profile)
	parsed.FatalIfErrorf(err)
	parsed.FatalIfErrorf(errors.Join(parsed.Run(log), finish()))
}
