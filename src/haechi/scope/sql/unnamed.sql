-- What the case showed, all minutes together: which [[exposes]] the shown pages touch, how many persons one of them
-- showed at most by its own count, how small the smallest page was that showed somebody, and whether a file of many people
-- is among them.
SELECT
    coalesce(sum(unnamed), 0)::BIGINT AS requests,
    coalesce(sum(entries), 0)::BIGINT AS entries,
    coalesce(bit_or(touched), 0) AS touched,
    coalesce(max(most), 0) AS most,
    min(smallest) AS smallest,
    coalesce(bool_or(files), FALSE) AS files
FROM scope_beat
