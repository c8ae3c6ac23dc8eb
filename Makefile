# make run     build and start the complete sandbox: http://localhost:8080
# make test    every check and test, on both databases and in a real browser
# make check   formatting, vet, staticcheck, known vulnerabilities
# make bench   measure complete logins and registrations on both databases

GO          ?= go
PACKAGES    ?= ./...
TIMEOUT     ?= 40m
BENCHFLAGS  ?=
# The race detector watches all but SQLite and its C library: they are C that a machine
# translated to Go, where a connection has one goroutine at a time, and watching them
# took half of the store's tests. The driver, which is Go, is watched.
RACE         = -race -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc/...=-race=false
STATICCHECK  = honnef.co/go/tools/cmd/staticcheck@v0.8.0
GOVULNCHECK  = golang.org/x/vuln/cmd/govulncheck@v1.1.4

.PHONY: run build test check format vet staticcheck vulnerabilities bench deps

run: build
	./bin/clave dev

build:
	$(GO) build -o bin/clave ./cmd/clave

test: deps check
	$(GO) test $(RACE) -shuffle=on -timeout $(TIMEOUT) $(PACKAGES)

check: format vet staticcheck vulnerabilities

format:
	@unformatted=$$(gofmt -l $$($(GO) list -f '{{.Dir}}' ./...)); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run gofmt -w:"; echo "$$unformatted"; exit 1; fi

vet:
	$(GO) vet ./...

staticcheck:
	$(GO) run $(STATICCHECK) ./...

# The database of vulnerabilities is on the network; without it the rest of the
# checks is still worth something.
vulnerabilities:
	@out=$$($(GO) run $(GOVULNCHECK) ./... 2>&1); status=$$?; \
	if [ $$status -ne 0 ] && echo "$$out" | grep -Eq 'fetching vulnerabilities|dial tcp|no such host|proxyconnect|HTTP GET'; then \
		echo "govulncheck: SKIPPED, its database cannot be reached"; \
	else echo "$$out"; exit $$status; fi

bench:
	$(GO) run ./test/load --engine postgres,sqlite $(BENCHFLAGS)
	$(GO) run ./test/load --engine postgres,sqlite --front saml --registrations 0 $(BENCHFLAGS)

# What the tests need beside Go: PostgreSQL, Chromium, axe-core, the proxies of
# docs/operations.md and a few tools of the formats we write. Installed from Debian
# and npm when missing.
deps:
	@missing=""; \
	need() { command -v $$1 >/dev/null 2>&1 || missing="$$missing $$2"; }; \
	need chromium chromium; need xmlsec1 xmlsec1; need openssl openssl; need certutil libnss3-tools; need pdftotext poppler-utils; need npm npm; \
	PATH="$$PATH:/usr/sbin"; need nginx nginx-light; need haproxy haproxy; need apache2 apache2-bin; \
	test -f /usr/lib/nginx/modules/ngx_http_js_module.so || missing="$$missing libnginx-mod-http-js"; \
	ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || need postgres postgresql; \
	if [ -n "$$missing" ]; then \
		as=""; \
		if [ "$$(id -u)" -ne 0 ]; then \
			as="sudo -n"; \
			sudo -n true 2>/dev/null || { echo "the tests need$$missing; install them: apt-get install$$missing"; exit 1; }; \
		fi; \
		echo "installing$$missing"; \
		$$as apt-get update -q && $$as env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$missing; \
	fi
	@test -f test/browser/node_modules/axe-core/axe.min.js || npm ci --prefix test/browser --ignore-scripts --no-audit --no-fund
