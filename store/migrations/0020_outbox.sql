-- +goose Up
-- Messages on their way to people. sealed holds the recipient and the words and is
-- erased when the message leaves the state waiting. due_at is when a waiting row may be
-- claimed: in the future while a node holds it (its lease) or after a failed try. tries
-- counts the claims and fences a node whose lease ran out.
create table outbox (
    id text not null primary key,
    kind text not null check (kind in ('sms', 'mail', 'push', 'letter')),
    urgent boolean not null,
    purpose text not null,
    relying_party text,
    replaces text,
    state text not null check (state in ('waiting', 'handed_over', 'delivered', 'failed', 'expired', 'superseded')),
    sealed bytea,
    provider_id text,
    tries bigint not null,
    created_at bigint not null,
    due_at bigint not null,
    expires_at bigint not null,
    settled_at bigint,
    sweep_at bigint not null,
    check ((state = 'waiting') = (sealed is not null))
);

-- What a lane claims next.
create index outbox_due on outbox (kind, urgent, due_at) where state = 'waiting';

-- What expired unsent.
create index outbox_expiry on outbox (expires_at) where state = 'waiting';

-- The older message that a newer one replaces.
create index outbox_replaces on outbox (replaces) where state = 'waiting' and replaces is not null;

-- The message that a receipt is about.
create index outbox_provider on outbox (provider_id) where state = 'handed_over' and provider_id is not null;

-- What may be deleted.
create index outbox_sweep on outbox (sweep_at);

-- +goose Down
drop table outbox;
