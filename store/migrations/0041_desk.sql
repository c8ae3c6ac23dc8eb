-- +goose Up
-- What officers looked up: under its id a session sees a citizen's data for a while.
-- sealed is the document, the reason and the handle of what was begun. Rows count for
-- the limit of look-ups, and stay a day for what was begun in them.
create table desk_cases (
    id text not null primary key,
    session_id text not null,
    officer_id text not null,
    office text not null,
    sealed bytea not null,
    opened_at bigint not null,
    expires_at bigint not null
);
create index desk_cases_officer on desk_cases (officer_id, opened_at);
create index desk_cases_expiry on desk_cases (expires_at);

-- What officers propose to do ex officio, until a supervisor decides. sealed is the
-- document and the number of the file. Nobody has two that are open.
create table proposals (
    id text not null primary key,
    person_id text not null references persons (id),
    change text not null check (change in ('revoked', 'lifted')),
    reason text not null,
    sealed bytea not null,
    proposer_id text not null,
    office text not null,
    state text not null check (state in ('open', 'approved', 'rejected', 'expired')),
    decider_id text,
    why text,
    proposed_at bigint not null,
    ends_at bigint not null,
    decided_at bigint,
    expires_at bigint not null
);
create unique index proposals_open on proposals (person_id) where state = 'open';
create index proposals_state on proposals (state, proposed_at);
create index proposals_proposer on proposals (proposer_id, proposed_at);
create index proposals_expiry on proposals (expires_at);

-- +goose Down
drop table proposals;
drop table desk_cases;
