-- +goose Up
-- What citizens were told about each change of their registration. sealed holds who it
-- is about and how they are reached. The verification code is public but belongs to who
-- holds the paper, so a row is found by its blind index. expires_at is long after the
-- change; see receipt.Keep.
create table receipts (
    id text not null primary key,
    code_index bytea not null unique,
    person_id text not null,
    fact text not null check (fact in ('registered', 'raised', 'changed', 'regenerated', 'withdrawn', 'revoked', 'lifted')),
    at bigint not null,
    sealed bytea not null,
    expires_at bigint not null
);
create index receipts_person on receipts (person_id, at);
create index receipts_expiry on receipts (expires_at);

-- The files of a receipt that were handed out, by their SHA-256.
create table receipt_copies (
    receipt_id text not null references receipts (id) on delete cascade,
    digest bytea not null,
    at bigint not null,
    primary key (receipt_id, digest)
);

-- +goose Down
drop table receipt_copies;
drop table receipts;
