package census

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

const (
	// blockBytes is how much of the file one worker takes at a time: some
	// thousand rows, so that handing over costs nothing and memory stays small.
	blockBytes = 128 << 10
	// maxLineBytes bounds a line. The longest that can be right, with all texts
	// at their limits in four-byte letters and quotes doubled, is shorter.
	maxLineBytes = 16 << 10
)

// lineReader cuts a file into blocks of whole lines.
type lineReader struct {
	file   io.Reader
	buffer []byte
	held   int   // bytes of buffer that the next block begins with
	line   int64 // number of the next block's first line, from 1
	ended  bool
}

// block is some whole lines.
type block struct {
	first int64
	text  string
	// tooLong says that the block is one line without an end in sight, of which
	// the text was dropped.
	tooLong bool
}

func newLineReader(file io.Reader) *lineReader {
	return &lineReader{file: file, buffer: make([]byte, blockBytes), line: 1}
}

// header reads the first line, without a byte order mark. Nothing else may have
// been read.
func (l *lineReader) header() error {
	if err := l.fill(); err != nil {
		return err
	}
	end := bytes.IndexByte(l.buffer[:l.held], '\n')
	if end < 0 {
		end = l.held
	}
	line := bytes.TrimPrefix(l.buffer[:end], []byte("\ufeff"))
	if err := checkHeader(bytes.TrimSuffix(line, []byte("\r"))); err != nil {
		return err
	}
	l.held = copy(l.buffer, l.buffer[min(end+1, l.held):l.held])
	l.line++
	return nil
}

// next returns the next block, or io.EOF.
func (l *lineReader) next() (block, error) {
	if err := l.fill(); err != nil {
		return block{}, err
	}
	if l.held == 0 {
		return block{}, io.EOF
	}
	end := l.held
	if !l.ended {
		end = bytes.LastIndexByte(l.buffer[:l.held], '\n') + 1
		if end == 0 {
			return l.skip()
		}
	}
	b := block{first: l.line, text: string(l.buffer[:end])}
	l.line += int64(bytes.Count(l.buffer[:end], []byte("\n")))
	l.held = copy(l.buffer, l.buffer[end:l.held])
	return b, nil
}

// skip drops a line that is longer than the buffer.
func (l *lineReader) skip() (block, error) {
	b := block{first: l.line, tooLong: true}
	l.line++
	for {
		end := bytes.IndexByte(l.buffer[:l.held], '\n')
		if end >= 0 {
			l.held = copy(l.buffer, l.buffer[end+1:l.held])
			return b, nil
		}
		l.held = 0
		if l.ended {
			return b, nil
		}
		if err := l.fill(); err != nil {
			return block{}, err
		}
	}
}

// fill reads until the buffer is full or the file has ended.
func (l *lineReader) fill() error {
	if l.ended {
		return nil
	}
	n, err := io.ReadFull(l.file, l.buffer[l.held:])
	l.held += n
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		l.ended = true
	case err != nil:
		return fmt.Errorf("reading the file after line %d: %w", l.line-1, err)
	}
	return nil
}
