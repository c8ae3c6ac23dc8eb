-- +goose Up
-- Citizens as the reference data know them: one sealed blob a document, found by
-- blind index. deceased stands outside the blob because each step of a login asks it.
-- fingerprint is a keyed hash of what is sealed: equal rows are left alone by an
-- import, because most rows of a full file are what is held already.
create table reference (
    document_index bytea not null primary key,
    sealed bytea not null,
    fingerprint bytea not null,
    deceased boolean not null,
    updated_at bigint not null
);

-- One row a person: who has ever logged in or registered. level and channel are
-- null for the never registered; state is closed.
create table persons (
    id text not null primary key,
    document_index bytea not null unique,
    state text not null check (state in ('unregistered', 'registered', 'phone_revoked', 'withdrawn', 'revoked')),
    registration text check (registration in ('basic', 'advanced')),
    channel text check (channel in ('letter', 'video', 'certificate', 'office')),
    phone_index bytea,
    sealed bytea not null,
    language text not null,
    created_at bigint not null,
    registered_at bigint,
    changed_at bigint not null
);

-- One phone belongs to one citizen (BOE-A-2015-14215, annex I, 1.6).
create unique index persons_phone on persons (phone_index) where state = 'registered' and phone_index is not null;

-- +goose Down
drop table persons;
drop table reference;
