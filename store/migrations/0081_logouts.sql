-- +goose Up
-- Who takes part in a session: the services that got a login of it and can be told, or
-- named, when it ends. told is what their front needs to name the citizen to them, and
-- sealed. A row comes with a login, in its transaction, before that of its session: so
-- there is no foreign key, and it goes when the session would end at the latest.
create table session_participants (
    session_id text not null,
    front text not null,
    service text not null,
    relying_party text not null,
    told bytea not null,
    at bigint not null,
    expires_at bigint not null,
    primary key (session_id, front, service)
);
create index session_participants_sweep on session_participants (expires_at);

-- Logouts on their way, for ten minutes: which services a citizen was logged in to, and
-- what to answer to whom, is in sealed.
create table logouts (
    id text not null primary key,
    sealed bytea not null,
    expires_at bigint not null
);
create index logouts_sweep on logouts (expires_at);

-- +goose Down
drop table logouts;
drop table session_participants;
