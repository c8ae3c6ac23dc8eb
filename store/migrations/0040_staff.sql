-- +goose Up
-- Who works at the desks. sealed is the name; role and offices are no secret. Rows
-- stay after the membership ended, for what the member did keeps naming them.
create table staff (
    person_id text not null primary key,
    role text not null,
    offices text not null,
    sealed bytea not null,
    since bigint not null,
    until bigint
);

-- Their sessions at the console, apart from those of citizens. expires_at is when the
-- row can be deleted.
create table staff_sessions (
    id text not null primary key,
    token_hash bytea not null unique,
    person_id text not null references staff (person_id),
    office text,
    login text not null,
    training boolean not null,
    started_at bigint not null,
    seen_at bigint not null,
    ended_at bigint,
    expires_at bigint not null
);
create index staff_sessions_person on staff_sessions (person_id) where ended_at is null;
create index staff_sessions_expiry on staff_sessions (expires_at);

-- +goose Down
drop table staff_sessions;
drop table staff;
