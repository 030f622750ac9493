"""What the catalogue says of a warehouse's roles, schemas, tables and functions, against what each may at most."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from district_reports.database.roles import COMPARER, OWNER, Role

LOADER, PUBLISHER, READER, ANALYST, INSIDER, PAGES = (
    role.value for role in (Role.LOADER, Role.PUBLISHER, Role.READER, Role.ANALYST, Role.INSIDER, Role.PAGES)
)
TAKES_IN = {"SELECT", "INSERT", "UPDATE"}
ADDS = {"SELECT", "INSERT"}
READS = {"SELECT"}

# What a table that is made tomorrow may be open to, by its schema; sequences to USAGE besides.
BY_SCHEMA: dict[str, dict[str, set[str]]] = {
    "ledger": {LOADER: TAKES_IN, READER: READS},
    "findings": {LOADER: ADDS, READER: READS},
    "quarantine": {LOADER: ADDS, READER: READS},
    "facts": {LOADER: TAKES_IN, PUBLISHER: READS, READER: READS},
    "identities": {LOADER: TAKES_IN, READER: READS},
    "reference": {LOADER: READS, PUBLISHER: READS, READER: READS},
    "history": {LOADER: READS, PUBLISHER: READS, READER: READS},
    "reconciliation": {LOADER: READS, PUBLISHER: READS, READER: READS},
    "city": {INSIDER: READS, READER: READS},
    "city_now": {INSIDER: READS, READER: READS},
    "outside": {INSIDER: READS, READER: READS},
    "outside_now": {INSIDER: READS, READER: READS},
    "outgoing": {PUBLISHER: READS, READER: READS, PAGES: READS},
    "city_draft": {},
    "migrations": {},
}
# What stands in no default, table by table.
BY_TABLE: dict[str, dict[str, set[str]]] = {
    "ledger.reader_run": {LOADER: {"DELETE"}},
    "city.release": {PUBLISHER: ADDS},
    "city.release_source": {PUBLISHER: ADDS, PAGES: READS},
    "city.release_area": {PUBLISHER: ADDS},
    "city.release_change": {PUBLISHER: ADDS, PAGES: READS},
    "city.release_definition": {PUBLISHER: ADDS, PAGES: READS},
    "city.release_content": {PUBLISHER: ADDS},
    **{f"outgoing.{name}": {PUBLISHER: ADDS} for name in ("prepared", "withheld", "worked_off")},
    **{f"outside.{name}": {PUBLISHER: ADDS, ANALYST: READS} for name in ("release", "revoked", "release_change")},
    "ledger.lock_exception": {PUBLISHER: READS, PAGES: READS},
    **{f"ledger.{name}": {PUBLISHER: READS} for name in ("in_force", "submission_file", "release_file")},
    **{f"ledger.{name}": {PAGES: READS} for name in ("access_log", "reminder", "seen_files")},
    **{f"reconciliation.{name}": {PUBLISHER: ADDS} for name in ("run", "item", "observation", "side")},
    **{f"reconciliation.{name}": {LOADER: ADDS} for name in ("explanation", "returned", "returned_row", "delivered")},
    "reconciliation.secret": {COMPARER: READS},
    "identities.named_row": {COMPARER: READS},
    "quarantine.quarantined_row": {COMPARER: READS},
    "ledger.sheet_count": {PUBLISHER: READS, PAGES: READS},
    **{
        f"{name}": {PAGES: READS}
        for name in (
            *("ledger.receipt", "ledger.submission", "ledger.report", "ledger.counted_report", "ledger.own_receipt"),
            *("findings.shown_finding", "findings.shown_rule_count"),
        )
    },
}
COLUMNS: dict[tuple[str, str, str], set[str]] = {
    ("ledger.receipt", PUBLISHER, "SELECT"): {"receipt_id", "noted_at"},
    ("ledger.submission", PUBLISHER, "SELECT"): {
        *("submission_id", "receipt_id", "form", "period", "district_code", "channel", "nil_return", "state"),
        *("outcome", "rules_hash", "library_version", "duplicate_of", "replaced_by", "recheck_of", "withdraws"),
        *("restores", "received_at", "checked_at", "decided_at", "answered_at"),
        "token_key_version",
    },
    ("city.release", PAGES, "SELECT"): {
        *("release_id", "released_at", "known_at", "day", "as_of", "rules_hash", "library_version", "note"),
    },
    ("outgoing.request", PAGES, "INSERT"): {"what", "release_id", "prepared_id", "reason", "asked_by"},
    ("ledger.lock_exception", PAGES, "INSERT"): {
        *("form", "district_code", "period", "until", "reason", "granted_by", "granted_at"),
    },
    ("ledger.reminder", PAGES, "INSERT"): {
        *("form", "district_code", "period", "note", "reminded_by", "reminded_at"),
    },
    ("ledger.seen_files", PAGES, "INSERT"): {"district_code", "up_to", "seen_by", "seen_at"},
    ("reconciliation.ruling", PAGES, "INSERT"): {"item_id", "spell", "closes", "reason", "ruled_by"},
    ("ledger.access_log", PAGES, "INSERT"): {
        *("viewer", "role", "district_code", "address", "kind", "subject", "status"),
    },
}
DEFINERS = {
    # It keeps 180 days, whatever it is asked.
    ("ledger.forget_access", LOADER),
    # They tell which rows differ, and nothing that stands in them.
    *((f"reconciliation.{name}", PUBLISHER) for name in ("differing_names", "quarantined_persons", "token_twins")),
    # They show a viewer no more than its district's own, or mask it.
    *((f"reconciliation.{name}", PAGES) for name in ("shown_items", "shown_items_of", "shown_sides", "shown_history")),
}
"""Functions that work as their owner for another."""
OPEN_TO_PAGES = {
    *("ledger.sheet_count", "city.release", "city.release_definition"),  # no district's, and no figure
    "outside.revoked",  # told to everybody
}
MEMBERS = {(OWNER, Role.MIGRATOR.value), (PUBLISHER, OWNER), (COMPARER, OWNER), (ANALYST, PAGES)}
NO_LOGIN = {OWNER, COMPARER}
FACES = {
    "city": {PAGES: READS},
    "city_now": {PAGES: READS},
    "outside": {ANALYST: READS},
    "outside_now": {ANALYST: READS},
}
"""Who else reads what the publisher has made, under row security."""
_FILLED = ("city", "outside")
_OURS = "{0} !~ '^pg_' AND {0} <> 'information_schema'"


def openings(connection: Connection) -> list[str]:
    """Whatever is open to somebody to whom it should not be, in words."""
    return [*_roles(connection), *_schemas(connection), *_relations(connection), *_functions(connection)]


def _roles(connection: Connection) -> Iterator[str]:
    found = connection.execute(
        text(
            "SELECT rolname, rolcanlogin, rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls"
            " AS mighty FROM pg_roles WHERE rolname LIKE 'district_reports_%'"
        )
    ).all()
    for name, logs_in, mighty in found:
        if mighty or logs_in != (name not in NO_LOGIN):
            yield f"role {name}: it has powers over the server, or a login too many"
    members = connection.execute(
        text(
            "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members"
            " WHERE member::regrole::text LIKE 'district_reports_%'"
        )
    ).all()
    for role, member in {tuple(row) for row in members} - MEMBERS:
        yield f"role {member}: a member of {role}"
    for (grantee,) in connection.execute(
        text(
            "SELECT DISTINCT grantee::regrole::text FROM pg_database, aclexplode(datacl)"
            " WHERE datname = current_database() AND grantee <> datdba"
        )
    ):
        if grantee == "-":
            yield "database: open to PUBLIC"


def _schemas(connection: Connection) -> Iterator[str]:
    rows = connection.execute(
        text(
            "SELECT nspname, nspowner::regrole::text, grantee::regrole::text, privilege_type"
            " FROM pg_namespace LEFT JOIN LATERAL aclexplode(nspacl) ON true WHERE " + _OURS.format("nspname")
        )
    ).all()
    for schema, owner, grantee, privilege in rows:
        if schema == "public":
            if (grantee, privilege) == ("-", "CREATE"):
                yield "schema public: PUBLIC may make things in it"
            continue
        if schema not in BY_SCHEMA or owner != OWNER:
            yield f"schema {schema}: unknown here, or {owner}'s"
        if grantee == "-":
            yield f"schema {schema}: {privilege} to PUBLIC"
        if privilege == "CREATE" and grantee not in (owner, *([PUBLISHER] if schema.startswith(_FILLED) else [])):
            yield f"schema {schema}: CREATE to {grantee}"


def _relations(connection: Connection) -> Iterator[str]:
    rows = connection.execute(
        text(
            "SELECT nspname, nspname || '.' || relname AS name, relkind::text AS kind,"
            " relowner::regrole::text AS owner, grantee::regrole::text AS grantee,"
            " array_agg(privilege_type::text) AS privileges"
            " FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
            " LEFT JOIN LATERAL aclexplode(relacl) ON true"
            f" WHERE relkind <> 'i' AND {_OURS.format('nspname')} GROUP BY 1, 2, 3, 4, 5"
        )
    ).all()
    for row in rows:
        if row.owner != OWNER and not (row.owner == PUBLISHER and row.nspname.startswith(_FILLED)):
            yield f"{row.name}: it is {row.owner}'s"
        if row.grantee in (None, row.owner):
            continue
        allowed = BY_SCHEMA.get(row.nspname, {}).get(row.grantee, set()) | BY_TABLE.get(row.name, {}).get(
            row.grantee, set()
        )
        if row.owner == PUBLISHER:
            allowed |= FACES.get(row.nspname, {}).get(row.grantee, set())
        if row.kind == "S" and row.nspname == "ledger" and row.grantee == LOADER:
            allowed = {"USAGE"}
        if surplus := set(row.privileges) - allowed:
            yield f"{row.name}: {sorted(surplus)} to {'PUBLIC' if row.grantee == '-' else row.grantee}"
    columns = connection.execute(
        text(
            "SELECT attrelid::regclass::text, grantee::regrole::text, privilege_type::text,"
            " array_agg(attname::text) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
            " JOIN pg_namespace ON pg_namespace.oid = relnamespace CROSS JOIN aclexplode(attacl)"
            f" WHERE {_OURS.format('nspname')} GROUP BY 1, 2, 3"
        )
    ).all()
    for name, grantee, privilege, given in columns:
        if surplus := set(given) - COLUMNS.get((name, grantee, privilege), set()):
            yield f"{name}: {privilege} of {sorted(surplus)} to {grantee}"
    # The pages see the rows of their viewer, and the analyst what is not revoked: both under row security.
    bare = connection.scalars(
        text(
            "SELECT relnamespace::regnamespace || '.' || relname FROM pg_class WHERE relkind = 'r'"
            f" AND {_OURS.format('relnamespace::regnamespace::text')} AND NOT relrowsecurity"
            f" AND has_any_column_privilege('{PAGES}', oid, 'SELECT')"
        )
    )
    yield from (f"{name}: the pages read every row" for name in bare if name not in OPEN_TO_PAGES)
    definers = connection.scalars(
        text(
            "SELECT relnamespace::regnamespace || '.' || relname FROM pg_class WHERE relkind = 'v'"
            f" AND {_OURS.format('relnamespace::regnamespace::text')}"
            f" AND has_table_privilege('{PAGES}', oid, 'SELECT')"
            " AND NOT coalesce('security_invoker=true' = ANY(reloptions), false)"
            " AND pg_get_viewdef(oid) !~ 'ledger\\.shown\\('"
        )
    )
    yield from (f"{name}: the pages read through it whatever its owner may" for name in definers)
    # What was released or asked for is added to, and nothing else.
    loose = connection.scalars(
        text(
            "SELECT relnamespace::regnamespace || '.' || relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace::regnamespace::text IN ('city', 'city_now', 'outside', 'outside_now', 'outgoing')"
            " AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = pg_class.oid AND tgname = 'keep'"
            " AND tgenabled = 'A' AND tgfoid = 'city.keep'::regproc)"
        )
    )
    yield from (f"{name}: its rows can be altered" for name in loose)


def _functions(connection: Connection) -> Iterator[str]:
    rows = connection.execute(
        text(
            "SELECT nspname || '.' || proname AS name, prosecdef, coalesce(proconfig, '{}') AS config,"
            " coalesce(proacl, acldefault('f', proowner)) AS acl, grantee::regrole::text AS grantee,"
            " proowner::regrole::text AS owner"
            " FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace"
            " LEFT JOIN LATERAL aclexplode(coalesce(proacl, acldefault('f', proowner))) ON true"
            f" WHERE {_OURS.format('nspname')}"
        )
    ).all()
    for row in rows:
        if row.grantee == "-":
            yield f"function {row.name}: PUBLIC may call it"
        if row.prosecdef and 'search_path=""' not in row.config:
            yield f"function {row.name}: it works as {row.owner}, along the caller's path"
        if row.prosecdef and row.grantee != row.owner and (row.name, row.grantee) not in DEFINERS:
            yield f"function {row.name}: it works as {row.owner} for {row.grantee}"
