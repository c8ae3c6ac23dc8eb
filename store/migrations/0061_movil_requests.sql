-- +goose Up
-- What a browser asks of a citizen's devices: one for each login, which a later one
-- overwrites. id stands in QRs and in the app's addresses. person_id is null until a
-- device claims a request by QR. sealed holds the secret, the digits and where the
-- browser is. The login's row may be written later, so there is no foreign key.
create table movil_requests (
    login_id text not null primary key,
    id text not null unique,
    way text not null check (way in ('qr', 'document')),
    state text not null check (state in ('open', 'claimed', 'approved', 'rejected', 'disowned', 'replaced', 'spent')),
    person_id text,
    device_id text,
    sealed bytea not null,
    opened_at bigint not null,
    expires_at bigint not null,
    decided_at bigint,
    sweep_at bigint not null,
    check (state in ('open', 'replaced') or (person_id is not null and device_id is not null))
);
-- The app asks for what waits each few seconds while it is open.
create index movil_requests_waiting on movil_requests (person_id) where state in ('open', 'claimed');
create index movil_requests_sweep on movil_requests (sweep_at);

-- +goose Down
drop table movil_requests;
