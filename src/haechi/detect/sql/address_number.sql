-- An address as 32 hexadecimal digits that sort as addresses do; IPv4 as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2), so that both
-- families compare. NULL where the text is no address. A zone (fe80::1%eth0) is left out.
CREATE OR REPLACE TEMP MACRO address_tail(v4) AS
list_aggregate(list_transform(string_split(v4, '.'), lambda octet: printf('%02x', TRY_CAST(octet AS INTEGER))), 'string_agg', '');

CREATE OR REPLACE TEMP MACRO address_groups(part) AS
coalesce(
    list_aggregate(
        list_transform(
            list_filter(string_split(part, ':'), lambda g: g <> ''),
            lambda g: CASE WHEN contains(g, '.') THEN address_tail(g) ELSE repeat('0', 4 - length(g)) || g END
        ),
        'string_agg', ''
    ),
    ''
);

CREATE OR REPLACE TEMP MACRO address_filled(head, tail, gap) AS
address_groups(head) || CASE WHEN gap THEN repeat('0', 32 - length(address_groups(head)) - length(address_groups(tail))) ELSE '' END
|| address_groups(tail);

CREATE OR REPLACE TEMP MACRO address_checked(number) AS
CASE WHEN regexp_full_match(number, '[0-9a-f]{32}') THEN number END;

CREATE OR REPLACE TEMP MACRO address_number(address) AS
address_checked(
    CASE
        WHEN regexp_full_match(address, '[0-9]{1,3}([.][0-9]{1,3}){3}')
            THEN '00000000000000000000ffff' || address_tail(address)
        WHEN contains(address, ':') AND regexp_full_match(address, '[0-9A-Fa-f:.]+(%.*)?')
            AND NOT regexp_matches(address, '[0-9A-Fa-f]{5}|::.*::')
            THEN address_filled(
                split_part(split_part(lower(address), '%', 1), '::', 1),
                split_part(split_part(lower(address), '%', 1), '::', 2),
                contains(address, '::')
            )
    END
);
