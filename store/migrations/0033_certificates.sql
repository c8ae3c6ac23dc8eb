-- +goose Up
-- What was seen of the certificate that was last shown for a login, until its browser
-- is back. asked_at is when the handle was made that it came by: only a later one
-- replaces it, so that each handle works once and there is one row a login. sealed
-- holds names, number and what is wrong, and is erased when the ticket was spent. The
-- login's row is written later, when the browser is back, so there is no foreign key.
create table certificate_presentations (
    login_id text not null primary key,
    asked_at bigint not null,
    ticket_hash bytea not null,
    sealed bytea,
    expires_at bigint not null,
    spent_at bigint,
    sweep_at bigint not null
);
create index certificate_presentations_sweep on certificate_presentations (sweep_at);

-- The names that a certificate gives to who is not in the reference data, which win
-- wherever they know the document.
create table certified_names (
    person_id text not null primary key references persons (id),
    sealed bytea not null,
    changed_at bigint not null
);

-- +goose Down
drop table certified_names;
drop table certificate_presentations;
