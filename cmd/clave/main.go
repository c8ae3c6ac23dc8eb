// Command clave is the whole product: the server, the sandbox, and the
// operator's commands.
package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"clave/internal/safelog"

	"github.com/alecthomas/kong"
)

type commands struct {
	Serve   serveCommand   `cmd:"" help:"Serve citizens and relying parties."`
	Dev     devCommand     `cmd:"" help:"Run the complete sandbox on this machine."`
	Check   checkCommand   `cmd:"" help:"Check the settings and tell all mistakes at once."`
	Config  configCommand  `cmd:"" help:"About the settings."`
	RP      rpCommand      `cmd:"" name:"rp" help:"Relying parties."`
	Keys    keysCommand    `cmd:"" help:"Keys."`
	Census  censusCommand  `cmd:"" help:"Register of citizens."`
	Office  officeCommand  `cmd:"" help:"Registration offices."`
	Staff   staffCommand   `cmd:"" help:"Who works at the officers' console."`
	Letters lettersCommand `cmd:"" help:"Letters on paper."`
	Audit   auditCommand   `cmd:"" help:"Audit trail."`
	Trust   trustCommand   `cmd:"" help:"Who may issue citizens' certificates."`
	Version versionCommand `cmd:"" help:"Say which build this is."`
}

func main() {
	var c commands
	parsed := kong.Parse(&c, kong.Name("clave"), kong.UsageOnError(),
		kong.Description("An identity broker for Spanish administrations. Try it out: clave dev"))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	parsed.BindTo(os.Stdout, (*io.Writer)(nil))
	slog.SetDefault(safelog.New(os.Stderr, safelog.Text, slog.LevelWarn)) // what libraries log
	parsed.FatalIfErrorf(parsed.Run(safelog.New(os.Stderr, safelog.Text, slog.LevelInfo)))
}
