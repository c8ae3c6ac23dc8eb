-- +goose Up
-- Letters on paper. sealed holds address, code and language, and is erased when the
-- letter is handed over or dropped. A letter belongs to one batch for ever: that is what
-- keeps it from being printed twice.
create table letters (
    number text not null primary key,
    purpose text not null check (purpose in ('invitation')),
    state text not null check (state in ('queued', 'handed_over', 'returned', 'dropped')),
    sealed bytea,
    batch_id text,
    queued_at bigint not null,
    expires_at bigint not null,
    settled_at bigint,
    returned_at bigint,
    sweep_at bigint not null,
    check ((state = 'queued') = (sealed is not null))
);
create index letters_waiting on letters (queued_at) where state = 'queued' and batch_id is null;
create index letters_batch on letters (batch_id) where batch_id is not null;
create index letters_sweep on letters (sweep_at);

-- What is handed to a print house at once. spool names the folder that it is for.
create table letter_batches (
    id text not null primary key,
    spool text not null,
    state text not null check (state in ('open', 'staged', 'published')),
    count bigint not null,
    created_at bigint not null,
    staged_at bigint,
    published_at bigint,
    sweep_at bigint not null
);
create index letter_batches_unfinished on letter_batches (spool, created_at) where state <> 'published';
create index letter_batches_sweep on letter_batches (sweep_at);

-- The codes of invitation letters, as keyed hashes. document_index is an index of this
-- table's own: a stolen table cannot be joined with the register.
create table invitations (
    id text not null primary key,
    document_index bytea not null,
    letter_number text not null unique,
    sum bytea not null,
    issued_at bigint not null,
    expires_at bigint not null,
    ending text check (ending in ('spent', 'replaced', 'returned', 'void')),
    ended_at bigint,
    sweep_at bigint not null,
    check ((ending is null) = (ended_at is null))
);
create unique index invitations_live on invitations (document_index) where ended_at is null;
create index invitations_document on invitations (document_index, issued_at);
create index invitations_sweep on invitations (sweep_at);

-- When letters were asked for and wrong codes typed, for each document: one row, so that
-- holding it is holding everything about the document's letters. Times are microseconds
-- since 1970, eight bytes each, oldest first.
create table invitation_times (
    document_index bytea not null primary key,
    letters bytea not null,
    tries bytea not null,
    expires_at bigint not null
);
create index invitation_times_expiry on invitation_times (expires_at);

-- +goose Down
drop table invitation_times;
drop table invitations;
drop table letter_batches;
drop table letters;
