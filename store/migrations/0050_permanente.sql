-- +goose Up
-- The password of each person that has one. sealed holds the hashes of it and of the
-- one before. warned_at is null until the citizen was told that it ends. There is no
-- expiry: an old one is to be known as such, and goes with the registration.
create table passwords (
    person_id text not null primary key,
    sealed bytea not null,
    set_at bigint not null,
    warned_at bigint,
    always boolean not null
);

-- Codes under way that follow a password or an activation code. id is the login's, or
-- the hash of what the browser holds. sealed holds document, phone and what is to be
-- set; secret is null when no code is live.
create table password_codes (
    id text not null primary key,
    purpose text not null check (purpose in ('login', 'set', 'change')),
    person_id text not null,
    secret bytea,
    sealed bytea not null,
    sends bigint not null,
    wrong bigint not null,
    sent_at bigint,
    expires_at bigint,
    proven_at bigint,
    sweep_at bigint not null
);
create index password_codes_sweep on password_codes (sweep_at);

-- Wrong tries of an activation code: some void it.
alter table activation_codes add column wrong bigint not null default 0;

-- More is counted in the tallies than their first table allowed. Both engines can only
-- make it anew; it is as small as what was counted in a month.
create table wider_tallies (
    kind text not null,
    subject text not null,
    times bytea not null,
    locked_until bigint,
    expires_at bigint,
    primary key (kind, subject)
);
insert into wider_tallies (kind, subject, times, locked_until, expires_at)
select kind, subject, times, locked_until, expires_at
from pin_tallies;
drop table pin_tallies;
alter table wider_tallies rename to pin_tallies;
create index pin_tallies_expiry on pin_tallies (expires_at) where expires_at is not null;

-- +goose Down
delete from pin_tallies where kind not in ('pair', 'wrong', 'sms');
alter table activation_codes drop column wrong;
drop table password_codes;
drop table passwords;
