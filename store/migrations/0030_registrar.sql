-- +goose Up
-- Counts the lines of a person's history, so that a missing one shows.
alter table persons add column changes bigint not null default 0;

-- What happened to each registration, one sealed line each, which is written once. id
-- is the person's and the number; both stand in the seal too. There is no expiry: a
-- citizen may ask after years what was done in their name.
create table registration_history (
    id text not null primary key,
    person_id text not null,
    number bigint not null,
    sealed bytea not null,
    unique (person_id, number)
);

-- Who claims a phone holds its row, so that two claims of one phone come one after the
-- other even when nobody has it yet. The rows say nothing more and are swept.
create table phone_claims (
    phone_index bytea not null primary key,
    claimed_at bigint not null
);
create index phone_claims_sweep on phone_claims (claimed_at);

-- The activation code that a person may have, as a keyed hash. There is no expiry: it
-- is good until a newer one, or until its person leaves.
create table activation_codes (
    person_id text not null primary key,
    sum bytea not null,
    issued_at bigint not null
);

-- +goose Down
drop table activation_codes;
drop table phone_claims;
drop table registration_history;
alter table persons drop column changes;
