-- How many accesses two findings both flag, where some flag by the million.
SELECT one, other, sum(accesses)::BIGINT AS accesses
FROM (
    SELECT a.finding AS one, b.finding AS other, count(*) AS accesses
    FROM flagged_row AS a
    JOIN flagged_row AS b USING (source, seq)
    WHERE a.finding < b.finding
    GROUP BY ALL
    UNION ALL
    SELECT a.finding, b.finding, sum(bit_count(a.bits & b.bits))
    FROM flagged_block AS a
    JOIN flagged_block AS b USING (source, block)
    WHERE a.finding < b.finding
    GROUP BY ALL
    UNION ALL
    SELECT least(a.finding, b.finding), greatest(a.finding, b.finding), count(*)
    FROM flagged_row AS a
    JOIN flagged_block AS b
        ON b.source = a.source AND b.block = a.seq // 8192 AND get_bit(b.bits, (a.seq % 8192)::INTEGER) = 1
    GROUP BY ALL
)
GROUP BY one, other
HAVING sum(accesses) > 0
ORDER BY ALL
