-- +goose Up
-- Devices that citizens have activated. credential is the SHA-256 of the passkey's id.
-- sealed holds the name, the passkey, the device key and where pushed messages go. Who
-- leaves a device unused loses it: sweep_at.
create table movil_devices (
    id text not null primary key,
    person_id text not null,
    credential bytea not null unique,
    sealed bytea not null,
    activated_at bigint not null,
    used_at bigint not null,
    sweep_at bigint not null
);
create index movil_devices_person on movil_devices (person_id);
create index movil_devices_sweep on movil_devices (sweep_at);

-- Devices that are about to be activated. id is the hash of what the browser holds.
-- sealed holds document and phone; secret is null when no code is live.
create table movil_activations (
    id text not null primary key,
    person_id text not null,
    how text not null check (how in ('sms', 'certificate')),
    secret bytea,
    sealed bytea not null,
    sends bigint not null,
    wrong bigint not null,
    sent_at bigint,
    expires_at bigint,
    proven_at bigint,
    sweep_at bigint not null
);
create index movil_activations_person on movil_activations (person_id);
create index movil_activations_sweep on movil_activations (sweep_at);

-- +goose Down
drop table movil_activations;
drop table movil_devices;
