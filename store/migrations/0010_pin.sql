-- +goose Up
-- The challenge of each login by PIN. secret is a keyed hash of login, own half and
-- PIN; sealed holds the own half and the end of the phone's number. Both are null
-- before the first PIN, and again once it was used or voided. The login's row is
-- written later in the same transaction, so there is no foreign key to it.
create table pin_challenges (
    login_id text not null primary key,
    person_id text not null,
    secret bytea,
    sealed bytea,
    sends bigint not null,
    wrong bigint not null,
    sent_at bigint,
    expires_at bigint,
    spent_at bigint,
    sweep_at bigint not null,
    check ((secret is null) = (sealed is null)),
    check (spent_at is null or secret is null)
);
create index pin_challenges_sweep on pin_challenges (sweep_at);

-- When something that is limited happened: one row a subject, so that holding the
-- row is holding the count. times are microseconds since 1970, eight bytes each,
-- oldest first; how many there can be is bounded by the limits themselves.
-- subject is a person's id, or the blind index of a document or phone.
-- expires_at is null for a lock without end.
create table pin_tallies (
    kind text not null check (kind in ('pair', 'wrong', 'sms')),
    subject text not null,
    times bytea not null,
    locked_until bigint,
    expires_at bigint,
    primary key (kind, subject)
);
create index pin_tallies_expiry on pin_tallies (expires_at) where expires_at is not null;

-- +goose Down
drop table pin_tallies;
drop table pin_challenges;
