package papers

import (
	"crypto/sha256"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"

	"clave/census/receipt"
	"clave/web/page"
)

// compare tells whether a file is one of the copies that were handed out. The file is
// hashed as it comes in and kept nowhere.
func (p *Pages) compare(w http.ResponseWriter, r *http.Request) {
	code, digest, err := readFile(r)
	var tooLarge *http.MaxBytesError
	if err != nil && !errors.Is(err, errNoFile) && !errors.As(err, &tooLarge) {
		p.Engine.ErrorPage(w, r, http.StatusBadRequest, "route.bad_form", "")
		return
	}
	around := page.From(r.Context())
	around.Here = receipt.VerifyPath + "?" + url.Values{"code": {code}}.Encode()
	r = r.WithContext(page.With(r.Context(), around))
	a, ok := p.find(w, r, code)
	if !ok {
		return
	}
	switch {
	case errors.As(err, &tooLarge):
		a.Errors.Add("file", "papers.files.too_large")
	case err != nil:
		a.Errors.Add("file", "papers.files.missing")
	}
	if err != nil {
		p.answer(w, r, http.StatusUnprocessableEntity, a)
		return
	}
	a.Compared, a.Digest = true, digest.String()
	for _, c := range a.copies {
		if c.Digest == digest {
			line := p.line(p.Engine.Language(r), c)
			a.Same = &line
		}
	}
	p.answer(w, r, http.StatusOK, a)
}

// errNoFile says that the form came without a file.
var errNoFile = errors.New("the form has no file")

// codeBytes is the most that is read of the code, which stands before the file.
const codeBytes = 128

// readFile reads the two parts of the form, in the order in which the page has them.
func readFile(r *http.Request) (code string, d receipt.Digest, err error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return "", d, err
	}
	part, err := named(parts, "code")
	if err != nil {
		return "", d, err
	}
	typed, err := io.ReadAll(io.LimitReader(part, codeBytes))
	if err != nil {
		return "", d, err
	}
	code = string(typed)
	if part, err = named(parts, "file"); err != nil {
		return code, d, err
	}
	sum := sha256.New()
	n, err := io.Copy(sum, part)
	switch {
	case err != nil:
		return code, d, err
	case n == 0:
		return code, d, errNoFile
	case n > fileBytes:
		return code, d, &http.MaxBytesError{Limit: fileBytes}
	}
	return code, receipt.Digest(sum.Sum(nil)), nil
}

func named(parts *multipart.Reader, name string) (*multipart.Part, error) {
	part, err := parts.NextPart()
	if err == io.EOF || err == nil && part.FormName() != name {
		return nil, errNoFile
	}
	return part, err
}
