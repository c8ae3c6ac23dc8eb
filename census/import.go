package census

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"clave/identity"
)

// Options of Import.
type Options struct {
	// Rejects gets the rows that were not imported, as CSV with the line's number
	// and the reason in front. Nothing is written when there are none.
	Rejects io.Writer
	Now     time.Time
	// Progress, if any, is told from time to time how far the import is.
	Progress func(Progress)
}

// Progress is how far an import is.
type Progress struct {
	Phase    Phase
	Rows     int64 // rows read, good or bad
	Rejected int64
}

// Phase is what an import is doing.
type Phase string

// The phases, in their order.
const (
	Waiting Phase = "waiting" // for another import to end
	Reading Phase = "reading"
	Merging Phase = "merging"
)

// Result is what an import did.
type Result struct {
	// Imported counts the documents that the file left in the register; Replaced
	// those among them that the register held before.
	Imported int64
	Replaced int64
	// Rejected counts bad rows, Repeated good ones about a document that a later
	// row of the file is about too.
	Rejected int64
	Repeated int64
	// Followed are the persons who changed their document number, Died those whose
	// death was not known. The caller tells the registrar, in the same transaction.
	Followed []identity.PersonID
	Died     []identity.PersonID
}

// Import reads a file of reference data and stores its good rows, all of them
// or, with an error, none. Memory does not depend on the size of the file: a
// goroutine cuts it into blocks of lines, one worker for each processor checks
// and seals rows, and the store takes them in the order of the file.
func Import(ctx context.Context, store Store, file io.Reader, o Options) (Result, error) {
	lines := newLineReader(file)
	if err := lines.header(); err != nil {
		return Result{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	j := &job{
		ctx: ctx, store: store, lines: lines, options: o,
		work: make(chan *batch, 2*runtime.GOMAXPROCS(0)), ordered: make(chan *batch, 2*runtime.GOMAXPROCS(0)),
		rejects: newRejectWriter(o.Rejects),
	}
	var running sync.WaitGroup
	running.Go(j.read)
	for range runtime.GOMAXPROCS(0) {
		running.Go(j.check)
	}
	defer running.Wait()
	defer cancel()
	j.tell(Waiting)
	replaced, err := store.Replace(ctx, o.Now, j.next)
	if err != nil {
		return Result{}, fmt.Errorf("importing: %w", err)
	}
	return Result{
		Imported: replaced.Documents, Replaced: replaced.Held, Followed: replaced.Followed, Died: replaced.Died,
		Rejected: j.rejected, Repeated: j.good - replaced.Documents,
	}, nil
}

// job is one running import.
type job struct {
	ctx     context.Context
	store   Store
	lines   *lineReader
	options Options
	// Each batch goes to a worker and, in the order of the file, to next.
	work, ordered chan *batch
	readError     error // set before ordered is closed
	rejects       *rejectWriter

	current        *batch // whose rows next gives
	good, rejected int64
}

// batch is a block with what became of its lines.
type batch struct {
	block
	rows    []Row
	rejects []reject
	done    chan struct{}
}

// read cuts the file into batches.
func (j *job) read() {
	defer close(j.ordered)
	defer close(j.work)
	for {
		b, err := j.lines.next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				j.readError = err
			}
			return
		}
		one := &batch{block: b, done: make(chan struct{})}
		for _, queue := range []chan *batch{j.ordered, j.work} {
			select {
			case queue <- one:
			case <-j.ctx.Done():
				j.readError = j.ctx.Err()
				return
			}
		}
	}
}

// check is a worker.
func (j *job) check() {
	// One day of grace: it is tomorrow already in parts of the world.
	parser := rowParser{latest: identity.DateOf(j.options.Now.Add(24 * time.Hour))}
	for b := range j.work {
		if j.ctx.Err() == nil {
			parser.batch(b, j.store)
		}
		close(b.done)
	}
}

// batch checks and seals the rows of a batch.
func (p *rowParser) batch(b *batch, store Store) {
	if b.tooLong {
		b.rejects = append(b.rejects, reject{line: b.first, reason: "the line is too long"})
		return
	}
	b.rows = make([]Row, 0, len(b.text)/128)
	fields := make([]string, 0, columnCount+1)
	var reference Reference
	number := b.first
	for line := range strings.SplitSeq(b.text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line == "" {
			number++
			continue
		}
		var problem string
		fields, problem = splitRow(line, fields[:0])
		switch {
		case len(line) > maxLineBytes:
			problem = "the line is too long"
		case !utf8.ValidString(line):
			problem = "the line is not UTF-8"
		case problem == "" && len(fields) != columnCount:
			problem = fmt.Sprintf("%d fields instead of %d", len(fields), columnCount)
		}
		switch {
		case problem != "":
			b.rejects = append(b.rejects, reject{line: number, reason: problem})
		case p.parse(fields, &reference):
			row := store.Seal(&reference)
			row.Line = number
			b.rows = append(b.rows, row)
		default:
			b.rejects = append(b.rejects, reject{number, strings.Join(p.reasons, "; "), strings.Clone(line)})
		}
		number++
	}
	b.text = ""
}

// next gives the store one row after the other, nil at the end.
func (j *job) next() (*Row, error) {
	for j.current == nil || len(j.current.rows) == 0 {
		b, more := <-j.ordered
		if !more {
			if j.readError != nil {
				return nil, j.readError
			}
			if err := j.rejects.flush(); err != nil {
				return nil, err
			}
			j.tell(Merging)
			return nil, nil
		}
		select {
		case <-b.done:
		case <-j.ctx.Done():
			return nil, j.ctx.Err()
		}
		if err := j.ctx.Err(); err != nil {
			return nil, err
		}
		if err := j.rejects.write(b.rejects); err != nil {
			return nil, err
		}
		j.good += int64(len(b.rows))
		j.rejected += int64(len(b.rejects))
		j.current = b
		j.tell(Reading)
	}
	row := &j.current.rows[0]
	j.current.rows = j.current.rows[1:]
	return row, nil
}

func (j *job) tell(phase Phase) {
	if j.options.Progress != nil {
		j.options.Progress(Progress{phase, j.good + j.rejected, j.rejected})
	}
}
